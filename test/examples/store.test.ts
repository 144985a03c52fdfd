import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, parseJson } from '../../src/events/json';
import { makeDatabase, type Database } from '../support/postgres';
import { lastStatus, Store } from './store';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const ON_LINE = { type: 'messenger', ...LINE } as const;
const ERRORS = 'read the text and act';
/** A letter that breaks out of a carelessly written query, and some that are hard to store. */
const TEXT = `Robert'); DROP TABLE chatapp_events;-- "§" 🌷 \\u0041`;

describe('the example of a store in PostgreSQL', () => {
  let database: Database;
  let store: Store;
  const ends: (() => Promise<unknown>)[] = [];

  before(async function () {
    const made = await makeDatabase();
    if (!made) {
      console.log('      skipped: no PostgreSQL answers here, and none is installed (apt-get install postgresql)');
      return this.skip();
    }
    database = made;
    ends.unshift(() => database.end());
    store = await Store.start(database);
    ends.unshift(() => store.close());
  });

  after(async () => {
    for (const end of ends) await end();
  });

  afterEach(() => store.clear());

  it('makes its table and writes every event into it, with line, chat, times and the whole item', async () => {
    const flow = await store.run();
    const { id, time } = store.stage.simulator.message({ ...LINE, text: TEXT, chat: '7' });
    store.stage.announce('chatTag', ON_LINE, { type: 'add', tag: { id: 6, name: 'urgent' }, chat: { id: '7' } });
    await store.written(flow, 2);
    const rows = await store.rows();
    const message = rows.find(({ event }) => event === 'message') ?? assert.fail('there is no row of the message');
    const tag = rows.find(({ event }) => event === 'chatTag');
    assert.deepEqual([message.line, message.messenger, message.chat, message.message], ['50101', 'telegram', '7', id]);
    assert.equal(Number(message.happened_at), time * 1000);
    assert.ok(Math.abs(Number(message.received_at) - Date.now()) < 10_000);
    assert.deepEqual([message.recovered, message.sample], [false, false]);
    assert.equal(message.text, TEXT);
    assert.equal(message.meta_line, '50101');
    assert.deepEqual([tag?.chat, tag?.message, tag?.happened_at], ['7', null, null]);
  });

  it('keeps a message as one row with its newest text, and each of its statuses and reactions as a row of its own', async () => {
    const flow = await store.run();
    const { id, time } = store.stage.simulator.message({ ...LINE, text: 'secnd', chat: '7' });
    store.stage.simulator.message({ ...LINE, id, time, text: 'second', edited: true, chat: '7' });
    // Two chats may each have a message of this id.
    store.stage.simulator.message({ ...LINE, id, text: 'another', chat: '8' });
    const status = { id, time, chat: { id: '7' } };
    for (const type of ['sent', 'delivered']) store.stage.announce('messageStatus', ON_LINE, { ...status, type });
    const reaction = { ...status, action: 'react', reaction: '❤️', fromUser: { id: '7' } };
    store.stage.announce('messageReaction', ON_LINE, reaction);
    store.stage.announce('messageReaction', ON_LINE, { ...reaction, fromUser: { id: '9' } });
    await store.written(flow, 7);
    const kept = (await store.rows()).map(({ event, text, type, who }) => [event, text ?? who ?? type].join(': '));
    assert.deepEqual(kept.sort(), [
      'message: another',
      'message: second',
      'messageReaction: 7',
      'messageReaction: 9',
      'messageStatus: delivered',
      'messageStatus: sent',
    ]);
  });

  it('writes events that may rightly repeat as often as they come', async () => {
    const flow = await store.run();
    for (let count = 0; count < 3; count++) store.stage.announce('chatRead', ON_LINE, { chat: { id: '7' } });
    await store.written(flow, 3);
    assert.equal((await store.rows()).length, 3);
  });

  it('keeps what comes while the database is down, shows it, says why once, and writes it when it is back', async () => {
    await store.proxy.down();
    const flow = await store.run();
    const texts = ['one', 'two', 'three'];
    for (const text of texts) store.stage.simulator.message({ ...LINE, text });
    await store.stage.nodeRed.until('what waits', () => /^3 waiting: .*ECONNREFUSED/.test(lastStatus(flow)));
    assert.match(JSON.stringify(flow.shown(ERRORS)[0]), /ECONNREFUSED/);
    await flow.press('every 5 seconds');
    await store.proxy.up();
    await flow.press('every 5 seconds');
    await store.written(flow, 3);
    assert.deepEqual((await store.rows()).map(({ text }) => text).sort(), [...texts].sort());
    assert.equal(flow.shown(ERRORS).length, 1);
    // The next outage is told as well.
    await store.proxy.down();
    store.stage.simulator.message({ ...LINE, text: 'four' });
    await store.stage.nodeRed.until('the second outage', () => flow.shown(ERRORS).length > 1);
  });

  it('doubles nothing where the connection breaks after the row was written', async () => {
    const flow = await store.run();
    store.stage.announce('chatRead', ON_LINE, { chat: { id: 'first' } });
    await store.written(flow, 1);
    store.proxy.swallowAnswers(true);
    store.stage.announce('chatRead', ON_LINE, { chat: { id: 'second' } });
    await store.stage.nodeRed.until('what waits', () => lastStatus(flow).startsWith('1 waiting'));
    assert.equal((await store.rows()).length, 2);
    store.proxy.swallowAnswers(false);
    await flow.press('every 5 seconds');
    await store.written(flow, 2);
    assert.deepEqual((await store.rows()).map(({ chat }) => chat).sort(), ['first', 'second']);
  });

  it('keeps what waits over a deploy', async () => {
    await store.proxy.down();
    const before = await store.run();
    store.stage.simulator.message({ ...LINE, text: 'kept' });
    await store.stage.nodeRed.until('what waits', () => lastStatus(before).startsWith('1 waiting'));
    // The database comes back only then: the flow before must not write it.
    const after = await store.run();
    await store.proxy.up();
    await store.written(after, 1);
    assert.equal((await store.rows())[0]?.text, 'kept');
  });

  it('closes its connections with the deploy', async () => {
    const flow = await store.run();
    store.stage.announce('chatRead', ON_LINE);
    await store.written(flow, 1);
    await store.stage.deploy([]);
    const others = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database.name}' AND pid <> pg_backend_pid()`;
    // The server ends a connection a moment after the client has said goodbye.
    let left = await database.ask(others);
    for (let tries = 0; left.length > 0 && tries < 100; tries++) left = await database.ask(others);
    assert.deepEqual(left, []);
  });

  it('puts aside what the database can never take, and goes on with what comes after', async () => {
    const file = join(store.stage.folder, 'refused.jsonl');
    const flow = await store.run({ REFUSED_FILE: file });
    const { id } = store.stage.simulator.message({ ...LINE, text: 'with a zero byte: \u0000' });
    store.stage.simulator.message({ ...LINE, text: 'after it' });
    await store.written(flow, 1);
    assert.deepEqual(
      (await store.rows()).map(({ text }) => text),
      ['after it'],
    );
    await store.stage.nodeRed.until('the refusal', () => flow.shown('refused, kept in the file').length > 0);
    const kept = parseJson(readFileSync(file, 'utf8'));
    assert.ok(isRecord(kept));
    assert.deepEqual([kept.message, kept.reason], [id, 'unsupported Unicode escape sequence']);
  });

  it('tells how long customers waited for the first answer', async () => {
    const flow = await store.run();
    const now = Math.floor(Date.now() / 1000);
    const talk = (chat: string, side: 'in' | 'out', minutesAgo: number): void => {
      store.stage.simulator.message({ ...LINE, chat, side, time: now - 60 * minutesAgo });
    };
    talk('7', 'in', 60);
    talk('7', 'in', 59);
    talk('7', 'out', 56);
    talk('7', 'out', 55);
    talk('7', 'in', 50);
    talk('7', 'out', 40);
    talk('9', 'in', 30);
    store.stage.simulator.message({ licenseId: '50102', messengerType: 'instagram', side: 'in' });
    await store.written(flow, 8);
    await flow.press('first response times');
    await store.stage.nodeRed.until('the answer', () => flow.shown('how long, by line').length > 0);
    assert.deepEqual(flow.shown('how long, by line')[0], [
      {
        line: '50101',
        messenger: 'telegram',
        questions: 3,
        answered: 2,
        half_within_minutes: 7,
        most_within_minutes: 9.4,
      },
      {
        line: '50102',
        messenger: 'instagram',
        questions: 1,
        answered: 0,
        half_within_minutes: null,
        most_within_minutes: null,
      },
    ]);
  });
});

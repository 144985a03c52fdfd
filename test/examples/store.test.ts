import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isInstalled } from '../../scripts/example-flows';
import { ExampleHarness, type RunningExample } from '../support/example-harness';
import { HttpStub } from '../support/http-stub';
import { WAIT_LIMIT } from '../support/wait-limit';
import { makeDatabase, type Database, type Row } from '../support/postgres';
import { TcpProxy } from '../support/tcp-proxy';

const MODULE = 'node-red-contrib-postgresql';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const EVE = { id: '7001', name: 'Eve', phone: '77000000001' };
/** It breaks out of a carelessly written query, and holds what is hard to store. */
const TEXT = `Robert'); DROP TABLE chatapp_messages;-- "§" 🌷 \\u0041 {{text}} $1`;

describe('the example of a store in PostgreSQL', () => {
  let database: Database;
  let harness: ExampleHarness;
  let proxy: TcpProxy;
  let alerts: HttpStub;
  const ends: (() => Promise<unknown>)[] = [];

  before(async function () {
    if (!isInstalled(MODULE)) {
      console.log(`      skipped: the node of this example is not installed (npm install --no-save ${MODULE}@0.16.2)`);
      return this.skip();
    }
    const made = await makeDatabase();
    if (!made) {
      console.log('      skipped: no PostgreSQL answers here, and none is installed (apt-get install postgresql)');
      return this.skip();
    }
    database = made;
    ends.unshift(() => database.end());
    proxy = await TcpProxy.start(database.port, database.host);
    ends.unshift(() => proxy.down());
    alerts = await HttpStub.start();
    ends.unshift(() => alerts.down());
    harness = await ExampleHarness.start();
    ends.unshift(() => harness.close());
  });

  after(async () => {
    for (const end of ends) await end();
  });

  afterEach(async () => {
    await harness.deploy([]);
    await database.ask('DROP TABLE IF EXISTS chatapp_messages');
  });

  async function run(): Promise<RunningExample> {
    const variables = { ALERT_URL: alerts.url };
    const { name, user } = database;
    const to = { host: '127.0.0.1', port: String(proxy.port), database: name, connectionTimeout: '1000' };
    const nodes = (await harness.imported('store/postgres', { variables })).map((node) =>
      node.type === 'postgreSQLConfig' ? { ...node, ...to, credentials: { user, password: '' } } : node,
    );
    const flow = await harness.deploy(nodes);
    await flow.untilListening();
    return flow;
  }

  /** The rows once they have these texts. */
  async function rowsOf(...texts: readonly string[]): Promise<Row[]> {
    const end = Date.now() + WAIT_LIMIT;
    for (;;) {
      const rows = await database.ask('SELECT * FROM chatapp_messages ORDER BY chat, time');
      const found = rows.map(({ text }) => String(text));
      if (isDeepStrictEqual(found, texts)) return rows;
      assert.ok(Date.now() < end, `these texts were expected: ${texts.join(', ')}; there are: ${found.join(', ')}`);
      await pause(20);
    }
  }

  it('makes its table, and adds a message of a customer and the answer to it as rows', async () => {
    await run();
    const { id, time } = harness.simulator.message({ ...LINE, text: TEXT, chat: EVE });
    harness.simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: { ...EVE, id: '7002' } });
    const [question, answer] = await rowsOf(TEXT, 'an answer');
    assert.ok(question && answer);
    const { fields, time: at, ...columns } = question;
    assert.deepEqual(columns, {
      chat: '50101/telegram/7001',
      message: id,
      line: 'Flower shop',
      messenger: columns.messenger,
      direction: 'in',
      name: 'Eve',
      phone: '+77000000001',
      text: TEXT,
      file: null,
    });
    assert.equal(Number(at), time * 1000);
    assert.ok(JSON.stringify(fields).includes('"licenseId":"50101"'));
    assert.equal(answer.direction, 'out');
  });

  it('keeps a message as one row, with its newest text', async () => {
    await run();
    const { id, time } = harness.simulator.message({ ...LINE, text: 'secnd', chat: EVE });
    harness.simulator.message({ ...LINE, id, time, text: 'second', edited: true, chat: EVE });
    // Two chats may each have a message with this id.
    harness.simulator.message({ ...LINE, id, text: 'another', chat: { ...EVE, id: '7002' } });
    await rowsOf('second', 'another');
  });

  it('adds a message when the database is back, once', async () => {
    const flow = await run();
    harness.simulator.message({ ...LINE, text: 'before', chat: EVE });
    await rowsOf('before');
    await proxy.down();
    harness.simulator.message({ ...LINE, text: 'meanwhile', chat: EVE });
    await harness.nodeRed.until('the failure', () =>
      String(flow.statuses('a message').at(-1)?.text).startsWith('retry'),
    );
    await proxy.up();
    await rowsOf('before', 'meanwhile');
    assert.equal(alerts.requests.length, 0);
  });
});

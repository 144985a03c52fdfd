import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import type { History, HistoryQuery } from '../../src/api/history';
import type { Item } from '../../src/events';
import type { Receive } from '../../src/feed/feed';
import type { ItemFilter } from '../../src/feed/listener';
import { Positions } from '../../src/feed/positions';
import { silentLog } from '../../src/log';
import { memoryStore, type Store } from '../../src/store';
import { address, WebhookDesk, TELEGRAM } from '../support/webhook-desk';
import { FeedStage, lineChannel } from '../support/feed-stage';
import { Heard } from '../support/heard';

const CHANNEL = lineChannel(TELEGRAM);
const MINUTE = 60_000;
const meta = (type: string): object => ({ type, licenseId: 50101, messengerType: 'telegram' });

/** A line that is heard by webhook, and its history. */
class WebhookLine {
  readonly desk = new WebhookDesk();
  readonly clock = this.desk.clock;
  readonly written: Item[] = [];
  /** How often the history was read. */
  reads = 0;
  /** Why the history cannot be read. */
  trouble: Error | undefined;
  stage: FeedStage;
  positions: Positions | undefined;

  constructor(
    readonly receive: Exclude<Receive, 'socket'>,
    readonly store: Store = memoryStore(),
  ) {
    this.stage = this.start();
  }

  /** Another run of the process. */
  start(): FeedStage {
    const positions = new Positions(this.store, 'positions', this.clock, silentLog);
    this.positions = positions;
    this.stage = new FeedStage({
      clock: this.clock,
      hours: 24,
      positions,
      readHistory: (query) => this.#read(query),
      webhook: { ...this.desk.api, receive: this.receive },
    });
    return this.stage;
  }

  /** Somebody writes; where it is announced, by the doors named. */
  say(id: string, ...doors: readonly ('socket' | 'webhook')[]): Item {
    const item = { id, time: Math.floor(this.clock.now() / 1_000), side: 'in', chat: { id: 7 } };
    this.written.push(item);
    for (const door of doors) this.announce('message', item, door);
    return item;
  }

  announce(event: string, item: object, door: 'socket' | 'webhook'): void {
    const envelope = structuredClone({ data: [item], meta: meta(event) });
    if (door === 'socket') this.stage.feed.onEvent(CHANNEL, event, envelope);
    else this.stage.feed.receiveCallback(TELEGRAM, envelope);
  }

  async #read({ since }: HistoryQuery): Promise<History> {
    this.reads += 1;
    await Promise.resolve();
    if (this.trouble) throw this.trouble;
    return { items: structuredClone(this.written.filter(({ time }) => Number(time) > since)), cutChats: 0 };
  }
}

const toLine = (filter: Partial<ItemFilter> & { id?: string } = {}): Heard =>
  new Heard({ type: 'messenger', ...TELEGRAM }, { id: 'node-1', ...filter });
const ids = ({ deliveries }: Heard): string[] =>
  deliveries.map(({ item, recovered }) => `${String(item.id)}${recovered ? ' recovered' : ''}`);

/** A line that has been heard for a while by all its doors. */
async function heardLine(receive: Exclude<Receive, 'socket'>, heard: Heard, store?: Store): Promise<WebhookLine> {
  const line = new WebhookLine(receive, store);
  line.stage.feed.add(heard);
  if (receive === 'both') await line.stage.open();
  await line.clock.pass(MINUTE);
  return line;
}

describe('a feed with both doors', () => {
  for (const first of ['socket', 'webhook'] as const) {
    it(`delivers once what comes before ChatApp’s list of webhooks is known, by the ${first} first`, async () => {
      const line = new WebhookLine('both');
      line.desk.plant(TELEGRAM, address(TELEGRAM), ['chatRead']);
      const heard = toLine();
      line.stage.feed.add(heard);
      await line.stage.open();
      assert.deepEqual(line.desk.asked, []);
      const read = { chat: { id: 7 } };
      line.announce('chatRead', read, first);
      line.announce('chatRead', read, first === 'socket' ? 'webhook' : 'socket');
      assert.equal(heard.deliveries.length, 1);
    });
  }

  it('registers what its listeners want together, and anew when one of them goes', async () => {
    const line = await heardLine('both', toLine({ events: ['message'] }));
    const wanted = (): readonly string[] | undefined => line.desk.urls.get('50101 telegram')?.events;
    assert.deepEqual(wanted(), ['message']);
    const stop = line.stage.feed.add(toLine({ id: 'node-2', events: ['chatTag', 'employeeStatus', 'aNewOne'] }));
    await line.clock.pass(500);
    assert.deepEqual(wanted(), ['message', 'chatTag']);
    const stopAll = line.stage.feed.add(toLine({ id: 'node-3' }));
    await line.clock.pass(500);
    assert.ok(wanted()?.includes('chatFunnelStage') && !wanted()?.includes('employeeStatus'));
    stop('forGood');
    stopAll('forGood');
    await line.clock.pass(500);
    assert.deepEqual(wanted(), ['message']);
  });

  it('removes the address with the last listener for good, not when it restarts', async () => {
    const line = new WebhookLine('both');
    const stop = line.stage.feed.add(toLine());
    await line.stage.open();
    await line.clock.pass(MINUTE);
    stop('restarting');
    await line.clock.pass(MINUTE);
    assert.equal(line.desk.urlOf(TELEGRAM), address(TELEGRAM), 'it may come back later than a deploy takes');
    assert.ok(!line.desk.asked.includes('DELETE telegram'));
    const last = line.stage.feed.add(toLine());
    await line.clock.pass(MINUTE);
    last('forGood');
    await line.clock.pass(500);
    assert.equal(line.desk.urlOf(TELEGRAM), undefined);
  });

  it('delivers an edit that comes by both once, and its original once', async () => {
    const heard = toLine();
    const line = await heardLine('both', heard);
    const item = line.say('1', 'socket', 'webhook');
    for (const door of ['webhook', 'socket'] as const)
      line.announce('message', { ...item, edited: true, message: { text: 'b' } }, door);
    assert.deepEqual(ids(heard), ['1', '1']);
  });

  it('fetches a callback that got lost while the socket was down, and doubles none of the others, however long that took', async () => {
    const heard = toLine();
    const line = await heardLine('both', heard);
    line.stage.drop();
    await line.clock.pass(1_000);
    line.say('lost');
    line.trouble = ApiError.timeout('ChatApp', 1_000);
    for (const id of ['2', '3', '4']) {
      await line.clock.pass(15 * MINUTE);
      line.say(id, 'webhook');
    }
    line.trouble = undefined;
    await line.stage.open();
    await line.clock.pass(MINUTE);
    assert.deepEqual(ids(heard), ['2', '3', '4', 'lost recovered']);
  });

  it('looks for lost callbacks every 5 min while the socket is down, not while it is there', async () => {
    const heard = toLine();
    const line = await heardLine('both', heard);
    const { reads } = line;
    await line.clock.pass(30 * MINUTE);
    assert.equal(line.reads, reads);
    line.stage.drop();
    line.say('lost');
    await line.clock.pass(5 * MINUTE);
    assert.deepEqual(ids(heard), ['lost recovered']);
    assert.equal(heard.status?.kind, 'webhookOnly');
  });

  it('does not take the copy of an event for a new one while the socket is being authorised', async () => {
    const heard = toLine();
    const line = await heardLine('both', heard);
    line.stage.drop();
    line.stage.sign = () => new Promise(() => undefined);
    await line.stage.open();
    line.announce('chatRead', { chat: { id: 7 } }, 'webhook');
    line.announce('chatRead', { chat: { id: 7 } }, 'socket');
    assert.equal(heard.deliveries.length, 1);
  });

  it('tells of a webhook that is another’s once, to those who come later too, and goes on by the socket', async () => {
    const line = new WebhookLine('both');
    line.desk.plant(TELEGRAM);
    const [heard, later] = [toLine(), toLine({ id: 'node-2' })];
    line.stage.feed.add(heard);
    await line.stage.open();
    await line.clock.pass(30 * MINUTE);
    line.stage.feed.add(later);
    line.say('1', 'socket');
    for (const one of [heard, later]) {
      assert.deepEqual(one.codes, ['WEBHOOK_TAKEN.other']);
      assert.deepEqual([one.status?.kind, one.status?.host], ['socketOnly', 'crm.test']);
      assert.deepEqual(ids(one), ['1']);
    }
  });

  it('tells trouble with the API once for the connection, not to each listener', async () => {
    const line = new WebhookLine('both');
    line.desk.unset = ApiError.timeout('ChatApp', 1_000);
    const heard = toLine();
    line.stage.feed.add(heard);
    await line.stage.open();
    await line.clock.pass(10 * MINUTE);
    assert.deepEqual([heard.codes, line.stage.codes], [[], ['API_FAILED.timeout']]);
    assert.equal(heard.status?.kind, 'socketOnly');
  });
});

describe('a feed by webhook only', () => {
  it('is green once the address is set, without any socket', async () => {
    const heard = toLine();
    const line = new WebhookLine('webhook');
    line.stage.feed.add(heard);
    await line.clock.pass(MINUTE);
    assert.deepEqual([heard.kinds[0], heard.status?.kind], ['authorising', 'listening']);
    line.say('1', 'webhook');
    assert.deepEqual(ids(heard), ['1']);
  });

  it('fetches what was missed since the last run, also where a callback is faster', async () => {
    const store = memoryStore();
    const line = await heardLine('webhook', toLine(), store);
    line.say('1', 'webhook');
    await line.clock.pass(5_000);
    line.stage.feed.clear();
    line.say('2');
    await line.clock.pass(20 * MINUTE);
    const heard = toLine();
    line.start().feed.add(heard);
    // As the door does, before it lets anything in.
    await line.positions?.load();
    line.say('3', 'webhook');
    await line.clock.pass(MINUTE);
    assert.deepEqual(ids(heard), ['3', '2 recovered']);
  });

  it('does not deliver again what an earlier run has, when ChatApp calls once more', async () => {
    const store = memoryStore();
    const line = await heardLine('webhook', toLine(), store);
    const item = line.say('1', 'webhook');
    await line.clock.pass(5_000);
    line.stage.feed.clear();
    const heard = toLine();
    line.start().feed.add(heard);
    await line.clock.pass(MINUTE);
    line.announce('message', item, 'webhook');
    line.announce('message', { ...item, edited: true, message: { text: 'b' } }, 'webhook');
    assert.deepEqual(ids(heard), ['1']);
  });

  it('looks for lost callbacks every 5 min, and shows that only where it finds one', async () => {
    const heard = toLine();
    const line = await heardLine('webhook', heard);
    const { length } = heard.statuses;
    await line.clock.pass(30 * MINUTE);
    assert.equal(heard.statuses.length, length);
    line.say('1', 'webhook');
    line.say('lost');
    await line.clock.pass(5 * MINUTE);
    assert.deepEqual(ids(heard), ['1', 'lost recovered']);
    assert.ok(heard.kinds.includes('recovering'));
    assert.equal(heard.status?.kind, 'listening');
  });

  it('tells once that the history is refused, however often it looks', async () => {
    const heard = toLine();
    const line = await heardLine('webhook', heard);
    line.trouble = ApiError.refused('/v1/licenses', 403, {}, null);
    await line.clock.pass(60 * MINUTE);
    assert.deepEqual(heard.codes, ['RECOVERY_FAILED.refused']);
  });

  it('fetches what was said while the address was another’s, once it is ours again', async () => {
    const heard = toLine();
    const line = await heardLine('webhook', heard);
    line.desk.plant(TELEGRAM);
    await line.clock.pass(10 * MINUTE);
    assert.deepEqual([heard.status?.kind, heard.status?.host], ['webhookTaken', 'crm.test']);
    line.say('1');
    await line.clock.pass(30 * MINUTE);
    assert.deepEqual(ids(heard), []);
    await line.stage.feed.callbacks?.replace(TELEGRAM);
    await line.clock.pass(1_000);
    assert.deepEqual(ids(heard), ['1 recovered']);
    assert.equal(heard.status?.kind, 'listening');
  });

  it('sets addresses for all of the account’s lines, and knows too early callbacks from those for nobody', async () => {
    const line = new WebhookLine('webhook');
    let open = (): void => undefined;
    line.stage.lines = new Promise((resolve) => (open = () => resolve([TELEGRAM])));
    assert.equal(line.stage.feed.hasLine(TELEGRAM), 'notYet');
    const heard = new Heard({ type: 'messenger' });
    line.stage.feed.add(heard);
    assert.equal(line.stage.feed.hasLine(TELEGRAM), 'notYet');
    open();
    await line.clock.pass(MINUTE);
    assert.equal(line.stage.feed.hasLine(TELEGRAM), 'taken');
    assert.equal(line.stage.feed.hasLine({ licenseId: '1', messengerType: 'telegram' }), 'unknown');
    assert.deepEqual(heard.status, { kind: 'listening', channels: { listening: 1, total: 1 } });
  });

  it('tells of callbacks that cannot be read, and delivers what is good beside them', async () => {
    const heard = toLine();
    const line = await heardLine('webhook', heard);
    const good = { data: [{ chat: { id: 7 } }], meta: meta('chatTag') };
    line.stage.feed.receiveCallback(TELEGRAM, [
      good,
      { data: [{}], meta: {} },
      { data: [{}], meta: { type: 7 } },
      { x: 1 },
    ]);
    assert.deepEqual(
      heard.deliveries.map(({ event }) => event),
      ['chatTag'],
    );
    const problems = heard.errors.map(({ code, params }) => `${code} ${params.problem}`);
    assert.deepEqual(problems.sort(), [
      'PAYLOAD_INVALID it holds no "data"',
      'PAYLOAD_INVALID its meta names no event',
      'PAYLOAD_INVALID its meta names no event',
    ]);
  });

  it('leaves nothing behind when it ends', async () => {
    const line = await heardLine('webhook', toLine());
    line.stage.feed.clear();
    line.stage.feed.onSocket({ kind: 'idle' });
    await line.clock.pass(5_000);
    assert.equal(line.clock.pending, 0);
  });
});

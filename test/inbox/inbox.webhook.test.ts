import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import type { Item, LiveSource } from '../../src/events';
import type { InboxOptions } from '../../src/inbox/inbox';
import type { ItemFilter, Receive } from '../../src/inbox/listener';
import { address, WebhookStub, TELEGRAM } from '../support/webhook-stub';
import { InboxHarness, lineChannel } from '../support/inbox-harness';
import { ListenerSpy } from '../support/listener-spy';
import { MemoryRecords } from '../support/memory-records';

const CHANNEL = lineChannel(TELEGRAM);
const MINUTE = 60_000;
const meta = (type: string): object => ({ type, licenseId: 50101, messengerType: 'telegram' });

/** A line that is received by webhook, and its history. */
class WebhookLine {
  readonly stub = new WebhookStub();
  readonly clock = this.stub.clock;
  readonly written: Item[] = [];
  /** How often the history was read. */
  reads = 0;
  /** Why the history cannot be read. */
  failure: Error | undefined;
  harness: InboxHarness;
  #records = new MemoryRecords();

  constructor(readonly receive: Exclude<Receive, 'socket'>) {
    this.harness = this.#newRun();
  }

  /** Another run of the process, with what the earlier one has stored. */
  start(): InboxHarness {
    this.harness.stopPings();
    this.#records = this.#records.copy();
    this.harness = this.#newRun();
    return this.harness;
  }

  /** Somebody writes; `sources` bring it. */
  say(id: string, ...sources: readonly LiveSource[]): Item {
    const item = { id, time: this.#now, side: 'in', chat: { id: 7 } };
    this.written.push(item);
    for (const source of sources) this.announce('message', item, source);
    return item;
  }

  announce(event: string, item: object, source: LiveSource): void {
    const envelope = structuredClone({ data: [item], meta: meta(event) });
    if (source === 'socket') this.harness.inbox.onEvent(CHANNEL, event, envelope);
    else void this.harness.inbox.receiveCallback(TELEGRAM, envelope);
  }

  #newRun(): InboxHarness {
    return new InboxHarness({
      clock: this.clock,
      hours: 24,
      records: this.#records,
      readChats: () => this.#readChats(),
      readMessages: ({ from }) => this.#readMessages(from),
      webhook: { ...this.stub.api, receive: this.receive },
    });
  }

  get #now(): number {
    return Math.floor(this.clock.now() / 1_000);
  }

  async *#readChats(): ReturnType<InboxOptions['readChats']> {
    this.reads += 1;
    await Promise.resolve();
    if (this.failure) throw this.failure;
    yield [{ id: '7', lastTime: this.#now, entry: {} }];
  }

  async *#readMessages(from: number): ReturnType<InboxOptions['readMessages']> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    yield structuredClone(this.written.filter(({ time }) => Number(time) >= from));
  }
}

const toLine = (filter: Partial<ItemFilter> & { id?: string } = {}): ListenerSpy =>
  new ListenerSpy({ type: 'messenger', ...TELEGRAM }, { id: 'node-1', ...filter });
const ids = ({ deliveries }: ListenerSpy): string[] =>
  deliveries.map(({ item, recovered }) => `${String(item.id)}${recovered ? ' recovered' : ''}`);

/** A line that has been received for a while from all its sources. */
async function receivedLine(receive: Exclude<Receive, 'socket'>, spy: ListenerSpy): Promise<WebhookLine> {
  const line = new WebhookLine(receive);
  line.harness.inbox.add(spy);
  if (receive === 'both') await line.harness.open();
  await line.clock.pass(MINUTE);
  return line;
}

describe('an inbox with both sources', () => {
  for (const first of ['socket', 'webhook'] as const) {
    it(`delivers once what comes before ChatApp’s list of webhooks is known, by the ${first} first`, async () => {
      const line = new WebhookLine('both');
      line.stub.plant(TELEGRAM, address(TELEGRAM), ['chatRead']);
      const spy = toLine();
      line.harness.inbox.add(spy);
      await line.harness.open();
      assert.deepEqual(line.stub.asked, []);
      const read = { chat: { id: 7 } };
      line.announce('chatRead', read, first);
      line.announce('chatRead', read, first === 'socket' ? 'webhook' : 'socket');
      assert.equal(spy.deliveries.length, 1);
    });
  }

  it('registers what its listeners want together, and again when one of them leaves', async () => {
    const line = await receivedLine('both', toLine({ events: ['message'] }));
    const wanted = (): readonly string[] | undefined => line.stub.urls.get('50101 telegram')?.events;
    assert.deepEqual(wanted(), ['message']);
    const stop = line.harness.inbox.add(toLine({ id: 'node-2', events: ['chatTag', 'employeeStatus', 'aNewOne'] }));
    await line.clock.pass(500);
    assert.deepEqual(wanted(), ['message', 'chatTag']);
    const stopAll = line.harness.inbox.add(toLine({ id: 'node-3' }));
    await line.clock.pass(500);
    assert.ok(wanted()?.includes('chatFunnelStage') && !wanted()?.includes('employeeStatus'));
    stop('removed');
    stopAll('removed');
    await line.clock.pass(500);
    assert.deepEqual(wanted(), ['message']);
  });

  it('removes the address when the last listener is removed, not when it restarts', async () => {
    const line = new WebhookLine('both');
    const stop = line.harness.inbox.add(toLine());
    await line.harness.open();
    await line.clock.pass(MINUTE);
    stop('restarting');
    await line.clock.pass(MINUTE);
    assert.equal(line.stub.urlOf(TELEGRAM), address(TELEGRAM), 'it may come back later than a deploy takes');
    assert.ok(!line.stub.asked.includes('DELETE telegram'));
    const last = line.harness.inbox.add(toLine());
    await line.clock.pass(MINUTE);
    last('removed');
    await line.clock.pass(500);
    assert.equal(line.stub.urlOf(TELEGRAM), undefined);
  });

  it('delivers an edit that comes by both once, and its original once', async () => {
    const spy = toLine();
    const line = await receivedLine('both', spy);
    const item = line.say('1', 'socket', 'webhook');
    for (const source of ['webhook', 'socket'] as const)
      line.announce('message', { ...item, edited: true, message: { text: 'b' } }, source);
    assert.deepEqual(ids(spy), ['1', '1']);
  });

  it('fetches a callback that got lost while the socket was down, and none of the others twice, however long that took', async () => {
    const spy = toLine();
    const line = await receivedLine('both', spy);
    line.harness.drop();
    await line.clock.pass(1_000);
    line.say('lost');
    line.failure = ApiError.timeout('ChatApp', 1_000);
    for (const id of ['2', '3', '4']) {
      await line.clock.pass(15 * MINUTE);
      line.say(id, 'webhook');
    }
    line.failure = undefined;
    await line.harness.open();
    await line.clock.pass(MINUTE);
    assert.deepEqual(ids(spy), ['2', '3', '4', 'lost recovered']);
  });

  it('looks for lost callbacks every 5 min while the socket is down, not while it is there', async () => {
    const spy = toLine();
    const line = await receivedLine('both', spy);
    const { reads } = line;
    await line.clock.pass(30 * MINUTE);
    assert.equal(line.reads, reads);
    line.harness.drop();
    line.say('lost');
    await line.clock.pass(5 * MINUTE);
    assert.deepEqual(ids(spy), ['lost recovered']);
    assert.equal(spy.status?.kind, 'webhookOnly');
  });

  it('recognises a duplicate while the socket is being authorised', async () => {
    const spy = toLine();
    const line = await receivedLine('both', spy);
    line.harness.drop();
    line.harness.sign = () => new Promise(() => undefined);
    await line.harness.open();
    line.announce('chatRead', { chat: { id: 7 } }, 'webhook');
    line.announce('chatRead', { chat: { id: 7 } }, 'socket');
    assert.equal(spy.deliveries.length, 1);
  });

  it('reports a webhook that is another’s once, to those that come later too, and goes on by the socket', async () => {
    const line = new WebhookLine('both');
    line.stub.plant(TELEGRAM);
    const [spy, later] = [toLine(), toLine({ id: 'node-2' })];
    line.harness.inbox.add(spy);
    await line.harness.open();
    await line.clock.pass(30 * MINUTE);
    line.harness.inbox.add(later);
    line.say('1', 'socket');
    for (const one of [spy, later]) {
      assert.deepEqual(one.codes, ['WEBHOOK_TAKEN.other']);
      assert.deepEqual([one.status?.kind, one.status?.host], ['socketOnly', 'crm.test']);
      assert.deepEqual(ids(one), ['1']);
    }
  });

  it('reports failures of the API once for the connection, not to each listener', async () => {
    const line = new WebhookLine('both');
    line.stub.unset = ApiError.timeout('ChatApp', 1_000);
    const spy = toLine();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await line.clock.pass(10 * MINUTE);
    assert.deepEqual([spy.codes, line.harness.codes], [[], ['API_FAILED.timeout']]);
    assert.equal(spy.status?.kind, 'socketOnly');
  });
});

describe('an inbox by webhook only', () => {
  it('is green once the address is set, without any socket', async () => {
    const spy = toLine();
    const line = new WebhookLine('webhook');
    line.harness.inbox.add(spy);
    await line.clock.pass(MINUTE);
    assert.deepEqual([spy.kinds[0], spy.status?.kind], ['authorising', 'listening']);
    line.say('1', 'webhook');
    assert.deepEqual(ids(spy), ['1']);
  });

  it('fetches what was missed since the last run, also if a callback is faster', async () => {
    const line = await receivedLine('webhook', toLine());
    line.say('1', 'webhook');
    await line.clock.pass(5_000);
    await line.harness.inbox.close();
    line.say('2');
    await line.clock.pass(20 * MINUTE);
    const spy = toLine();
    line.start().inbox.add(spy);
    // As the webhook receiver does before it accepts anything.
    await line.harness.inbox.ready();
    line.say('3', 'webhook');
    await line.clock.pass(MINUTE);
    assert.deepEqual(ids(spy), ['3', '2 recovered']);
  });

  it('does not deliver again what an earlier run has, when ChatApp calls once more', async () => {
    const line = await receivedLine('webhook', toLine());
    const item = line.say('1', 'webhook');
    await line.clock.pass(5_000);
    await line.harness.inbox.close();
    const spy = toLine();
    line.start().inbox.add(spy);
    await line.clock.pass(MINUTE);
    line.announce('message', item, 'webhook');
    line.announce('message', { ...item, edited: true, message: { text: 'b' } }, 'webhook');
    assert.deepEqual(ids(spy), ['1']);
  });

  it('looks for lost callbacks every 5 min, and shows that only if it finds one', async () => {
    const spy = toLine();
    const line = await receivedLine('webhook', spy);
    const { length } = spy.statuses;
    await line.clock.pass(30 * MINUTE);
    assert.equal(spy.statuses.length, length);
    line.say('1', 'webhook');
    line.say('lost');
    await line.clock.pass(5 * MINUTE);
    assert.deepEqual(ids(spy), ['1', 'lost recovered']);
    assert.ok(spy.kinds.includes('recovering'));
    assert.equal(spy.status?.kind, 'listening');
  });

  it('reports once that the history is refused, however often it looks', async () => {
    const spy = toLine();
    const line = await receivedLine('webhook', spy);
    line.failure = ApiError.refused('/v1/licenses', { status: 403 });
    await line.clock.pass(60 * MINUTE);
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.refused']);
  });

  it('fetches what was written while the address was another’s, once it is ours again', async () => {
    const spy = toLine();
    const line = await receivedLine('webhook', spy);
    line.stub.plant(TELEGRAM);
    await line.clock.pass(10 * MINUTE);
    assert.deepEqual([spy.status?.kind, spy.status?.host], ['webhookTaken', 'crm.test']);
    line.say('1');
    await line.clock.pass(30 * MINUTE);
    assert.deepEqual(ids(spy), []);
    await line.harness.inbox.callbacks?.replace(TELEGRAM);
    await line.clock.pass(1_000);
    await spy.until(({ status }) => status?.kind === 'listening');
    assert.deepEqual(ids(spy), ['1 recovered']);
  });

  it('sets addresses for all of the account’s lines, and knows too early callbacks from those for nobody', async () => {
    const line = new WebhookLine('webhook');
    let open = (): void => undefined;
    line.harness.lines = new Promise((resolve) => (open = () => resolve([TELEGRAM])));
    assert.equal(line.harness.inbox.hasLine(TELEGRAM), 'notYet');
    const spy = new ListenerSpy({ type: 'messenger' });
    line.harness.inbox.add(spy);
    assert.equal(line.harness.inbox.hasLine(TELEGRAM), 'notYet');
    open();
    await line.clock.pass(MINUTE);
    assert.equal(line.harness.inbox.hasLine(TELEGRAM), 'taken');
    assert.equal(line.harness.inbox.hasLine({ licenseId: '1', messengerType: 'telegram' }), 'unknown');
    assert.deepEqual(spy.status, { kind: 'listening', channels: { listening: 1, total: 1 } });
  });

  it('reports callbacks that cannot be read, and delivers the good events beside them', async () => {
    const spy = toLine();
    const line = await receivedLine('webhook', spy);
    const good = { data: [{ chat: { id: 7 } }], meta: meta('chatTag') };
    const malformed = [{ data: [{}], meta: {} }, { data: [{}], meta: { type: 7 } }, { x: 1 }];
    await line.harness.inbox.receiveCallback(TELEGRAM, [good, ...malformed]);
    assert.deepEqual(
      spy.deliveries.map(({ event }) => event),
      ['chatTag'],
    );
    const problems = spy.errors.map(({ code, params }) => `${code} ${params.problem}`);
    assert.deepEqual(problems.sort(), [
      'PAYLOAD_INVALID it holds no "data"',
      'PAYLOAD_INVALID its meta names no event',
      'PAYLOAD_INVALID its meta names no event',
    ]);
  });

  it('leaves nothing behind when it ends', async () => {
    const line = await receivedLine('webhook', toLine());
    await line.harness.inbox.close();
    line.harness.inbox.onSocket({ kind: 'idle' });
    await line.clock.pass(5_000);
    assert.equal(line.clock.pending, 0);
  });
});

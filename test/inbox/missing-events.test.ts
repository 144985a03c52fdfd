import assert from 'node:assert/strict';
import { InboxStore } from '../../src/inbox/inbox-store';
import type { Listener } from '../../src/inbox/listener';
import { MissingEvents } from '../../src/inbox/missing-events';
import { Subscriber } from '../../src/inbox/subscriber';
import { silentLog } from '../../src/log';
import { FakeClock } from '../support/fake-clock';
import { fakeQueue } from '../support/fake-queue';
import { ListenerSpy } from '../support/listener-spy';
import { MemoryRecords } from '../support/memory-records';
import { keepingAll } from '../support/retention';

const CHANNEL = 'private-v1.licenses.1.messengers.telegram';
const LINE = { type: 'messenger', licenseId: '1', messengerType: 'telegram' } as const;

describe('MissingEvents', () => {
  let clock: FakeClock;
  let records: MemoryRecords;
  let log: string[];
  let hasWebhook: boolean;
  let missing: MissingEvents;
  let subscribers: Subscriber[];
  beforeEach(async () => {
    clock = new FakeClock();
    records = new MemoryRecords();
    [log, subscribers, hasWebhook] = [[], [], false];
    await start(undefined);
  });

  const now = (): number => clock.now() / 1_000;
  /** Starts again with what is on disk; an earlier run has received until then. */
  const start = async (receivedUntil: number | undefined): Promise<void> => {
    const store = new InboxStore(records, 'one', silentLog, keepingAll());
    await store.load();
    const write = (line: string): void => void log.push(line);
    missing = new MissingEvents({
      store,
      serverTime: now,
      clock,
      log: { ...silentLog, warn: write },
      hasWebhook: () => hasWebhook,
    });
    missing.begin(receivedUntil);
  };
  /** A listener that was there from the beginning. */
  const listen = (events: readonly string[], channel: Listener['channel'] = LINE): ListenerSpy => {
    const spy = new ListenerSpy(channel, { events });
    const subscriber = new Subscriber(spy, fakeQueue());
    subscriber.channels = new Set([CHANNEL]);
    subscriber.begin(CHANNEL, Math.floor(now()));
    subscribers.push(subscriber);
    return spy;
  };
  const subscribed = (): void => missing.onSubscribed(subscribers);
  const lose = async (ms: number): Promise<void> => {
    missing.onClosed();
    await clock.pass(ms);
    subscribed();
  };

  it('reports one error to all listeners that want messages and events without a history, after a gap of more than 5 s', async () => {
    const [mixed, all, messages] = [listen(['message', 'chatTag']), listen([]), listen(['message', 'messageSystem'])];
    subscribed();
    await clock.pass(60_000);
    const from = new Date(clock.now()).toISOString();
    missing.onAlive(clock.monotonic());
    await lose(5_001);
    subscribed();
    assert.deepEqual([mixed.codes, messages.codes], [['RECOVERY_FAILED.noHistory'], []]);
    assert.equal(mixed.errors[0], all.errors[0]);
    const { events, ...period } = mixed.errors[0]?.params ?? {};
    assert.match(String(events), /^chatTag, messageStatus, .*, …$/);
    assert.deepEqual(period, { from, to: new Date(clock.now()).toISOString() });
    assert.deepEqual(log, []);
  });

  it('reports nothing after the first start, nor after shorter gaps', async () => {
    const spy = listen([]);
    subscribed();
    await lose(5_000);
    await clock.pass(15_000);
    missing.onAlive(clock.monotonic());
    await lose(5_000);
    assert.deepEqual([spy.codes, log], [[], []]);
  });

  it('counts a gap in which the socket comes back without a channel as one', async () => {
    const spy = listen([]);
    subscribed();
    missing.onClosed();
    await clock.pass(3_000);
    missing.onClosed();
    await clock.pass(3_000);
    subscribed();
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.noHistory']);
  });

  it('reports a short gap too if the socket had answered no ping for 20 s before', async () => {
    const spy = listen([]);
    subscribed();
    await clock.pass(19_000);
    await lose(1_001);
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.noHistory']);
  });

  it('only logs what listeners may miss that want no messages', async () => {
    const tags = listen(['chatTag']);
    const company = listen([], { type: 'company', companyId: '1' });
    subscribed();
    await lose(6_000);
    assert.deepEqual([tags.codes, company.codes, log.length], [[], [], 1]);
    assert.match(log[0] ?? '', /^Events without a history \(chatTag, .* may be missing between /);
  });

  it('reports nothing to a listener that has come during the gap', async () => {
    listen(['message']);
    subscribed();
    missing.onClosed();
    await clock.pass(60_000);
    const late = listen([]);
    subscribed();
    assert.deepEqual([late.codes, log], [[], []]);
  });

  it('reports nothing if webhooks have brought the events meanwhile, unless Node-RED did not run', async () => {
    hasWebhook = true;
    const spy = listen([]);
    subscribed();
    await lose(60_000);
    assert.deepEqual(spy.codes, []);
    const stoppedAt = now();
    await clock.pass(60_000);
    await start(stoppedAt);
    subscribed();
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.noHistory']);
  });

  it('counts from a graceful stop of Node-RED, else from the last time it certainly received', async () => {
    const spy = listen([]);
    subscribed();
    const receivedUntil = now();
    await clock.pass(14_000);
    await missing.stop();
    await clock.pass(4_000);
    await start(receivedUntil);
    subscribed();
    assert.deepEqual(spy.codes, []);
    await clock.pass(60_000);
    await start(now() - 6);
    subscribed();
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.noHistory']);
    assert.equal(spy.errors[0]?.params.from, new Date(clock.now() - 6_000).toISOString());
  });
});

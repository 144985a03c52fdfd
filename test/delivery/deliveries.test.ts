import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Deliveries } from '../../src/delivery/deliveries';
import { deliveryTokenOf, parseDeliveryToken } from '../../src/delivery/delivery-token';
import { MAX_ATTEMPTS } from '../../src/delivery/redelivery-delay';
import { UNSTORED } from '../../src/delivery/pending-limits';
import type { Delivery } from '../../src/inbox/delivery';
import type { Listener } from '../../src/inbox/listener';
import { Subscriber, type SubscriberQueue } from '../../src/inbox/subscriber';
import type { Status } from '../../src/status';
import { EventCounters } from '../../src/event-counters';
import { messageIn } from '../support/deliveries';
import { nameOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';
import { FakeSocket } from '../support/fake-socket';
import { FakePendingStore } from '../support/fake-pending-store';
import { limitsOf } from '../support/retention';

describe('Deliveries', () => {
  let clock: FakeClock;
  let store: FakePendingStore;
  let deliveries: Deliveries;
  /** What the listener got, and what was reported to it. */
  let given: Delivery[];
  let errors: { readonly name: string; readonly params: object; readonly messageId: string | undefined }[];
  let warnings: string[];
  beforeEach(() => {
    clock = new FakeClock();
    store = new FakePendingStore();
    [given, errors, warnings] = [[], [], []];
    const log = { debug: () => undefined, info: () => undefined, warn: (line: string) => warnings.push(line) };
    deliveries = new Deliveries({
      clock,
      random: () => 0.5,
      log,
      limits: limitsOf(clock),
      counts: new EventCounters(clock),
      onNotice: () => undefined,
    });
  });

  const listener = (settings: Partial<Listener> = {}): Listener => ({
    id: 'node-1',
    channel: { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
    events: [],
    direction: 'any',
    ack: 'done',
    onItem: (delivery) => given.push(delivery),
    onStatus: () => undefined,
    onError: (error, delivery) =>
      errors.push({ name: nameOf(error), params: error.params, messageId: delivery?.messageId }),
    ...settings,
  });
  /** The queue of a listener that takes events. */
  const open = (one = listener()): SubscriberQueue => {
    const { queue } = new Subscriber(one, (subscriber) => deliveries.open(subscriber, store));
    queue.attach(one);
    return queue;
  };
  const add = (queue: SubscriberQueue, id: number, chat = '7'): void => {
    queue.add({ attempt: 1, order: chat, delivery: messageIn(chat, id) });
  };
  /** The token of the latest attempt. */
  const token = (): string => given.at(-1)?.deliveryToken ?? assert.fail('no token was given');
  const fail = (retryAfter = 0): boolean => deliveries.acknowledge(token(), 'failed', { retryAfter });
  const attempts = (): unknown[] => given.map(({ messageId, attempt }) => `${messageId ?? ''} #${attempt ?? '-'}`);

  it('gives each attempt a token that names the listener, the event and the attempt', async () => {
    const queue = open();
    add(queue, 1);
    const first = parseDeliveryToken(token());
    fail();
    await clock.pass(5_000);
    const second = parseDeliveryToken(token());
    assert.deepEqual([first?.subscriber, first?.attempt, second?.attempt], ['node-1', 1, 2]);
    assert.equal(first?.number, second?.number);
    assert.deepEqual(attempts(), ['1 #1', '1 #2']);
  });

  it('gives no token to a listener that does not acknowledge, and the attempt only from the second on', () => {
    const queue = open(listener({ ack: 'sent' }));
    add(queue, 1);
    assert.deepEqual(
      given.map(({ deliveryToken, attempt }) => [deliveryToken, attempt]),
      [[undefined, undefined]],
    );
  });

  it('ends the attempt with a token once, and lets the next event of the chat follow', () => {
    const queue = open();
    add(queue, 1);
    add(queue, 2);
    const first = token();
    assert.deepEqual(attempts(), ['1 #1']);
    assert.deepEqual([deliveries.acknowledge(first, 'done'), deliveries.acknowledge(first, 'done')], [true, false]);
    assert.deepEqual(attempts(), ['1 #1', '2 #1']);
  });

  it('takes no token that is malformed, of another listener or of another event', () => {
    const queue = open();
    add(queue, 1);
    const { number = 0 } = parseDeliveryToken(token()) ?? {};
    const tokens = ['', 'text', deliveryTokenOf('node-2', number, 1), deliveryTokenOf('node-1', number + 1, 1)];
    for (const one of tokens) assert.equal(deliveries.acknowledge(one, 'done'), false, one);
  });

  it('waits before the next attempt for as long as the flow asks', async () => {
    const queue = open();
    add(queue, 1);
    fail(20_000);
    await clock.pass(19_999);
    assert.equal(given.length, 1);
    await clock.pass(1);
    assert.equal(given.length, 2);
  });

  it('reports an event that is given up, with the event, and keeps it as a dead letter', async () => {
    const queue = open();
    const sequence = await store.append('node-1', '7', messageIn('7', 1));
    queue.add({ attempt: 1, order: '7', delivery: messageIn('7', 1), sequence });
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      fail();
      await clock.pass(15 * 60_000);
      await turn();
    }
    assert.equal(given.length, MAX_ATTEMPTS);
    assert.deepEqual(
      errors.map(({ name, messageId }) => [name, messageId]),
      [['DELIVERY_FAILED.attempts', '1']],
    );
    assert.equal(store.deadLetters.length, 1);
  });

  it('reports how many pending events the new filter of a listener does not want', async () => {
    const queue = open();
    queue.detach();
    for (const id of [1, 2]) add(queue, id);
    queue.attach(listener({ events: ['chatRead'] }));
    await clock.pass(1_000);
    assert.deepEqual(errors, [{ name: 'RECOVERY_FAILED.unwanted', params: { count: 2 }, messageId: undefined }]);
    assert.deepEqual(given, []);
  });

  it('reports how many events were dropped since nothing could be stored', async () => {
    store.isRefusing = true;
    const queue = open();
    queue.detach();
    for (let id = 0; id < UNSTORED.events + 3; id += 1) add(queue, id);
    await queue.store();
    await clock.pass(1_000);
    const params = { limit: 10_000, megabytes: 64, count: 101 };
    assert.deepEqual(errors, [{ name: 'RECOVERY_FAILED.overflow', params, messageId: undefined }]);
    queue.close();
  });

  it('says how many events a removed listener had', () => {
    const queue = open();
    queue.detach();
    for (const id of [1, 2]) add(queue, id);
    assert.equal(queue.clear(), 2);
    queue.close();
    assert.equal(clock.pending, 0);
  });

  describe('shows in the status', () => {
    let statuses: Status[];
    const openShown = (settings: Partial<Listener> = {}): SubscriberQueue => {
      statuses = [];
      const one = listener({ onStatus: (status) => statuses.push(status), ...settings });
      const subscriber = new Subscriber(one, (itself) => deliveries.open(itself, store));
      const { queue } = subscriber;
      queue.attach(one);
      const socket = { kind: 'open', socket: new FakeSocket('1.1') } as const;
      subscriber.show({ socket, subscriptions: [{ kind: 'subscribed' }] });
      statuses.length = 0;
      return queue;
    };

    it('how many events wait, and when the next one is delivered again', async () => {
      const queue = openShown();
      add(queue, 1);
      add(queue, 2);
      await clock.pass(1_000);
      fail();
      await clock.pass(1_000);
      const nextAttempt = clock.now() + 4_000;
      await clock.pass(4_000);
      for (const _ of [1, 2]) deliveries.acknowledge(token(), 'done');
      await clock.pass(1_000);
      assert.deepEqual(statuses, [
        { kind: 'listening', backlog: 2 },
        { kind: 'listening', backlog: 2, nextAttempt },
        { kind: 'listening' },
      ]);
      // The last look for events that have waited too long finds none.
      await clock.pass(60_000);
      assert.equal(clock.pending, 0);
    });

    it('each second what has changed, however many events come', async () => {
      const queue = openShown();
      for (let id = 1; id <= 1_000; id += 1) {
        add(queue, id, String(id));
        await clock.pass(5);
      }
      await clock.pass(1_000);
      const backlogs = statuses.map(({ backlog }) => backlog);
      assert.deepEqual(backlogs, [200, 400, 600, 800, 1_000]);
      queue.clear();
      queue.close();
    });

    for (const ack of ['sent', 'done'] as const) {
      it(`nothing of events that are handled at once, with ack: ${ack}`, async () => {
        const queue = openShown({ ack });
        for (let id = 1; id <= 100; id += 1) {
          add(queue, id);
          await turn();
          if (ack === 'done') deliveries.acknowledge(token(), 'done');
          await clock.pass(50);
        }
        await clock.pass(1_000);
        assert.deepEqual(statuses, []);
      });
    }

    it('nothing after the queue was closed', async () => {
      const queue = openShown();
      add(queue, 1);
      queue.close();
      await clock.pass(2_000);
      assert.deepEqual([statuses, clock.pending], [[], 0]);
    });
  });

  it('takes tokens for the later of two queues of one listener, whichever is closed', () => {
    const first = open();
    const second = open();
    first.close();
    add(second, 1);
    assert.ok(deliveries.acknowledge(token(), 'done'));
    second.close();
    assert.equal(deliveries.acknowledge(token(), 'done'), false);
  });
});

import assert from 'node:assert/strict';
import { BurstLimiter } from '../../src/inbox/burst-limiter';
import { ChannelInbox, type Accepted } from '../../src/inbox/channel-inbox';
import { CrossSourceDeduplicator } from '../../src/inbox/cross-source-deduplicator';
import type { LiveSource } from '../../src/events';
import { SeenChats } from '../../src/inbox/seen-chats';
import { Unsecured } from '../../src/inbox/unsecured';
import { silentLog } from '../../src/log';
import { EventCounters } from '../../src/event-counters';
import { Deduplicating } from '../support/deduplicating';
import { FakePendingStore } from '../support/fake-pending-store';
import { envelope, LINE, message } from '../support/inbox-line';
import { Reader } from '../support/inbox-reader';

const EMPLOYEE = 'private-v1.companies.2224.users.33';
const TELEGRAM = { licenseId: '50101', messengerType: 'telegram' };

describe('a channel inbox', () => {
  let store: FakePendingStore;
  let clock: Deduplicating['clock'];
  let secured: Accepted[];
  let seenChats: SeenChats;
  const inboxOf = (channel: string, ...readers: Reader[]): ChannelInbox => {
    const { clock: time, deduplicator } = new Deduplicating();
    clock = time;
    store = new FakePendingStore();
    seenChats = new SeenChats({
      store: { saved: () => new Map(), put: () => Promise.resolve(true) },
      clock,
      log: silentLog,
    });
    secured = [];
    const inbox = new ChannelInbox(channel, {
      clock,
      deduplicator,
      crossSource: new CrossSourceDeduplicator(clock),
      store,
      unsecured: new Unsecured(clock),
      counts: new EventCounters(clock),
      bursts: new BurstLimiter(() => Promise.resolve()),
      onSecured: (accepted) => secured.push(accepted),
      seenChats,
    });
    for (const { subscriber } of readers) inbox.subscribers.add(subscriber);
    inbox.update();
    return inbox;
  };
  /** Lets an event arrive; the result tells whether it is settled. */
  const arrive = (
    inbox: ChannelInbox,
    data: unknown,
    source: LiveSource = 'socket',
    event = 'message',
  ): { isSettled: boolean } => {
    const state = { isSettled: false };
    inbox.receive(event, data, source, true);
    void inbox.settled().then(() => (state.isSettled = true));
    return state;
  };

  it('gives each event once to all who want it, whichever source brings it first', () => {
    const [one, other, without] = [new Reader(), new Reader({ events: ['message'] }), new Reader({ events: ['call'] })];
    const inbox = inboxOf(LINE, one, other, without);
    arrive(inbox, envelope(message('1')));
    arrive(inbox, envelope(message('1')), 'webhook');
    arrive(inbox, envelope(message('2')), 'webhook');
    arrive(inbox, envelope(message('2')));
    assert.deepEqual([one.ids, other.ids, without.ids], [['1', '2'], ['1', '2'], []]);
  });

  it('gives an event without a key once if both sources bring it, and equal ones of one source each', () => {
    const one = new Reader();
    const inbox = inboxOf(LINE, one);
    const typing = { data: [{ text: 'typing' }], meta: {} };
    arrive(inbox, structuredClone(typing), 'socket', 'typing');
    arrive(inbox, structuredClone(typing), 'webhook', 'typing');
    arrive(inbox, structuredClone(typing), 'socket', 'typing');
    assert.equal(one.events.length, 2);
  });

  it('gives each subscriber an item of its own', () => {
    const [one, other] = [new Reader(), new Reader()];
    arrive(inboxOf(LINE, one, other), envelope(message('1')));
    assert.notEqual(one.events[0]?.delivery?.item, other.events[0]?.delivery?.item);
    assert.deepEqual(one.events[0]?.delivery?.item, other.events[0]?.delivery?.item);
  });

  it('gives nothing to a subscriber that the delivery to another has ended', () => {
    const other = new Reader();
    const one: Reader = new Reader({}, () => inbox.subscribers.delete(other.subscriber));
    const inbox: ChannelInbox = inboxOf(LINE, one, other);
    arrive(inbox, envelope(message('1')));
    one.deliver();
    assert.deepEqual([one.ids, other.ids, secured.length], [['1'], [], 1]);
  });

  it('finds out who wants an event again after an update', () => {
    const one = new Reader({ events: ['message'] });
    const inbox = inboxOf(LINE, one);
    assert.deepEqual([inbox.isWanted('message'), inbox.isWanted('messageStatus')], [true, false]);
    one.subscriber.replace({ ...one.subscriber.listener, events: ['messageStatus'] }, 0);
    inbox.update();
    assert.deepEqual([inbox.isWanted('message'), inbox.isWanted('messageStatus')], [false, true]);
    assert.ok(!inbox.wantsHistory);
  });

  it('orders events by line and chat, else by employee, else by channel', () => {
    const ordersOn = (channel: string, event: string, data: unknown): string | undefined => {
      const reader = new Reader();
      arrive(inboxOf(channel, reader), data, 'socket', event);
      return reader.events[0]?.order;
    };
    assert.equal(ordersOn(LINE, 'message', envelope(message('1'))), '50101/telegram/7');
    assert.equal(ordersOn(EMPLOYEE, 'notice', { data: [{}] }), '33');
    assert.equal(ordersOn(LINE, 'notice', { data: [{}] }), LINE);
  });

  it('remembers of which chats an employee channel has brought events', () => {
    const inbox = inboxOf(EMPLOYEE, new Reader());
    arrive(inbox, envelope(message('1')));
    arrive(inbox, envelope({ type: 'add', chat: { id: 8 } }), 'socket', 'chatTag');
    assert.deepEqual(
      [seenChats.has(EMPLOYEE, '50101/telegram/7'), seenChats.has(EMPLOYEE, '50101/telegram/8')],
      [true, true],
    );
  });

  it('does not remember which chats a messenger channel brings', () => {
    arrive(inboxOf(LINE, new Reader()), envelope(message('1')));
    assert.ok(!seenChats.has(LINE, '50101/telegram/7'));
  });

  it('reports what is malformed to those who want the event, and delivers the good items beside it', () => {
    const [one, other] = [new Reader(), new Reader({ events: ['call'] })];
    const inbox = inboxOf(LINE, one, other);
    arrive(inbox, { data: [message('1'), 'text'], meta: {} });
    assert.deepEqual([one.errors, other.errors, one.ids], [['PAYLOAD_INVALID.unreadable'], [], ['1']]);
    inbox.reject('noEvent');
    assert.equal(other.errors.length, 1);
  });

  describe('that secures events', () => {
    it('tells the keys of an event once all have got it', () => {
      const [one, other] = [new Reader(), new Reader()];
      arrive(inboxOf(LINE, one, other), envelope(message('1'), message('2')));
      one.deliver();
      assert.equal(secured.length, 0);
      other.deliver();
      assert.deepEqual(
        secured.map(({ channel, event, source, keys }) => [channel, event, source, keys.length]),
        [[LINE, 'message', 'socket', 2]],
      );
    });

    it('stores an event before a subscriber gets it that acknowledges', async () => {
      const one = new Reader({ ack: 'done', id: 'node-1' });
      const inbox = inboxOf(LINE, one);
      let open: () => void = () => undefined;
      store.gate = new Promise((resolve) => (open = resolve));
      const state = arrive(inbox, envelope(message('1')), 'webhook');
      await clock.settle();
      assert.deepEqual([one.ids, secured.length, state.isSettled], [[], 0, false]);
      open();
      await clock.settle();
      assert.deepEqual([one.ids, secured.length, state.isSettled], [['1'], 1, true]);
      const sequence = one.events[0]?.sequence;
      assert.ok(sequence !== undefined);
      assert.equal(store.records.get(sequence)?.subscriber, 'node-1');
    });

    it('delivers an event that cannot be stored, and answers the webhook only then', async () => {
      const one = new Reader({ ack: 'done' });
      const inbox = inboxOf(LINE, one);
      store.isRefusing = true;
      const state = arrive(inbox, envelope(message('1')), 'webhook');
      await clock.settle();
      assert.deepEqual([one.ids, one.events[0]?.sequence, state.isSettled], [['1'], undefined, false]);
      one.deliver();
      await clock.settle();
      assert.deepEqual([state.isSettled, secured.length], [true, 1]);
    });

    it('answers a webhook after all have got the event', async () => {
      const [one, other] = [new Reader(), new Reader()];
      const state = arrive(inboxOf(LINE, one, other), envelope(message('1')), 'webhook');
      one.deliver();
      await clock.settle();
      assert.ok(!state.isSettled);
      other.deliver();
      await clock.settle();
      assert.ok(state.isSettled);
    });

    it('answers a webhook that repeats an event only after that can no longer be lost', async () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      arrive(inbox, envelope(message('1')), 'socket');
      const state = arrive(inbox, envelope(message('1')), 'webhook');
      await clock.settle();
      assert.ok(!state.isSettled);
      one.deliver();
      await clock.settle();
      assert.ok(state.isSettled);
      const again = arrive(inbox, envelope(message('1')), 'webhook');
      await clock.settle();
      assert.ok(again.isSettled, 'nothing of it can be lost any more');
    });
  });

  describe('that holds events', () => {
    it('lets live messages wait, and delivers them in the order of each chat', async () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      inbox.held.begin();
      const state = arrive(inbox, envelope(message('1')), 'webhook');
      arrive(inbox, envelope(message('2')));
      arrive(inbox, envelope(message('3', { chat: { id: 8 } })));
      assert.deepEqual(one.ids, []);
      inbox.held.holdOnly(['50101/telegram/7']);
      assert.deepEqual(one.ids, ['3']);
      inbox.held.releaseChat('50101/telegram/7');
      assert.deepEqual(one.ids, ['3', '1', '2']);
      await clock.settle();
      assert.ok(state.isSettled, 'its webhook is answered: after a crash the open gap brings it');
    });

    it('does not let events without a history wait', () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      inbox.held.begin();
      arrive(inbox, { data: [{ id: '5', chat: { id: 7 } }], meta: {} }, 'socket', 'messageStatus');
      assert.equal(one.events.length, 1);
    });

    it('tells the key of an event that was taken back only once it has got it again', () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      arrive(inbox, envelope(message('1'), message('2')));
      inbox.held.begin();
      const [first] = one.events;
      assert.ok(first?.delivery && inbox.takeBack(first.delivery));
      one.deliver();
      assert.deepEqual(
        secured.map(({ keys }) => keys.length),
        [1],
      );
      inbox.held.end();
      assert.deepEqual(one.ids, ['1', '2', '1']);
      one.events.at(-1)?.onSecured?.();
      assert.deepEqual(
        secured.map(({ keys }) => keys.length),
        [1, 1],
      );
    });

    it('drops a held message that was fetched in the meantime', async () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      one.subscriber.begin(LINE, 0);
      inbox.held.begin();
      arrive(inbox, envelope(message('2')));
      void inbox.recover(TELEGRAM, [
        { id: '1', time: 5, chat: { id: 7 } },
        { id: '2', time: 6, chat: { id: 7 } },
      ]);
      await clock.settle();
      one.deliver();
      await clock.settle();
      inbox.held.end();
      assert.deepEqual(one.ids, ['1', '2']);
    });
  });

  describe('that takes messages out of the history', () => {
    const old = (id: string, time = 2_000, more: object = {}): Record<string, unknown> => ({
      id,
      time,
      chat: { id: 7 },
      ...more,
    });
    /** Recovers while everything is delivered at once. */
    const recover = async (
      inbox: ChannelInbox,
      reader: Reader,
      ...items: Record<string, unknown>[]
    ): Promise<number> => {
      let count: number | undefined;
      void inbox.recover(TELEGRAM, items).then((missing) => (count = missing));
      while (count === undefined) {
        await clock.settle();
        reader.deliver();
      }
      return count;
    };

    it('gives what is missing to those who wanted it at the time, and counts it', async () => {
      const [one, later] = [new Reader(), new Reader()];
      const inbox = inboxOf(LINE, one, later);
      one.subscriber.begin(LINE, 1_000);
      later.subscriber.begin(LINE, 3_000);
      arrive(inbox, envelope(message('2')));
      const [before, live] = [one.ids.length, later.ids.length];
      assert.deepEqual([before, live], [1, 1]);
      assert.equal(await recover(inbox, one, old('0', 999), old('1'), old('2'), old('3')), 2);
      assert.deepEqual([one.ids, later.ids], [['2', '1', '3'], ['2']]);
      assert.deepEqual(
        one.events.map(({ delivery }) => delivery?.recovered),
        [false, true, true],
      );
    });

    it('takes notes of ChatApp for the event messageSystem', async () => {
      const one = new Reader({ events: ['messageSystem'] });
      const inbox = inboxOf(LINE, one);
      one.subscriber.begin(LINE, 1_000);
      assert.equal(await recover(inbox, one, old('1', 2_000, { type: 'system' }), old('2')), 1);
      assert.deepEqual(one.ids, ['1']);
    });

    it('does not count messages that no filter lets pass', async () => {
      const one = new Reader({ direction: 'out' });
      const inbox = inboxOf(LINE, one);
      one.subscriber.begin(LINE, 1_000);
      assert.equal(await recover(inbox, one, old('1', 2_000, { side: 'in' })), 0);
    });

    it('has taken a duplicate only once no crash can lose its first copy', async () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      one.subscriber.begin(LINE, 1_000);
      void inbox.recover(TELEGRAM, [old('1')]);
      await clock.settle();
      let isDone = false;
      void inbox.recover(TELEGRAM, [old('1')]).then(() => (isDone = true));
      await clock.settle();
      assert.deepEqual([one.ids, isDone], [['1'], false]);
      one.deliver();
      await clock.settle();
      assert.ok(isDone);
    });

    it('has taken them only once no crash can lose one of them', async () => {
      const one = new Reader();
      const inbox = inboxOf(LINE, one);
      one.subscriber.begin(LINE, 1_000);
      let isDone = false;
      void inbox.recover(TELEGRAM, [old('1'), old('2')]).then(() => (isDone = true));
      await clock.settle();
      assert.deepEqual([one.ids, isDone], [['1', '2'], false]);
      one.deliver();
      await clock.settle();
      assert.ok(isDone);
    });
  });
});

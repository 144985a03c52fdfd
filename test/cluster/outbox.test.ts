import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { encodeEvent, eventIdOf, type EventHeader } from '../../src/cluster/event-message';
import { ClusterNames, partitionOf } from '../../src/cluster/names';
import { MAX_WAITING, Outbox, type OutboxOptions } from '../../src/cluster/outbox';
import { orderOf, type Delivery } from '../../src/inbox/delivery';
import { silentLog } from '../../src/log';
import { FakeClock } from '../support/fake-clock';
import { FakeEventStream } from '../support/fake-event-stream';

const CHANNEL = 'private-v1.licenses.1.messengers.grWhatsApp';
const INSTANCE = 'one';
const PARTITIONS = 4;
const NAMES = new ClusterNames('c0ffee', 'account');

describe('The outbox of an instance in a cluster', () => {
  let harness: OutboxHarness;

  beforeEach(() => (harness = new OutboxHarness()));

  it('publishes events of a leader in order', async () => {
    harness.outbox.lead();
    for (const id of ['1', '2', '3']) harness.add(messageOf(id));
    await harness.settled();
    assert.deepEqual(harness.stream.items, ['listener: 1', 'listener: 2', 'listener: 3']);
    assert.equal(harness.secured, 3);
  });

  it('keeps events of a standby and publishes them when it leads', async () => {
    harness.add(messageOf('1'));
    await turn();
    assert.deepEqual(harness.stream.items, []);
    harness.outbox.lead();
    await harness.settled();
    assert.deepEqual(harness.stream.items, ['listener: 1']);
  });

  it('publishes nothing that it has seen in the stream, before or after it received it', async () => {
    harness.add(messageOf('1'));
    harness.publishedElsewhere(messageOf('1'));
    harness.publishedElsewhere(messageOf('2'), { accepted: false });
    assert.equal(harness.outbox.size, 0);
    harness.outbox.lead();
    harness.add(messageOf('3'));
    await harness.settled();
    assert.deepEqual(harness.published, ['listener: 3']);
    assert.deepEqual(
      harness.noted,
      ['1', '2'].map(() => CHANNEL),
    );
  });

  it('counts events without a key: each in the stream takes away one that was received', async () => {
    harness.publishedElsewhere(keyless());
    harness.publishedElsewhere(keyless());
    for (let count = 0; count < 5; count += 1) harness.add(keyless());
    harness.publishedElsewhere(keyless());
    assert.equal(harness.outbox.size, 2);
    harness.outbox.lead();
    await harness.settled();
    assert.equal(harness.published.length, 2);
  });

  it('publishes an event only for those listeners for which a former leader has not', async () => {
    harness.add(messageOf('1'), 'first', 'second');
    harness.publishedElsewhere(messageOf('1'), { listener: 'first', shares: 2 });
    harness.publishedElsewhere(messageOf('2'), { listener: 'first', shares: 2 });
    harness.add(messageOf('2'), 'first', 'second');
    harness.outbox.lead();
    await harness.settled();
    assert.deepEqual(harness.published, ['second: 1', 'second: 2']);
    assert.deepEqual(
      harness.stream.stored.map(({ header }) => header.shares),
      [2, 2, 2, 2],
    );
  });

  it('notices what a former leader publishes late, and does not publish it again', async () => {
    harness.outbox.lead();
    harness.add(messageOf('1'));
    harness.stream.beforePublish = () => {
      harness.stream.beforePublish = () => undefined;
      harness.add(messageOf('2'));
      harness.publishedElsewhere(messageOf('1'));
    };
    await harness.settled();
    assert.deepEqual(harness.stream.items, ['listener: 1', 'listener: 2']);
    assert.equal(harness.stream.stored[0]?.header.instance, 'former');
  });

  it('publishes an event once if the answer of NATS gets lost', async () => {
    harness.outbox.lead();
    harness.stream.failures.push('lostAnswer', 'refused', 'lostAnswer');
    for (const id of ['1', '2']) harness.add(messageOf(id));
    await harness.settled();
    assert.deepEqual(harness.stream.items, ['listener: 1', 'listener: 2']);
    assert.equal(harness.failures, 3);
  });

  it('does not publish again what it has published without an answer before another instance led', async () => {
    harness.outbox.lead();
    harness.stream.failures.push('lostAnswer');
    harness.add(messageOf('1'));
    while (harness.stream.stored.length === 0) await turn();
    harness.outbox.stepDown();
    const [stored] = harness.stream.stored;
    assert.ok(stored);
    harness.outbox.onOwnPublished(stored.id);
    assert.deepEqual([harness.outbox.size, harness.secured], [0, 1]);
  });

  it('takes what came out of the own store of this instance for none of its events', () => {
    harness.add(messageOf('1'));
    for (const id of [`${INSTANCE}.stored.1`, 'former.1', '1']) harness.outbox.onOwnPublished(id);
    assert.deepEqual([harness.outbox.size, harness.secured], [1, 0]);
    harness.outbox.onOwnPublished(`${INSTANCE}.1`);
    assert.deepEqual([harness.outbox.size, harness.secured], [0, 1]);
  });

  it('drops an event that is larger than NATS takes, and reports it with that reason', async () => {
    harness.outbox.lead();
    harness.stream.failures.push(new RangeError('too large'));
    for (const id of ['1', '2']) harness.add(messageOf(id));
    await harness.settled();
    assert.deepEqual(harness.stream.items, ['listener: 2']);
    harness.outbox.close();
    assert.deepEqual(harness.dropped, [['tooLarge', 1]]);
  });

  it('drops the oldest of too many events, and reports how many if it leads', async () => {
    harness.stream.failures.push(...Array<'refused'>(100).fill('refused'));
    harness.outbox.lead();
    for (let id = 0; id < MAX_WAITING + 3; id += 1) harness.add(messageOf(String(id)));
    assert.equal(harness.outbox.size, MAX_WAITING);
    harness.outbox.close();
    assert.deepEqual(harness.dropped, [['unkept', 3]]);
    await turn();
  });

  it('forgets as a standby what the leader has published as far as it has received', () => {
    for (const [id, time] of [
      ['1', 100],
      ['2', 110],
      ['3', 120],
    ] as const) {
      harness.time = time;
      harness.add(messageOf(id));
    }
    harness.outbox.prune(120);
    assert.equal(harness.outbox.size, 1);
    assert.equal(harness.secured, 2);
  });

  it('gives back to the inbox what has to wait for older events, and publishes it when it comes again', async () => {
    harness.add(messageOf('1'), 'first', 'second');
    harness.publishedElsewhere(messageOf('1'), { listener: 'first', shares: 2 });
    harness.add(messageOf('2', 'other chat'));
    harness.takenBack.add('1');
    harness.outbox.lead();
    harness.add({ ...messageOf('0'), recovered: true });
    harness.add(messageOf('1'), 'first', 'second');
    await harness.settled();
    assert.deepEqual(harness.published.toSorted(), ['listener: 0', 'listener: 2', 'second: 1']);
  });

  it('publishes once what the inbox took back although NATS has stored it late', async () => {
    harness.outbox.lead();
    harness.stream.failures.push('lostAnswer');
    harness.add(messageOf('1'));
    while (harness.stream.stored.length === 0) await turn();
    const [late] = harness.stream.stored.splice(0);
    assert.ok(late);
    harness.outbox.stepDown();
    harness.takenBack.add('1');
    harness.outbox.lead();
    assert.equal(harness.outbox.size, 0);
    harness.takenBack.clear();
    harness.stream.add(late);
    harness.outbox.onOwnPublished(late.id);
    harness.add(messageOf('1'));
    await harness.settled();
    assert.deepEqual(harness.stream.items, ['listener: 1']);
  });

  it('publishes nothing any more once another instance leads', async () => {
    harness.outbox.lead();
    harness.outbox.stepDown();
    harness.add(messageOf('1'));
    await turn();
    await turn();
    assert.deepEqual(harness.stream.items, []);
    assert.equal(harness.outbox.size, 1);
  });
});

class OutboxHarness {
  readonly stream = new FakeEventStream();
  readonly clock = new FakeClock();
  readonly dropped: [string, number][] = [];
  /** The channels of the events that all listeners have got. */
  readonly noted: string[] = [];
  /** The ids of the items that the inbox takes back. */
  readonly takenBack = new Set<string>();
  readonly outbox: Outbox;
  secured = 0;
  failures = 0;
  time = 1_000;
  /** The inbox has accepted these. */
  readonly #accepted = new Set<string>();

  constructor() {
    const options: OutboxOptions = {
      instance: INSTANCE,
      stream: this.stream,
      names: NAMES,
      partitions: PARTITIONS,
      followed: () => Promise.resolve(),
      mayPublish: () => true,
      serverTime: () => this.time,
      takeBack: ({ item }) => this.takenBack.has(String(item.id)),
      onAllPublished: ({ channel, id }) => {
        this.noted.push(channel);
        return !this.#accepted.has(String(id));
      },
      onFailure: () => (this.failures += 1),
      onDropped: (reason, count) => this.dropped.push([reason, count]),
      clock: this.clock,
      random: () => 0.5,
      log: silentLog,
    };
    this.outbox = new Outbox(options);
  }

  /** The inbox accepts an event for these listeners. */
  add(delivery: Delivery, ...listeners: string[]): void {
    for (const listener of listeners.length > 0 ? listeners : ['listener']) {
      const onSecured = (): void => void (this.secured += 1);
      this.outbox.queueOf(listener).add({ attempt: 1, order: orderOf(delivery), delivery, onSecured });
    }
  }

  /** Another instance publishes an event, and this one sees it. */
  publishedElsewhere(delivery: Delivery, { listener = 'listener', shares = 1, accepted = true } = {}): void {
    const header = headerOf(delivery, shares);
    if (accepted) this.#accepted.add(String(header.id));
    const subject = NAMES.events(listener, partitionOf(orderOf(delivery), PARTITIONS));
    this.stream.add({ subject, id: `former.${this.stream.stored.length}`, header, body: encodeEvent(delivery) });
    this.outbox.onPublished(listener, header);
  }

  async settled(): Promise<void> {
    for (let count = 0; this.outbox.size > 0 && count < 1_000; count += 1) {
      await turn();
      await this.clock.pass(50);
    }
    assert.equal(this.outbox.size, 0, 'everything is published');
  }

  /** What this instance has published. */
  get published(): string[] {
    return this.stream.itemsOf(INSTANCE);
  }
}

function headerOf(delivery: Delivery, shares: number): EventHeader {
  return { instance: 'former', source: 'socket', shares, ...eventIdOf(delivery) };
}

function messageOf(id: string, chatId = 'chat'): Delivery {
  const item = { id, chat: { id: chatId }, type: 'text', side: 'in', message: { text: id } };
  return { ...keyless(), event: 'message', item, chatId, messageId: id };
}

function keyless(): Delivery {
  return {
    event: 'chatTag',
    channel: CHANNEL,
    item: { chat: { id: 'chat' }, tags: [] },
    meta: {},
    licenseId: '1',
    messengerType: 'grWhatsApp',
    chatId: 'chat',
    receivedAt: 1_700_000_000_000,
    recovered: false,
  };
}

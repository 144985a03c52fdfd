import assert from 'node:assert/strict';
import { pause } from '../../src/clock';
import { ClusterNames, partitionOf } from '../../src/cluster/names';
import { Outbox } from '../../src/cluster/outbox';
import { Published } from '../../src/cluster/published';
import { markOf } from '../../src/cluster/wire';
import type { Delivery } from '../../src/inbox/delivery';
import { silentLog } from '../../src/log';
import { Seeded } from '../fuzz/seeded';
import { CHANNEL, messageIn, readIn, shortly } from '../support/deliveries';
import { FakeClock } from '../support/fake-clock';
import { FakeStream } from '../support/fake-stream';

/** A copy, and the stream into which it publishes. */
class Stage {
  readonly clock = new FakeClock();
  readonly stream = new FakeStream();
  readonly names = new ClusterNames('c0ffee', 'account');
  readonly dropped: [number, number][] = [];
  mayPublish = true;
  readonly outbox = this.copy('one');

  copy(copy: string, mayPublish = (): boolean => this.mayPublish): Outbox {
    return new Outbox({
      copy,
      names: this.names,
      mayPublish,
      clock: this.clock,
      random: () => 0.5,
      log: silentLog,
      onDropped: (count, limit) => this.dropped.push([count, limit]),
    });
  }

  hear(...deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.outbox.add('listener', delivery);
  }

  lead({
    filling = new Map<string, Promise<void>>(),
    published = new Published(this.clock),
    outbox = this.outbox,
  } = {}): void {
    outbox.lead(this.stream, published, filling);
  }

  /** What is in the stream. */
  get published(): string[] {
    return this.stream.deliveries.map(shortly);
  }
}

/** The history of the channel is being fetched until it ends. */
class Filling {
  end: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly filling = new Map([
    [
      CHANNEL,
      new Promise<void>((end, fail) => {
        this.end = end;
        this.fail = fail;
      }),
    ],
  ]);
}

const outcomeOf = async (promise: Promise<void>, clock: FakeClock): Promise<string> => {
  let outcome = 'open';
  promise.then(
    () => (outcome = 'settled'),
    () => (outcome = 'rejected'),
  );
  await clock.settle();
  return outcome;
};

describe('an outbox', () => {
  it('publishes nothing while it stands by, and all of it in order once it leads', async () => {
    const stage = new Stage();
    stage.hear(messageIn('7', 1), messageIn('7', 2));
    await stage.clock.pass(60_000);
    assert.deepEqual(stage.published, []);
    stage.lead();
    stage.hear(messageIn('7', 3));
    await stage.clock.settle();
    assert.deepEqual(stage.published, ['7:1', '7:2', '7:3']);
    assert.equal(stage.outbox.size, 0);
  });

  it('keeps each chat in order, loses nothing and doubles nothing, whatever fails', async () => {
    const stage = new Stage();
    const random = new Seeded(7);
    stage.stream.fate = () => random.pick(['ok', 'failed', 'lostAnswer']);
    stage.lead();
    for (let id = 0; id < 400; id += 1) {
      stage.hear(messageIn(String(id % 40), id));
      if (id % 10 === 0) await stage.clock.pass(50);
    }
    await stage.clock.pass(600_000);
    for (let chat = 0; chat < 40; chat += 1) {
      const ofChat = stage.published.filter((one) => one.startsWith(`${chat}:`));
      assert.deepEqual(
        ofChat,
        Array.from({ length: 10 }, (_, turn) => `${chat}:${turn * 40 + chat}`),
      );
    }
    assert.equal(stage.stream.mostAtOnce, 1);
  });

  it('publishes nothing while the lease has run out, though nobody told it yet', async () => {
    const stage = new Stage();
    stage.mayPublish = false;
    stage.lead();
    stage.hear(messageIn('7', 1));
    await stage.clock.pass(10_000);
    assert.deepEqual(stage.published, []);
    stage.mayPublish = true;
    await stage.clock.pass(10_000);
    assert.deepEqual(stage.published, ['7:1']);
  });

  it('keeps what is not safe when it leads no more', async () => {
    const stage = new Stage();
    stage.stream.fate = () => 'failed';
    stage.lead();
    stage.hear(messageIn('7', 1), messageIn('7', 2));
    await stage.clock.settle();
    stage.outbox.standBy();
    stage.stream.fate = () => 'ok';
    await stage.clock.pass(60_000);
    assert.deepEqual([stage.published, stage.outbox.size], [[], 2]);
    stage.lead();
    await stage.clock.settle();
    assert.deepEqual(stage.published, ['7:1', '7:2']);
  });

  it('forgets what came through after it had ceased to lead', async () => {
    const stage = new Stage();
    stage.stream.fate = () => pause(stage.clock, 1_000).then(() => 'ok');
    stage.lead();
    stage.hear(messageIn('7', 1), messageIn('7', 2));
    await stage.clock.settle();
    stage.outbox.standBy();
    await stage.clock.pass(60_000);
    assert.deepEqual([stage.published, stage.outbox.size], [['7:1'], 1]);
  });

  it('publishes what lost its answer once, though NATS has forgotten its id', async () => {
    const stage = new Stage();
    let isDown = true;
    stage.stream.fate = () => (isDown ? 'lostAnswer' : 'ok');
    stage.lead();
    stage.hear(readIn('7'), readIn('7'));
    await stage.clock.settle();
    stage.outbox.standBy();
    isDown = false;
    await stage.clock.pass(600_000);
    stage.lead();
    await stage.clock.settle();
    assert.deepEqual(stage.published, ['7:-', '7:-']);
  });

  it('is not passed by a copy that led before and does not know better yet', async () => {
    const stage = new Stage();
    let isPaused = false;
    let asked = 0;
    const late = stage.copy('late', () => !isPaused || (asked += 1) === 1);
    stage.lead({ outbox: late });
    late.add('listener', messageIn('7', 1));
    await stage.clock.settle();
    stage.hear(readIn('7'));
    stage.lead();
    await stage.clock.settle();
    // It may publish when it looks, but by the time it does the other one leads.
    isPaused = true;
    late.add('listener', readIn('7'));
    await stage.clock.pass(60_000);
    assert.deepEqual(stage.published, ['7:1', '7:-']);
    assert.ok(asked > 1);
  });

  it('leaves out what was published before', async () => {
    const stage = new Stage();
    const published = new Published(stage.clock);
    const subject = stage.names.events('listener', partitionOf(messageIn('7', 1)));
    published.note(subject, markOf(messageIn('7', 1)));
    stage.hear(messageIn('7', 1), messageIn('7', 2));
    stage.lead({ published });
    stage.hear(messageIn('7', 1, { recovered: true }));
    await stage.clock.settle();
    assert.deepEqual([stage.published, stage.outbox.size], [['7:2'], 0]);
  });

  it('leaves out what can never be published, tells it, and goes on', async () => {
    const stage = new Stage();
    stage.stream.fate = ({ mark }) => (mark.id === markOf(messageIn('7', 1)).id ? 'tooLarge' : 'ok');
    let deep: unknown = {};
    for (let depth = 0; depth < 100_000; depth += 1) deep = { deep };
    stage.lead();
    stage.hear(
      messageIn('7', 1),
      readIn('7', { item: { deep } }),
      messageIn('7', 2, { item: { deep } }),
      messageIn('7', 3),
    );
    await stage.clock.pass(5_000);
    assert.deepEqual([stage.published, stage.outbox.size], [['7:3'], 0]);
    assert.deepEqual(stage.dropped, [[3, 50_000]]);
  });
});

describe('what waits to be published', () => {
  it('is settled once all that was heard before is published, whatever comes later', async () => {
    const stage = new Stage();
    stage.lead();
    const late = markOf(messageIn('9', 9)).id;
    stage.stream.fate = ({ mark }) => (mark.id === late ? 'never' : 'ok');
    await stage.outbox.settled();
    stage.hear(messageIn('7', 1), messageIn('8', 2));
    const settled = stage.outbox.settled();
    const again = stage.outbox.settled();
    stage.hear(messageIn('9', 9));
    const later = stage.outbox.settled();
    const { clock } = stage;
    const outcomes = [settled, again, later].map((promise) => outcomeOf(promise, clock));
    assert.deepEqual(await Promise.all(outcomes), ['settled', 'settled', 'open']);
    assert.deepEqual(stage.published, ['7:1', '8:2']);
  });

  it('is not settled while one of it is not safe, and never by a copy that stands by', async () => {
    const stage = new Stage();
    await assert.rejects(stage.outbox.settled());
    stage.stream.fate = () => 'failed';
    stage.lead();
    stage.hear(messageIn('7', 1));
    const settled = stage.outbox.settled();
    assert.equal(await outcomeOf(settled, stage.clock), 'open');
    stage.outbox.standBy();
    await assert.rejects(settled);
    await assert.rejects(stage.outbox.settled());
  });

  it('is forgotten by a copy that stands by once it is old, and by no other', async () => {
    const stage = new Stage();
    stage.hear(...[1, 2, 3].map((id) => messageIn('7', id, { receivedAt: id })));
    stage.outbox.prune(3);
    assert.equal(stage.outbox.size, 1);
    stage.stream.fate = () => 'failed';
    stage.lead();
    stage.outbox.prune(10);
    assert.equal(stage.outbox.size, 1);
    stage.stream.fate = () => 'ok';
    await stage.clock.pass(1_000);
    assert.deepEqual(stage.published, ['7:3']);
  });

  it('is bounded: the oldest is dropped, which is told once', async () => {
    const stage = new Stage();
    for (let id = 0; id < 50_010; id += 1) stage.hear(messageIn('7', id));
    assert.deepEqual([stage.outbox.size, stage.dropped], [50_000, []]);
    stage.stream.fate = () => 'never';
    stage.lead();
    assert.deepEqual(stage.dropped, [[10, 50_000]]);
    for (let id = 0; id < 5; id += 1) stage.hear(readIn('8'));
    await stage.clock.pass(5_000);
    assert.deepEqual([stage.outbox.size, stage.dropped.slice(1)], [50_000, [[5, 50_000]]]);
  });

  it('was not lost where the copy that leads had it all the time', () => {
    const stage = new Stage();
    for (let id = 0; id < 50_010; id += 1) stage.hear(messageIn('7', id, { receivedAt: id }));
    stage.outbox.prune(20_000);
    stage.lead();
    assert.deepEqual(stage.dropped, []);
  });
});

describe('while the history of a channel is fetched', () => {
  const missed = (id: number, more: Partial<Delivery> = {}): Delivery =>
    messageIn('7', id, { recovered: true, ...more });

  it('what came live waits, and what was missed goes at once', async () => {
    const stage = new Stage();
    const elsewhere = { channel: 'private-v1.companies.1' };
    stage.hear(messageIn('7', 5), messageIn('8', 6, elsewhere));
    const filling = new Filling();
    stage.lead(filling);
    stage.hear(missed(1), readIn('7'), missed(2));
    await stage.clock.settle();
    assert.deepEqual(stage.published, ['8:6', '7:1', '7:2']);
    filling.end();
    await stage.clock.settle();
    stage.hear(messageIn('7', 7));
    await stage.clock.settle();
    assert.deepEqual(stage.published.slice(3), ['7:5', '7:-', '7:7']);
  });

  it('what came live is published even if that fails', async () => {
    const stage = new Stage();
    stage.hear(messageIn('7', 5));
    const filling = new Filling();
    stage.lead(filling);
    filling.fail(new Error('refused'));
    await stage.clock.settle();
    assert.deepEqual(stage.published, ['7:5']);
  });

  it('what came live before a missed message of its chat was written goes first', async () => {
    const stage = new Stage();
    stage.lead(new Filling());
    stage.hear(messageIn('7', 3), messageIn('9', 3), readIn('7'), messageIn('7', 5), messageIn('7', 8));
    stage.hear(missed(2), missed(6), missed(7));
    await stage.clock.settle();
    assert.deepEqual(stage.published, ['7:2', '7:3', '7:-', '7:5', '7:6', '7:7']);
  });

  it('a copy that leads no more publishes none of it', async () => {
    const stage = new Stage();
    stage.hear(messageIn('7', 5));
    const filling = new Filling();
    stage.lead(filling);
    stage.outbox.standBy();
    filling.end();
    await stage.clock.settle();
    assert.deepEqual([stage.published, stage.outbox.size], [[], 1]);
  });
});

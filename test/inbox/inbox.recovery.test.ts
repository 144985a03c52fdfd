import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { ApiError } from '../../src/api/api-error';
import { MemoryRecords } from '../support/memory-records';
import { RecordedLine, caughtUp, ids, listener, listening } from '../support/recorded-line';

/** Records whose keys are on disk when a test says so. */
class KeyRecords extends MemoryRecords {
  #store: (() => void) | undefined;
  #stored: Promise<void> | undefined;

  /** Holds what is to be stored from now on. The result ends that. */
  hold(): () => void {
    this.#stored = new Promise((resolve) => (this.#store = resolve));
    return () => {
      this.#store?.();
      this.#stored = undefined;
    };
  }

  /** Stores what waits, and holds what comes then. */
  store(): void {
    this.#store?.();
    this.hold();
  }

  override async append(record: object, raw?: Buffer): Promise<number> {
    if ('keys' in record) await this.#stored;
    return super.append(record, raw);
  }
}

/** Records that are on disk only in the next turn of the event loop. */
class SlowRecords extends MemoryRecords {
  override async append(record: object, raw?: Buffer): Promise<number> {
    await turn();
    return super.append(record, raw);
  }
}

describe('messages that were missed', () => {
  it('come after a gap, before the live ones that came meanwhile, in the order of writing, marked', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.say('1');
    line.harness.drop();
    line.write('3', { time: Math.floor(line.clock.now() / 1_000) + 2 });
    line.write('2', { time: Math.floor(line.clock.now() / 1_000) + 1 });
    await line.clock.pass(5_000);
    let open = (): void => undefined;
    line.gate = new Promise((resolve) => (open = resolve));
    await line.harness.open();
    line.say('4');
    assert.deepEqual(ids(spy), ['1']);
    open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy).slice(0, 3), ['1', '2 recovered', '3 recovered']);
    assert.deepEqual(
      spy.deliveries.map(({ item }) => item.id),
      ['1', '2', '3', '4'],
    );
  });

  it('are not lost if a live message comes after a long gap, before the subscription is confirmed', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.say('before');
    line.harness.drop();
    for (let number = 1; number <= 10; number += 1) {
      await line.clock.pass(7_500);
      line.write(`missed ${number}`);
    }
    await line.clock.pass(60_000);
    line.say('live');
    await line.harness.open();
    await caughtUp(spy);
    const missed = Array.from({ length: 10 }, (_, index) => `missed ${index + 1} recovered`);
    assert.deepEqual(ids(spy).toSorted(), ['before', 'live', ...missed].toSorted());
  });

  it('are not fetched at the first start: what was written before does not count, then or later', async () => {
    const line = new RecordedLine();
    line.write('old');
    await line.clock.pass(1_000);
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await line.clock.pass(30_000);
    line.write('in the gap');
    line.harness.drop();
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['in the gap recovered']);
  });

  it('are not lost if the first socket is dead and nobody notices it for a while', async () => {
    const line = new RecordedLine();
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    line.harness.isAnswering = false;
    line.write('in the gap');
    await line.clock.pass(20_000);
    line.harness.drop();
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['in the gap recovered']);
  });

  it('are not lost if the first socket drops at once', async () => {
    const line = new RecordedLine();
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    line.harness.drop();
    line.write('in the gap');
    await line.clock.settle();
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['in the gap recovered']);
  });

  it('come after a restart too, and none that was delivered before', async () => {
    const line = await listening(listener());
    line.say('before');
    await line.clock.pass(2_000);
    await line.close();
    line.write('while away');
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['while away recovered']);
  });

  it('come also long after: what was delivered hours ago is still known', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.say('1');
    await line.clock.pass(3 * 3_600_000);
    line.harness.drop();
    line.write('2');
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['1', '2 recovered']);
  });

  it('come without those that were delivered just before a long gap', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.say('before');
    await line.clock.pass(10);
    line.harness.drop();
    await line.clock.pass(2 * 3_600_000);
    line.write('missed');
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['before', 'missed recovered']);
  });

  it('come edited if a message was edited in the gap', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.say('1', { message: { text: 'a' } });
    line.harness.drop();
    Object.assign(line.written[0] ?? {}, { edited: true, message: { text: 'b' } });
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['1', '1 recovered']);
    line.harness.drop();
    await line.harness.open();
    await caughtUp(spy);
    assert.equal(spy.deliveries.length, 2);
  });

  it('do not come to a listener that was not there yet', async () => {
    const first = listener();
    const line = await listening(first);
    line.harness.drop();
    line.write('1');
    await line.clock.pass(5_000);
    const second = listener({ id: 'node-2' });
    line.harness.inbox.add(second);
    await line.harness.open();
    await caughtUp(first);
    assert.deepEqual(ids(first), ['1 recovered']);
    assert.deepEqual(ids(second), []);
  });

  it('are not fetched for a listener that wants none, nor if that is switched off', async () => {
    const statuses = listener({ events: ['messageStatus'] });
    const off = new RecordedLine(0);
    for (const line of [await listening(statuses), await listening(listener(), off)]) {
      line.harness.drop();
      line.write('1');
      await line.harness.open();
      assert.equal(line.queries.length, 0);
    }
  });

  it('that are system messages come as messageSystem to a listener that wants those', async () => {
    const spy = listener({ events: ['messageSystem'] });
    const line = await listening(spy);
    line.harness.drop();
    line.write('1', { type: 'system' });
    line.write('2', { type: 'text' });
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(
      spy.deliveries.map(({ event, item }) => `${event} ${String(item.id)}`),
      ['messageSystem 1'],
    );
  });

  it('do not keep live events waiting for more than 30 s, and still come when the history is back', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.harness.drop();
    line.write('missed');
    line.failure = ApiError.unreachable('api.example', undefined);
    await line.harness.open();
    line.announce({ id: 'live', time: Math.floor(line.clock.now() / 1_000), chat: { id: 8 } });
    await line.clock.pass(29_000);
    assert.deepEqual(ids(spy), []);
    await line.clock.pass(1_500);
    assert.deepEqual(ids(spy), ['live']);
    line.failure = undefined;
    await line.clock.pass(60_000);
    assert.deepEqual(ids(spy), ['live', 'missed recovered']);
  });

  it('are delivered few at a time: no crash delivers more of them again than it has delivered without storing that', async () => {
    const records = new KeyRecords();
    const line = await listening(listener(), new RecordedLine(24, records));
    line.harness.drop();
    for (let count = 1; count <= 40; count += 1) line.write(String(count), { chat: { id: count % 4 } });
    const open = records.hold();
    const spy = listener();
    const run = line.start({ records });
    run.inbox.add(spy);
    await run.open();
    line.say('live', { chat: { id: 1 } });
    for (let rest = 40; rest > 0; rest -= 4) {
      assert.equal(spy.deliveries.length, 40 - rest + 4);
      records.store();
      await line.clock.settle();
    }
    open();
    await caughtUp(spy);
    await line.clock.settle();
    assert.deepEqual([spy.deliveries.length, ids(spy).at(-1)], [41, 'live']);
  });

  it('are not skipped by live ones: after a crash in the middle of a recovery they still come', async () => {
    const line = await listening(listener());
    line.harness.drop();
    line.write('missed');
    line.failure = ApiError.unreachable('api.example', undefined);
    await line.harness.open();
    await line.clock.pass(40_000);
    line.say('live');
    await line.clock.pass(2_000);
    line.failure = undefined;
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['missed recovered', 'live recovered']);
  });

  it('are not lost if all leave in the middle of a recovery, and nothing is reported to those that have left', async () => {
    const left = listener();
    const line = await listening(left);
    line.harness.drop();
    line.write('missed');
    line.failure = ApiError.unreachable('api.example', undefined);
    await line.harness.open();
    line.say('live');
    await line.close();
    await line.clock.pass(2_000);
    assert.deepEqual(ids(left), []);
    line.failure = undefined;
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['missed recovered', 'live recovered']);
  });

  it('show in the status while they are fetched, with their number', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.harness.drop();
    for (let id = 0; id < 250; id += 1) line.write(String(id));
    await line.harness.open();
    await caughtUp(spy);
    const counts = spy.statuses.flatMap(({ kind, recovered }) => (kind === 'recovering' ? [recovered] : []));
    assert.deepEqual(counts, [0, 100, 200, 250]);
    assert.equal(spy.status?.kind, 'listening');
  });
});

describe('messages that cannot be recovered', () => {
  it('because ChatApp refuses the history are reported, from when to when, and live messages go on', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.harness.drop();
    line.failure = ApiError.refused('/v1/licenses/50101', { status: 403 });
    await line.harness.open();
    line.say('live');
    await line.clock.pass(30_000);
    assert.deepEqual(ids(spy), ['live']);
    assert.deepEqual(spy.codes, []);
    await line.clock.pass(40_000);
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.refused']);
    assert.deepEqual(line.harness.codes, []);
    assert.match(spy.errors[0]?.message ?? '', /from 2031-05-06T\S+ to 2031-05-06T/);
  });

  it('because ChatApp refuses the history for less than a minute are recovered after all, and nothing is reported', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.harness.drop();
    line.write('missed');
    line.failure = ApiError.refused('/v1/licenses/50101', { status: 404 });
    await line.harness.open();
    await line.clock.pass(50_000);
    line.failure = undefined;
    await line.clock.pass(30_000);
    assert.deepEqual(ids(spy), ['missed recovered']);
    assert.deepEqual([...spy.codes, ...line.harness.codes], []);
  });

  it('because the gap is too long are reported; the rest comes', async () => {
    const line = await listening(listener(), new RecordedLine(2));
    await line.close();
    line.write('too old');
    await line.clock.pass(5 * 3_600_000);
    line.write('within bounds');
    const spy = listener({ events: ['message'] });
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.tooOld']);
    assert.deepEqual(ids(spy), ['within bounds recovered']);
  });

  it('are not reported if nothing can have been missed: a line may be silent for hours', async () => {
    const spy = listener();
    const line = await listening(spy, new RecordedLine(2));
    line.say('1');
    await line.clock.pass(5 * 3_600_000);
    line.harness.drop();
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(spy.codes, []);
  });
});

describe('the store of an inbox', () => {
  it('knows a line as soon as it is received: a crash in the first second loses nothing', async () => {
    const line = new RecordedLine();
    line.harness.inbox.add(listener());
    await line.harness.open();
    line.say('received');
    line.write('missed');
    await line.clock.pass(1);
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.ok(ids(spy).includes('missed recovered'));
  });

  it('gets few records, however much comes: the keys of a burst share two', async () => {
    const line = new RecordedLine(24, new SlowRecords());
    await listening(listener(), line);
    const before = line.records.written.length;
    for (let burst = 0; burst < 10; burst += 1) {
      for (let count = 0; count < 10; count += 1) line.say(`${burst}-${count}`);
      await line.clock.pass(200);
    }
    const written = line.records.written.slice(before);
    const keys = written.filter((name) => name === 'keys').length;
    // One for the first event, and one for those that were delivered while it was written.
    assert.ok(keys <= 20, `${keys} records of keys for 10 bursts`);
    // Every 5 s, until when the line was received.
    assert.ok(written.length - keys <= 1, `${written.length - keys} other records in 2 s`);
  });
});

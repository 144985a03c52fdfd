import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateLimiter, type Priority } from '../../src/api/rate-limiter';
import { FakeClock } from '../support/fake-clock';

/** The most of `starts` (ascending, ms) that fall into any one second. */
function busiestSecond(starts: readonly number[]): number {
  return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + 1_000).length));
}

describe('the rate limiter', () => {
  it('lets at most 50 requests start in any second, and wastes no more than it must', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(50, clock);
    const begin = clock.now();
    const starts: number[] = [];
    const all = Promise.all(Array.from({ length: 220 }, () => limiter.take().then(() => starts.push(clock.now()))));
    await clock.pass(10_000);
    await all;
    assert.equal(starts.length, 220);
    assert.equal(busiestSecond(starts), 50);
    assert.ok((starts.at(-1) ?? Infinity) - begin <= 4_500, 'four full seconds and a bit are enough for 220');
  });

  it('keeps to it whenever the requests come, and keeps their order', async () => {
    const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(40), fc.nat(1_500)), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.integer({ min: 1, max: 5 }), async (waits, perSecond) => {
        const clock = new FakeClock();
        const limiter = new RateLimiter(perSecond, clock);
        const starts: number[] = [];
        const order: number[] = [];
        for (const [index, wait] of waits.entries()) {
          await clock.pass(wait);
          void limiter.take().then(() => {
            starts.push(clock.now());
            order.push(index);
          });
        }
        await clock.pass(60_000);
        assert.deepEqual(order, [...waits.keys()]);
        assert.ok(busiestSecond(starts) <= perSecond);
      }),
      { numRuns: 60 },
    );
  });

  it('a request that finds room starts at once', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(2, clock);
    await Promise.all([limiter.take(), limiter.take()]);
    await clock.pass(1_100);
    await limiter.take();
    assert.equal(clock.pending, 0);
  });

  it('a waiting request ends when it is aborted, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(1, clock);
    const end = new AbortController();
    await limiter.take({ signal: end.signal });
    const waiting = [
      limiter.take({ signal: end.signal }),
      limiter.take({ signal: end.signal }),
      limiter.take({ signal: end.signal }),
    ];
    const settled = Promise.allSettled(waiting);
    await clock.pass(10);
    end.abort(new Error('that will do'));
    const outcomes = await settled;
    assert.ok(outcomes.every((one) => one.status === 'rejected' && String(one.reason).includes('that will do')));
    assert.equal(clock.pending, 0);
    await assert.rejects(limiter.take({ signal: end.signal }), /that will do/);
  });

  it('starts requests of one priority in the order of asking, and subscribes before history', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(1, clock);
    const order: string[] = [];
    const ask = (name: string, priority: Priority): void =>
      void limiter.take({ priority }).then(() => order.push(name));
    for (const name of ['history 1', 'history 2']) ask(name, 'history');
    ask('busy', 'busyHistory');
    for (const name of ['subscribe 1', 'subscribe 2']) ask(name, 'subscribe');
    await clock.pass(10_000);
    assert.deepEqual(order, ['history 1', 'subscribe 1', 'subscribe 2', 'busy', 'history 2']);
  });

  it('starts 1,000 subscribes at nearly 50 a second while nothing else waits', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(50, clock);
    const begin = clock.monotonic();
    const starts = await startAll(clock, limiter, { subscribe: 1_000 }, 21_000);
    assert.equal(starts.length, 1_000);
    assert.ok((starts.at(-1)?.at ?? Infinity) - begin <= 20_000);
  });

  it('reserves 10 of 50 for sends and 10 for lists while any wait, and wastes nothing', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(50, clock);
    // The first second is full before the others ask.
    await startAll(clock, limiter, { subscribe: 50 }, 0);
    const all = { history: 900, subscribe: 900, list: 900, send: 900, other: 900 };
    const starts = await startAll(clock, limiter, all, 10 * 1_050);
    const counts = Object.keys(all).map((one) => [one, starts.filter(({ priority }) => priority === one).length]);
    assert.deepEqual(Object.fromEntries(counts), { history: 0, subscribe: 250, list: 100, send: 100, other: 50 });
    assert.ok(busiestSecond(starts.map(({ at }) => at)) <= 50);
  });

  it('lets a send start at once however much history waits, and the history have the rest', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(50, clock);
    const begin = clock.monotonic();
    const history = startAll(clock, limiter, { history: 400 }, 0);
    for (let round = 0; round < 5; round += 1) {
      await clock.pass(777);
      let hasStarted = false;
      void limiter.take({ priority: 'send' }).then(() => (hasStarted = true));
      await clock.settle();
      assert.ok(hasStarted);
    }
    await clock.pass(8_000);
    const starts = await history;
    assert.equal(starts.length, 400);
    assert.ok((starts.at(-1)?.at ?? Infinity) - begin <= 11_000);
  });

  it('asks for the priority when a request may start: what was not urgent may have become so', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(1, clock);
    const order: string[] = [];
    let isUrgent = false;
    await limiter.take();
    void limiter.take({ priority: 'subscribe' }).then(() => order.push('subscribe'));
    void limiter.take({ priority: () => (isUrgent ? 'list' : 'history') }).then(() => order.push('list'));
    isUrgent = true;
    await clock.pass(5_000);
    assert.deepEqual(order, ['list', 'subscribe']);
  });

  it('keeps to the limit if the time of day is set', async () => {
    for (const jump of [-3_600_000, 3 * 86_400_000]) {
      const clock = new FakeClock();
      const limiter = new RateLimiter(1, clock);
      await limiter.take();
      clock.setTo(clock.now() + jump);
      let hasStarted = false;
      void limiter.take().then(() => (hasStarted = true));
      await clock.pass(1_000);
      assert.ok(!hasStarted);
      await clock.pass(100);
      assert.ok(hasStarted);
    }
  });
});

interface Start {
  readonly at: number;
  readonly priority: Priority;
}

/** Has so many requests of each priority wait, lets time pass, and returns those that have started by then. */
async function startAll(
  clock: FakeClock,
  limiter: RateLimiter,
  counts: Partial<Record<Priority, number>>,
  ms: number,
): Promise<Start[]> {
  const starts: Start[] = [];
  const add = (priority: Priority, count = 0): void => {
    for (let index = 0; index < count; index += 1) {
      void limiter.take({ priority }).then(() => starts.push({ at: clock.monotonic(), priority }));
    }
  };
  add('history', counts.history);
  add('subscribe', counts.subscribe);
  add('list', counts.list);
  add('send', counts.send);
  add('other', counts.other);
  await clock.pass(ms);
  return starts;
}

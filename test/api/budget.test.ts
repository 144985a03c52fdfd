import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RequestBudget } from '../../src/api/budget';
import { FakeClock } from '../support/fake-clock';

/** The most of `starts` (ascending, ms) that fall into any one second. */
function busiestSecond(starts: readonly number[]): number {
  return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + 1_000).length));
}

describe('the request budget', () => {
  it('lets at most 50 requests start in any second, and wastes no more than it must', async () => {
    const clock = new FakeClock();
    const budget = new RequestBudget(50, clock);
    const begin = clock.now();
    const starts: number[] = [];
    const all = Promise.all(Array.from({ length: 220 }, () => budget.take().then(() => starts.push(clock.now()))));
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
        const budget = new RequestBudget(perSecond, clock);
        const starts: number[] = [];
        const order: number[] = [];
        for (const [index, wait] of waits.entries()) {
          await clock.pass(wait);
          void budget.take().then(() => {
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
    const budget = new RequestBudget(2, clock);
    await Promise.all([budget.take(), budget.take()]);
    await clock.pass(1_100);
    await budget.take();
    assert.equal(clock.pending, 0);
  });

  it('whoever is in line gives up when told to, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const budget = new RequestBudget(1, clock);
    const end = new AbortController();
    await budget.take({ signal: end.signal });
    const waiting = [
      budget.take({ signal: end.signal }),
      budget.take({ signal: end.signal }),
      budget.take({ signal: end.signal }),
    ];
    const settled = Promise.allSettled(waiting);
    await clock.pass(10);
    end.abort(new Error('that will do'));
    const outcomes = await settled;
    assert.ok(outcomes.every((one) => one.status === 'rejected' && String(one.reason).includes('that will do')));
    assert.equal(clock.pending, 0);
    await assert.rejects(budget.take({ signal: end.signal }), /that will do/);
  });

  it('lets what is urgent go first, each kind in the order of asking', async () => {
    const clock = new FakeClock();
    const budget = new RequestBudget(1, clock);
    const order: string[] = [];
    const ask = (name: string, isUrgent: boolean): void => void budget.take({ isUrgent }).then(() => order.push(name));
    for (const name of ['first', 'second', 'third']) ask(name, false);
    for (const name of ['urgent', 'urgent too']) ask(name, true);
    await clock.pass(10_000);
    assert.deepEqual(order, ['first', 'urgent', 'urgent too', 'second', 'third']);
  });

  it('a time of day that is set back holds requests up for a second, not for hours', async () => {
    const clock = new FakeClock();
    const budget = new RequestBudget(1, clock);
    await budget.take();
    clock.setTo(clock.now() - 3_600_000);
    let started = false;
    void budget.take().then(() => (started = true));
    await clock.pass(1_100);
    assert.ok(started);
  });
});

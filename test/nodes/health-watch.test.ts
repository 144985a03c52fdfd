import assert from 'node:assert/strict';
import { HealthWatch } from '../../nodes/chatapp-connection/health-watch';
import { FakeClock } from '../support/fake-clock';

describe('HealthWatch', () => {
  let clock: FakeClock;
  let published: unknown[];
  let state: string;
  let looks: number;
  let watch: HealthWatch;
  beforeEach(() => {
    clock = new FakeClock();
    [published, state, looks] = [[], 'one', 0];
    const comms = { publish: (topic: string, data: unknown) => void published.push([topic, data]) };
    watch = new HealthWatch(comms, clock, () => {
      looks += 1;
      return state;
    });
  });

  it('publishes a number when the state has changed, at most every 2 s', async () => {
    watch.onAsked('one');
    await clock.pass(2_000);
    assert.deepEqual(published, []);
    state = 'two';
    await clock.pass(1_999);
    assert.deepEqual(published, []);
    await clock.pass(1);
    state = 'three';
    await clock.pass(2_000);
    assert.deepEqual(published, [
      ['chatapp/health', 1],
      ['chatapp/health', 2],
    ]);
  });

  it('looks at nothing if nobody has asked for 10 s', async () => {
    watch.onAsked('one');
    await clock.pass(60_000);
    assert.deepEqual([looks, clock.pending], [4, 0]);
    watch.onAsked('one');
    state = 'two';
    await clock.pass(2_000);
    assert.deepEqual(published, [['chatapp/health', 1]]);
  });
});

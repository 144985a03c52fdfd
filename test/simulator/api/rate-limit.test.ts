import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../../simulator';
import { ask } from '../api-client';

describe('the rate limit of the simulator', () => {
  let simulator: Simulator;
  let now = 1_790_000_000_000;

  before(async () => {
    simulator = await startSimulator({ now: () => now });
  });
  after(() => simulator.close());

  it('answers the 51st request within a second with 429 and Retry-After, and goes on a second later', async () => {
    for (let count = 1; count <= 50; count += 1) {
      assert.equal((await ask(simulator, 'GET /v1/licenses')).status, 200, `request ${count}`);
    }
    const limited = await ask(simulator, 'GET /v1/licenses');
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '1']);
    assert.equal(limited.code, 'ApiTooManyRequestsError');
    assert.equal((await ask(simulator, 'POST /broadcasting/auth')).status, 429);
    now += 999;
    assert.equal((await ask(simulator, 'GET /v1/licenses')).status, 429);
    now += 1;
    assert.equal((await ask(simulator, 'GET /v1/licenses')).status, 200);
  });

  it('does not count what belongs to the simulator alone', async () => {
    now += 1000;
    for (let count = 1; count <= 60; count += 1) await ask(simulator, 'GET /simulator/state');
    assert.equal((await ask(simulator, 'GET /v1/licenses')).status, 200);
  });
});

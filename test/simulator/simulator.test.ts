import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../simulator';
import { PROTOCOL_CASES } from './protocol-cases';
import type { ProtocolServer } from './protocol-client';

const LIMITS = { laravel: 250 * 1024, soketi: 100 * 1024 } as const;

for (const style of ['laravel', 'soketi'] as const) {
  describe(`the simulator speaks the Pusher protocol as ${style} does`, () => {
    let simulator: Simulator;
    let server: ProtocolServer;

    before(async () => {
      simulator = await startSimulator({ style });
      const { url, socketUrl, appKey, appId, secret } = simulator;
      server = { url, socketUrl, appKey, appId, secret, dataLimit: LIMITS[style] };
    });
    after(() => simulator.close());

    for (const { name, steps, expected } of PROTOCOL_CASES) {
      it(name, async () => {
        assert.deepEqual(await steps(server), 'both' in expected ? expected.both : expected[style]);
      });
    }
  });
}

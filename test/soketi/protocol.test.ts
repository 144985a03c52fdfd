import assert from 'node:assert/strict';
import { PROTOCOL_CASES } from '../simulator/protocol-cases';
import type { ProtocolServer } from '../simulator/protocol-client';
import { type Soketi, startSoketi } from './start';

const INSTALL_TIMEOUT = 300_000;
const isWanted = process.env.SOKETI === '1';
const title = 'soketi answers what the simulator in its style answers';

(isWanted ? describe : describe.skip)(isWanted ? title : `${title} (skipped: it runs with SOKETI=1 only)`, () => {
  let soketi: Soketi | undefined;
  let server: ProtocolServer;

  before(async function () {
    this.timeout(INSTALL_TIMEOUT);
    soketi = await startSoketi();
    server = { ...soketi, dataLimit: 100 * 1024 };
  });
  after(() => soketi?.stop());

  for (const { name, steps, expected } of PROTOCOL_CASES) {
    it(name, async () => {
      assert.deepEqual(await steps(server), 'both' in expected ? expected.both : expected.soketi);
    });
  }
});

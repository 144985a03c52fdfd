import { writeSync } from 'node:fs';

/** How long what the last test has left may take to end, in ms. */
const WITHIN = 20_000;

/**
 * A test that fails in its middle may leave a server, a browser or a connection behind, which would keep the run alive
 * for ever, after all results were told. The run ends anyway, with the exit code that its results give it, and says
 * what was left: where all tests have passed, that is a fault of one of them.
 */
export const mochaHooks = {
  afterAll(): void {
    setTimeout(() => {
      const left = process.getActiveResourcesInfo().filter((kind) => kind !== 'TTYWrap' && kind !== 'PipeWrap');
      writeSync(2, `Ended ${WITHIN / 1_000} s after the last test, although these were left: ${left.join(', ')}\n`);
      process.exit();
    }, WITHIN).unref();
  },
};

import { AssertionError } from 'node:assert';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The temporary folder of the run, which all of its processes know; `leak-check.ts` sets it. */
const RUN = 'CHATAPP_TEST_RUN';

/**
 * A test of what is promised and does not hold yet. It runs, and passes only as long as it fails by an assertion: as soon as it
 * succeeds, it is red and asks to be made a normal test. `why` says what happens today.
 */
export function failsToday(name: string, why: string, body: (this: Mocha.Context) => Promise<void>): Mocha.Test {
  return it(`${name} [fails today: ${why}]`, async function () {
    try {
      await body.call(this);
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error;
      if (process.env.SHOW_FAILURES) console.log(`      ${error.message}`);
      appendFileSync(listOf(process.env[RUN] ?? '.'), `${name}\n`);
      return;
    }
    throw new Error('This works now: make it a normal test.');
  });
}

/** Runs in the process that started the workers, once all files are done. */
export function mochaGlobalTeardown(): void {
  const list = listOf(process.env[RUN] ?? '.');
  const count = existsSync(list) ? readFileSync(list, 'utf8').split('\n').length - 1 : 0;
  if (count > 0) console.log(`\n  ${count} expected failures`);
}

function listOf(folder: string): string {
  return join(folder, 'expected-failures.txt');
}

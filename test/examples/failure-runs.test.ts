import assert from 'node:assert/strict';
import { EXPECTED, FailureHarness, type FailureRun } from './failure-runs';

/** `npm run release-check` runs all of them. */
const ALL = process.env.FAILURE_RUNS === 'all';

const RUNS: readonly FailureRun[] = [
  { name: 'slack/notify', always: true, variables: (url) => ({ SLACK_WEBHOOK_URL: `${url}/hook` }) },
  { name: 'slack/notify-robust', always: true, variables: (url) => ({ SLACK_WEBHOOK_URL: `${url}/hook` }) },
];

describe('an example whose HTTP API fails', () => {
  let harness: FailureHarness;

  before(async () => {
    harness = await FailureHarness.start();
  });
  after(() => harness.close());

  for (const run of RUNS.filter(({ always }) => ALL || always)) {
    it(`loses and doubles nothing, and raises each alert once: ${run.name}`, async () => {
      assert.deepEqual(await harness.run(run), EXPECTED);
    });
  }
});

import assert from 'node:assert/strict';
import { EXPECTED, FailureHarness, type FailureRun } from './failure-runs';
import { INTEGRATION_RUNS } from './integration-runs';

/** `npm run release-check` runs all of them. */
const ALL = process.env.FAILURE_RUNS === 'all';

const RUNS: readonly FailureRun[] = [
  { name: 'slack/notify', always: true, variables: (url) => ({ SLACK_WEBHOOK_URL: `${url}/hook` }) },
  { name: 'slack/notify-robust', always: true, variables: (url) => ({ SLACK_WEBHOOK_URL: `${url}/hook` }) },
  {
    name: 'slack/threads',
    variables: () => ({ SLACK_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1' }),
    service: 'https://slack.com',
    answer: () => ({ body: { ok: true, ts: '1.2', message: {} } }),
  },
  { name: 'teams/notify', variables: (url) => ({ TEAMS_URL: `${url}/hook` }), answer: () => ({ status: 202 }) },
  { name: 'discord/notify', variables: (url) => ({ DISCORD_URL: `${url}/hook` }), answer: () => ({ status: 204 }) },
  { name: 'telegram/alert', variables: (url) => ({ TELEGRAM_URL: `${url}/bot1/sendMessage`, TELEGRAM_CHAT: '12' }) },
  ...INTEGRATION_RUNS,
];

describe('an example whose HTTP API fails', () => {
  let failures: FailureHarness;

  before(async () => {
    failures = await FailureHarness.start();
  });
  after(() => failures.close());

  for (const run of RUNS.filter(({ always }) => ALL || always)) {
    it(`loses and doubles nothing, and raises each alert once: ${run.title ?? run.name}`, async () => {
      assert.deepEqual(await failures.run(run), EXPECTED);
    });
  }
});

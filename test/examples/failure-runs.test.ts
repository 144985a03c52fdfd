import assert from 'node:assert/strict';
import { isRecord, parseJson } from '../../src/events/json';
import { MqttStub, type Publication, type Verdict } from '../support/mqtt-stub';
import { SmtpStub } from '../support/smtp-stub';
import { ANSWERING_RUNS } from './answering-runs';
import { EXPECTED, EXPECTED_WITHOUT_STATUS, nameIn, Tally, type Failure, type Outcomes } from './failure-outcomes';
import { FailureHarness, type FailureRun } from './failure-runs';
import { INTEGRATION_RUNS } from './integration-runs';
import { mailTo } from './mail';

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
  ...ANSWERING_RUNS,
];

/** What SMTP says for the same. */
const SMTP_STATUS: Readonly<Record<number, number>> = { 400: 550, 429: 451, 503: 421 };
/** What MQTT 5 says for the same: not authorised, quota exceeded, unspecified error. */
const MQTT_REASON: Readonly<Record<number, number>> = { 400: 0x87, 429: 0x97, 503: 0x80 };

describe('an example whose other side fails', () => {
  let failures: FailureHarness;

  before(async () => {
    failures = await FailureHarness.start();
  });
  after(() => failures.close());

  const inFull = (title: string, run: () => Promise<[Outcomes, Outcomes]>): void => {
    it(`loses and doubles nothing, and raises each alert once: ${title}`, async () => {
      const [outcomes, expected] = await run();
      assert.deepEqual(outcomes, expected);
    });
  };

  for (const run of RUNS.filter(({ always }) => ALL || always)) {
    inFull(run.title ?? run.name, async () => [await failures.run(run), run.expected ?? EXPECTED]);
  }

  inFull('email/each-message', async () => {
    const tally = new Tally();
    const smtp = await SmtpStub.start(failures.examples.certificate);
    smtp.judge(({ subject }) => {
      const name = nameIn(subject) ?? '';
      const failure = tally.failure(name);
      if (failure === undefined) tally.store(name);
      return typeof failure === 'object' ? SMTP_STATUS[failure.status ?? 0] : failure;
    });
    try {
      const target = { ...mailTo(smtp), name: 'email/each-message', tally, expected: EXPECTED_WITHOUT_STATUS };
      return [await failures.outcomes(target), target.expected];
    } finally {
      await smtp.down();
    }
  });

  /** Publishes to a broker, which fails as `verdict` says. */
  const overMqtt = (name: string, expected: Outcomes, verdict: (failure: Failure, of: Publication) => Verdict): void =>
    inFull(name, async () => {
      const tally = new Tally();
      const broker = await MqttStub.start((publication) => {
        const customer = nameIn(publication.payload) ?? '';
        const failure = tally.failure(customer);
        if (failure === 'break') return failure;
        if (failure !== undefined) return verdict(failure, publication);
        tally.store(customer);
        return verdict({ status: 200 }, publication);
      });
      try {
        const variables = { MQTT_URL: broker.url };
        return [await failures.outcomes({ name, variables, tally, expected, ahead: 'breaks' }), expected];
      } finally {
        await broker.close();
      }
    });

  overMqtt('mqtt/publish', EXPECTED_WITHOUT_STATUS, (failure) =>
    failure === 'hang' || failure === 'break' ? failure : { reason: MQTT_REASON[failure.status ?? 0] ?? 0 },
  );

  // The worker reports what its API has answered, or nothing.
  if (ALL)
    overMqtt('mqtt/share-the-work', EXPECTED, (failure, { payload }) => {
      if (failure === 'hang' || failure === 'break') return {};
      const job = parseJson(payload);
      const report = { id: isRecord(job) && job.id, statusCode: failure.status };
      return { reply: { topic: 'chatapp-done', payload: JSON.stringify(report) } };
    });
});

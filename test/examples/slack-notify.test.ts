import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExampleStage, type ExampleSettings } from '../support/example-stage';
import { HttpFarEnd, type FarAnswer } from '../support/http-far-end';
import { AGAIN, ELSE, KEPT, LINE, runSending, type SendingRun } from './sending-run';
import { blocksOf, section } from './slack-blocks';

const EVE = { id: '7001', name: 'Eve <&> co' } as const;
const QUEUE = 'one after the other';

/**
 * Requests, answers and errors as https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks and
 * https://docs.slack.dev/apis/web-api/rate-limits tell them.
 */
describe('the example slack/notify', function () {
  this.timeout(60_000);
  let stage: ExampleStage;
  let slack: HttpFarEnd;

  before(async () => {
    stage = await ExampleStage.start();
  });

  after(() => stage.close());

  beforeEach(async () => {
    slack = await HttpFarEnd.start();
  });

  afterEach(async () => {
    // What still waits in the flow's context goes with the flow.
    await stage.deploy([]);
    await slack.down();
  });

  const NOTIFY = 'slack/notify';
  const PATH = '/services/T000/B000/secret';
  const OK: FarAnswer = { body: 'ok' };
  const notify = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> =>
    runSending(stage, { name: NOTIFY, queue: QUEUE }, { SLACK_WEBHOOK_URL: `${slack.url}${PATH}`, ...more });

  beforeEach(() => slack.answerWith(() => OK));

  it('posts name, line and text to the webhook, escaped as Slack wants it, and nothing of what we answer', async () => {
    const flow = await notify();
    stage.simulator.message({ ...LINE, side: 'out', text: 'an answer' });
    stage.simulator.message({ ...LINE, text: '<!channel> a & b', chat: EVE });
    await slack.until((requests) => requests.length > 0);
    await flow.untilWaiting(0);
    const [request] = slack.requests;
    assert.deepEqual([request?.method, request?.path], ['POST', PATH]);
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.deepEqual(request.json, {
      text: 'Eve &lt;&amp;&gt; co: &lt;!channel&gt; a &amp; b',
      blocks: [section('*Eve &lt;&amp;&gt; co*  |  line 50101, telegram'), section('&lt;!channel&gt; a &amp; b')],
    });
    assert.equal(slack.requests.length, 1);
  });

  it('leads to pictures by a link that the name of a file cannot break', async () => {
    await notify();
    const file = { link: 'https://files.example/a|b.jpg?c=1&d=<2>', name: 'a>b|c', contentType: 'image/jpeg' };
    stage.simulator.message({ ...LINE, type: 'image', message: { caption: 'look', file }, chat: EVE });
    await slack.until((requests) => requests.length > 0);
    const blocks = blocksOf(slack.requests[0]);
    assert.deepEqual(blocks.slice(1), ['look', '<https://files.example/a%7Cb.jpg?c=1&amp;d=&lt;2&gt;|a&gt;b|c>']);
  });

  it('keeps within the sizes that Slack takes, however long the message is', async () => {
    await notify();
    stage.simulator.message({ ...LINE, text: '&'.repeat(40_000), chat: EVE });
    await slack.until((requests) => requests.length > 0);
    const blocks = blocksOf(slack.requests[0]);
    assert.ok(blocks.length > 40 && blocks.length <= 50, String(blocks.length));
    assert.ok(blocks.every((text) => text.length <= 3000));
    assert.match(String(blocks.at(-1)), /left out/);
  });

  it('posts one message a second, in order', async () => {
    const variables = { SLACK_WEBHOOK_URL: `${slack.url}${PATH}` };
    const flow = await runSending(stage, { name: NOTIFY, queue: QUEUE, limited: true }, variables);
    const times: number[] = [];
    slack.answerWith(() => {
      times.push(Date.now());
      return OK;
    });
    for (const text of ['one', 'two', 'three']) stage.simulator.message({ ...LINE, text, chat: EVE });
    await slack.until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(
      slack.requests.map((request) => blocksOf(request)[1]),
      ['one', 'two', 'three'],
    );
    // 2000, or somewhat less where the first request took long to be made.
    assert.ok(Number(times[2]) - Number(times[0]) > 1500, String(times));
  });

  it('waits as long as Slack says where it has too many, and then posts each message once, in order', async () => {
    let refused = 0;
    slack.answerWith(() => (refused ? OK : { status: 429, headers: { 'retry-after': '1' }, body: 'rate_limited' }));
    const flow = await notify({ RETRY_SECONDS: 600 });
    stage.simulator.message({ ...LINE, text: 'one', chat: EVE });
    stage.simulator.message({ ...LINE, text: 'two', chat: EVE });
    await flow.untilShown(AGAIN);
    refused = Date.now();
    assert.equal(flow.shown(AGAIN)[0], '429: rate_limited');
    assert.equal(flow.statuses(AGAIN).at(-1)?.text, '429: rate_limited');
    await slack.until((requests) => requests.length > 2);
    assert.ok(Date.now() - refused > 900);
    await flow.untilWaiting(0);
    assert.deepEqual(
      slack.requests.map((request) => blocksOf(request)[1]),
      ['one', 'one', 'two'],
    );
  });

  for (const [how, trouble, reason] of [
    [
      'has an error of its own',
      () => slack.answerWith(() => ({ status: 500, body: 'rollup_error' })),
      /^500: rollup_error/,
    ],
    ['is down', () => slack.down(), /ECONNREFUSED/],
    ['hangs up', () => slack.answerWith(() => undefined), /socket hang up|ECONNRESET/],
    ['does not answer in time', () => slack.answerWith(() => new Promise(() => undefined)), /no response/],
  ] as const) {
    it(`tries again where Slack ${how}, and posts the message once Slack takes it`, async () => {
      await trouble();
      const flow = await notify({ TIMEOUT_SECONDS: 0.2, TRIES: 1000 });
      stage.simulator.message({ ...LINE, text: 'patience', chat: EVE });
      // More tries than the ten after which Node-RED takes an error for a loop.
      await flow.untilShown(AGAIN, 12);
      assert.match(String(flow.shown(AGAIN)[0]), reason);
      slack.answerWith(() => OK);
      await slack.down();
      await slack.up();
      const before = slack.requests.length;
      await flow.untilWaiting(0);
      assert.deepEqual(
        slack.requests.slice(before).map((request) => blocksOf(request)[1]),
        ['patience'],
      );
      assert.deepEqual(flow.shown(KEPT), []);
    });
  }

  it('keeps in a file, and shows, what was tried often enough, and goes on with the next', async () => {
    slack.answerWith(({ body }) => (body.includes('unlucky') ? { status: 503, body: 'later' } : OK));
    const flow = await notify({ TRIES: 2 });
    const { id } = stage.simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    stage.simulator.message({ ...LINE, text: 'the next', chat: EVE });
    await slack.until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(
      slack.requests.map((request) => blocksOf(request)[1]),
      ['unlucky', 'unlucky', 'the next'],
    );
    assert.match(JSON.stringify(flow.lastKept().slack), /unlucky/);
    assert.equal(flow.lastKept().reason, '503: later');
    assert.match(JSON.stringify(flow.lastKept().chatapp), new RegExp(`"messageId":"${id}"`));
  });

  for (const [status, code, advice] of [
    [400, 'invalid_payload', /Block Kit message/],
    [403, 'action_prohibited', /admin/],
    [404, 'channel_not_found', /SLACK_WEBHOOK_URL/],
    [404, 'no_service', /make a new one/],
    [410, 'channel_is_archived', /unarchive/],
  ] as const) {
    it(`says what to do where Slack refuses with ${status} ${code}, asks once, and keeps the message`, async () => {
      slack.answerWith(() => ({ status, body: code }));
      const flow = await notify();
      stage.simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: ${code}: `), reason);
      assert.match(reason, advice);
      assert.equal(flow.statuses(KEPT).at(-1)?.text, reason.slice(0, 32) + (reason.length > 32 ? '...' : ''));
      await flow.untilWaiting(0);
      assert.equal(slack.requests.length, 1);
      assert.deepEqual(flow.shown(AGAIN), []);
    });
  }

  it('says so, and keeps the message, where nobody has filled in the webhook', async () => {
    const flow = await notify({ SLACK_WEBHOOK_URL: '' });
    stage.simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
    await flow.untilShown(KEPT);
    assert.match(String(flow.lastKept().reason), /Fill in SLACK_WEBHOOK_URL/);
    await flow.untilWaiting(0);
  });

  it('shows the message where even the file cannot be written, and goes on', async () => {
    slack.answerWith(() => ({ status: 404, body: 'no_service' }));
    const flow = await notify({ UNSENT_FILE: stage.folder });
    stage.simulator.message({ ...LINE, text: 'nowhere to go', chat: EVE });
    await flow.untilShown(ELSE);
    assert.match(JSON.stringify(flow.shown(ELSE)[0]), /EISDIR/);
    await flow.untilWaiting(0);
  });

  it('loses nothing by a deploy: what waited is posted once after it, in order', async () => {
    await slack.down();
    const flow = await notify({ RETRY_SECONDS: 600 });
    for (const text of ['one', 'two', 'three']) stage.simulator.message({ ...LINE, text, chat: EVE });
    await flow.untilShown(AGAIN);
    await flow.untilWaiting(3);
    await slack.up();
    await flow.redeploy();
    await slack.until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(
      slack.requests.map((request) => blocksOf(request)[1]),
      ['one', 'two', 'three'],
    );
  });

  it('never shows the webhook, whatever goes wrong', async () => {
    const before = stage.nodeRed.debugged.length;
    slack.answerWith(() => ({ status: 500, body: 'rollup_error' }));
    const flow = await notify({ TRIES: 2 });
    stage.simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT);
    await slack.down();
    stage.simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT, 2);
    assert.doesNotMatch(JSON.stringify(stage.nodeRed.debugged.slice(before)), /secret\b/);
    assert.doesNotMatch(readFileSync(join(stage.folder, 'unsent.jsonl'), 'utf8'), /secret\b/);
    assert.doesNotMatch(stage.nodeRed.lines.join('\n'), /secret\b/);
  });
});

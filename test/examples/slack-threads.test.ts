import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import type { ExampleSettings } from '../support/example-stage';
import type { FarAnswer } from '../support/http-far-end';
import { describeApi } from './describe-api';
import { AGAIN, KEPT, LINE, runSending, type SendingRun } from './sending-run';
import { blocksOf, section } from './slack-blocks';

const EVE = { id: '7001', name: 'Eve <&> co' } as const;
const QUEUE = 'one after the other';
const CHANNEL = 'C0123456789';

/** As much of Slack as the example needs. */
class SlackPosts {
  #posted = 0;

  /** What Slack answers where it took a message: "ts" is the message's name. */
  answer(): FarAnswer {
    this.#posted += 1;
    const message = { type: 'message' };
    return { body: { ok: true, channel: CHANNEL, ts: `1503435956.00000${this.#posted}`, message } };
  }
}

/**
 * Requests, answers and errors as https://docs.slack.dev/reference/methods/chat.postMessage and
 * https://docs.slack.dev/apis/web-api/rate-limits tell them.
 */
describeApi('the example slack/threads', SlackPosts, (stage, slack, api) => {
  const SECRET = 'xoxb-not-a-real-token';
  const OTHER = { id: '7002', name: 'Adam' } as const;
  const took = (): FarAnswer => api().answer();
  const refuses =
    (error: string, status = 200) =>
    (): FarAnswer => ({ status, body: { ok: false, error } });
  const threads = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> => {
    const own = { SLACK_API: `${slack().url}/api`, SLACK_TOKEN: SECRET, SLACK_CHANNEL: CHANNEL };
    return runSending(stage(), { name: 'slack/threads', queue: QUEUE }, { ...own, ...more });
  };
  const posts = (): unknown[][] =>
    slack().requests.map((request) => [blocksOf(request)[1], isRecord(request.json) ? request.json.thread_ts : '']);

  it('posts with the token of the bot into the channel, escaped as Slack wants it', async () => {
    const flow = await threads();
    stage().simulator.message({ ...LINE, text: '<@U1> & you', chat: EVE });
    await slack().until((requests) => requests.length > 0);
    await flow.untilWaiting(0);
    const [request] = slack().requests;
    assert.deepEqual([request?.method, request?.path], ['POST', '/api/chat.postMessage']);
    assert.equal(request?.headers.authorization, `Bearer ${SECRET}`);
    assert.equal(request.headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual(request.json, {
      channel: CHANNEL,
      text: 'Eve &lt;&amp;&gt; co: &lt;@U1&gt; &amp; you',
      blocks: [section('*Eve &lt;&amp;&gt; co*  |  line 50101, telegram'), section('&lt;@U1&gt; &amp; you')],
    });
  });

  it('opens one thread for a chat, also where two messages come at once, and another for another chat', async () => {
    const flow = await threads();
    slack().answerWith(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return took();
    });
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'three', chat: OTHER });
    stage().simulator.message({ ...LINE, text: 'four', chat: EVE });
    await slack().until((requests) => requests.length > 3);
    await flow.untilWaiting(0);
    assert.deepEqual(posts(), [
      ['one', undefined],
      ['two', '1503435956.000001'],
      ['three', undefined],
      ['four', '1503435956.000001'],
    ]);
  });

  it('remembers the threads through a deploy', async () => {
    const flow = await threads();
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    await slack().until((requests) => requests.length > 0);
    await flow.untilWaiting(0);
    await flow.redeploy();
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await slack().until((requests) => requests.length > 1);
    await flow.untilWaiting(0);
    assert.deepEqual(posts()[1], ['two', '1503435956.000001']);
  });

  it('waits as long as Slack says where it has too many, and opens no second thread by that', async () => {
    const limit = { status: 429, headers: { 'retry-after': '1' }, body: { ok: false, error: 'ratelimited' } };
    slack().answerWith(() => (slack().requests.length > 1 ? took() : limit));
    const flow = await threads({ RETRY_SECONDS: 600 });
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await flow.untilShown(AGAIN);
    assert.equal(flow.shown(AGAIN)[0], '429: ratelimited');
    await slack().until((requests) => requests.length > 2);
    const [refused, repeated] = slack().requests;
    assert.ok(Number(repeated?.time) - Number(refused?.time) > 900);
    await flow.untilWaiting(0);
    assert.deepEqual(posts(), [
      ['one', undefined],
      ['one', undefined],
      ['two', '1503435956.000001'],
    ]);
  });

  for (const [how, trouble, reason] of [
    ['has an error of its own', () => slack().answerWith(refuses('internal_error')), /^200: internal_error/],
    ['answers with a page', () => slack().answerWith(() => ({ status: 502, body: '<h1>Bad</h1>' })), /^502: <h1>/],
    ['is down', () => slack().down(), /ECONNREFUSED/],
    ['does not answer in time', () => slack().answerWith(() => new Promise(() => undefined)), /no response/],
  ] as const) {
    it(`tries again where Slack ${how}, within bounds, and keeps and shows what was tried often enough`, async () => {
      await trouble();
      const flow = await threads({ TIMEOUT_SECONDS: 0.2, TRIES: 3 });
      stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      assert.equal(flow.shown(AGAIN).length, 2);
      assert.match(String(flow.shown(AGAIN)[0]), reason);
      assert.match(String(flow.lastKept().reason), reason);
      assert.match(JSON.stringify(flow.lastKept().slack), /unlucky/);
    });
  }

  for (const [code, advice] of [
    ['channel_not_found', /SLACK_CHANNEL/],
    ['not_in_channel', /invite/],
    ['is_archived', /unarchive/],
    ['invalid_auth', /SLACK_TOKEN/],
    ['missing_scope', /chat:write/],
  ] as const) {
    it(`says what to do where Slack refuses with ${code}, asks once, and keeps the message`, async () => {
      slack().answerWith(refuses(code));
      const flow = await threads();
      stage().simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`200: ${code}: `), reason);
      assert.match(reason, advice);
      assert.equal(slack().requests.length, 1);
    });
  }

  it('opens the thread with the next message where the first one was not taken', async () => {
    slack().answerWith(({ body }) => (body.includes('unlucky') ? refuses('msg_too_long')() : took()));
    const flow = await threads();
    stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await slack().until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(posts().slice(1), [
      ['one', undefined],
      ['two', '1503435956.000001'],
    ]);
  });

  it('never shows the token, whatever goes wrong', async () => {
    const before = stage().nodeRed.debugged.length;
    slack().answerWith(refuses('internal_error'));
    const flow = await threads({ TRIES: 2 });
    stage().simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT);
    await slack().down();
    stage().simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT, 2);
    const seen = [stage().nodeRed.debugged.slice(before), stage().nodeRed.lines, flow.lastKept()];
    assert.ok(!JSON.stringify(seen).includes(SECRET));
  });

  it('keeps the token out of the flow that Node-RED saves and shows', async () => {
    await threads();
    assert.ok(!JSON.stringify(await stage().nodeRed.get('/flows')).includes(SECRET));
  });
});

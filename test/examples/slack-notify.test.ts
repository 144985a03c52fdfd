import assert from 'node:assert/strict';
import type { ExampleSettings } from '../support/example-stage';
import { describeSending } from './describe-sending';
import { AGAIN, LINE, type SendingRun } from './sending-run';
import { blocksOf, section, textsOf } from './slack-blocks';
import { OK, PATH, runNotify, SlackWebhook } from './slack-notify';

const EVE = { id: '7001', name: 'Eve <&> co' } as const;

/**
 * Requests, answers and errors as https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks and
 * https://docs.slack.dev/apis/web-api/rate-limits tell them.
 */
describeSending('the example slack/notify', SlackWebhook, (stage, slack) => {
  const notify = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> =>
    runNotify(stage(), slack().url, more);

  it('posts name, line and text to the webhook, escaped as Slack wants it, and nothing of what we answer', async () => {
    const flow = await notify();
    stage().simulator.message({ ...LINE, side: 'out', text: 'an answer' });
    stage().simulator.message({ ...LINE, text: '<!channel> a & b', chat: EVE });
    await slack().until((requests) => requests.length > 0);
    await flow.untilWaiting(0);
    const [request] = slack().requests;
    assert.deepEqual([request?.method, request?.path], ['POST', PATH]);
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.deepEqual(request.json, {
      text: 'Eve &lt;&amp;&gt; co: &lt;!channel&gt; a &amp; b',
      blocks: [section('*Eve &lt;&amp;&gt; co*  |  line 50101, telegram'), section('&lt;!channel&gt; a &amp; b')],
    });
    assert.equal(slack().requests.length, 1);
  });

  it('leads to pictures by a link that the name of a file cannot break', async () => {
    await notify();
    const file = { link: 'https://files.example/a|b.jpg?c=1&d=<2>', name: 'a>b|c', contentType: 'image/jpeg' };
    stage().simulator.message({ ...LINE, type: 'image', message: { caption: 'look', file }, chat: EVE });
    await slack().until((requests) => requests.length > 0);
    const blocks = blocksOf(slack().requests[0]);
    assert.deepEqual(blocks.slice(1), ['look', '<https://files.example/a%7Cb.jpg?c=1&amp;d=&lt;2&gt;|a&gt;b|c>']);
  });

  it('keeps within the sizes that Slack takes, however long the message is', async () => {
    await notify();
    stage().simulator.message({ ...LINE, text: '&'.repeat(40_000), chat: EVE });
    await slack().until((requests) => requests.length > 0);
    const blocks = blocksOf(slack().requests[0]);
    assert.ok(blocks.length > 40 && blocks.length <= 50, String(blocks.length));
    assert.ok(blocks.every((text) => text.length <= 3000));
    assert.match(String(blocks.at(-1)), /left out/);
  });

  it('posts one message a second, in order', async () => {
    const flow = await runNotify(stage(), slack().url, {}, true);
    const start = Date.now();
    for (const text of ['one', 'two', 'three']) stage().simulator.message({ ...LINE, text, chat: EVE });
    await slack().until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(textsOf(slack().requests), ['one', 'two', 'three']);
    const times = slack().requests.map(({ time }) => time - start);
    assert.ok(Number(times[2]) > 1900, String(times));
  });

  it('waits as long as Slack says where it has too many, and then posts each message once, in order', async () => {
    const limit = { status: 429, headers: { 'retry-after': '1' }, body: 'rate_limited' };
    slack().answerWith(() => (slack().requests.length > 1 ? OK : limit));
    const flow = await notify({ RETRY_SECONDS: 600 });
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await flow.untilShown(AGAIN);
    assert.equal(flow.shown(AGAIN)[0], '429: rate_limited');
    assert.equal(flow.statuses(AGAIN).at(-1)?.text, '429: rate_limited');
    await slack().until((requests) => requests.length > 2);
    const [refused, repeated] = slack().requests;
    assert.ok(Number(repeated?.time) - Number(refused?.time) > 900);
    await flow.untilWaiting(0);
    assert.deepEqual(textsOf(slack().requests), ['one', 'one', 'two']);
  });

  it('loses nothing by a deploy: what waited is posted once after it, in order', async () => {
    await slack().down();
    const flow = await notify({ RETRY_SECONDS: 600 });
    for (const text of ['one', 'two', 'three']) stage().simulator.message({ ...LINE, text, chat: EVE });
    await flow.untilShown(AGAIN);
    await flow.untilWaiting(3);
    await slack().up();
    await flow.redeploy();
    await slack().until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(textsOf(slack().requests), ['one', 'two', 'three']);
  });
});

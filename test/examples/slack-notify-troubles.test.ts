import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExampleSettings } from '../support/example-stage';
import { describeSending } from './describe-sending';
import { AGAIN, ELSE, KEPT, LINE, type SendingRun } from './sending-run';
import { textsOf } from './slack-blocks';
import { OK, runNotify, SlackWebhook } from './slack-notify';

const EVE = { id: '7001', name: 'Eve <&> co' } as const;

/** Errors as https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks tells them. */
describeSending('the example slack/notify in trouble', SlackWebhook, (stage, slack) => {
  const notify = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> =>
    runNotify(stage(), slack().url, more);

  // On a busy machine, an answer takes longer than the shortest time limit.
  for (const [how, trouble, reason, seconds] of [
    [
      'has an error of its own',
      () => slack().answerWith(() => ({ status: 500, body: 'rollup_error' })),
      /^500: rollup_error/,
      30,
    ],
    ['is down', () => slack().down(), /ECONNREFUSED/, 30],
    ['hangs up', () => slack().answerWith(() => undefined), /socket hang up|ECONNRESET/, 30],
    ['does not answer in time', () => slack().answerWith(() => new Promise(() => undefined)), /no response/, 0.2],
  ] as const) {
    it(`tries again where Slack ${how}, and posts the message once Slack takes it`, async () => {
      await trouble();
      const flow = await notify({ TIMEOUT_SECONDS: seconds, TRIES: 1000 });
      stage().simulator.message({ ...LINE, text: 'patience', chat: EVE });
      // More tries than the ten after which Node-RED takes an error for a loop.
      await flow.untilShown(AGAIN, 12);
      assert.match(String(flow.shown(AGAIN)[0]), reason);
      slack().answerWith(() => OK);
      await slack().down();
      await slack().up();
      const before = slack().requests.length;
      await flow.untilWaiting(0);
      assert.deepEqual(textsOf(slack().requests.slice(before)), ['patience']);
      assert.deepEqual(flow.shown(KEPT), []);
    });
  }

  it('keeps in a file, and shows, what was tried often enough, and goes on with the next', async () => {
    slack().answerWith(({ body }) => (body.includes('unlucky') ? { status: 503, body: 'later' } : OK));
    const flow = await notify({ TRIES: 2 });
    const { id } = stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'the next', chat: EVE });
    await slack().until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(textsOf(slack().requests), ['unlucky', 'unlucky', 'the next']);
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
      slack().answerWith(() => ({ status, body: code }));
      const flow = await notify();
      stage().simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: ${code}: `), reason);
      assert.match(reason, advice);
      assert.equal(flow.statuses(KEPT).at(-1)?.text, reason.slice(0, 32) + (reason.length > 32 ? '...' : ''));
      await flow.untilWaiting(0);
      assert.equal(slack().requests.length, 1);
      assert.deepEqual(flow.shown(AGAIN), []);
    });
  }

  it('says so, and keeps the message, where nobody has filled in the webhook', async () => {
    const flow = await notify({ SLACK_WEBHOOK_URL: '' });
    stage().simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
    await flow.untilShown(KEPT);
    assert.match(String(flow.lastKept().reason), /Fill in SLACK_WEBHOOK_URL/);
    await flow.untilWaiting(0);
  });

  it('shows the message where even the file cannot be written, and goes on', async () => {
    slack().answerWith(() => ({ status: 404, body: 'no_service' }));
    const flow = await notify({ UNSENT_FILE: stage().folder });
    stage().simulator.message({ ...LINE, text: 'nowhere to go', chat: EVE });
    await flow.untilShown(ELSE);
    assert.match(JSON.stringify(flow.shown(ELSE)[0]), /EISDIR/);
    await flow.untilWaiting(0);
  });

  it('never shows the webhook, whatever goes wrong', async () => {
    const before = stage().nodeRed.debugged.length;
    slack().answerWith(() => ({ status: 500, body: 'rollup_error' }));
    const flow = await notify({ TRIES: 2 });
    stage().simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT);
    await slack().down();
    stage().simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT, 2);
    assert.doesNotMatch(JSON.stringify(stage().nodeRed.debugged.slice(before)), /secret\b/);
    assert.doesNotMatch(readFileSync(join(stage().folder, 'unsent.jsonl'), 'utf8'), /secret\b/);
    assert.doesNotMatch(stage().nodeRed.lines.join('\n'), /secret\b/);
  });
});

import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import { failure, success, type Answer } from './server/faults';
import type { Line } from './server/history';

const AUTH = /\/broadcasting\/auth/;
const LICENSES = /GET \/v1\/licenses$/;

describe('a listener whose requests ChatApp refuses, in a real Node-RED,', function () {
  this.timeout(60_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  let line: Line;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    line = chatapp.addLine(50001);
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
  const all = { id: 'all' };
  const isSubscribed = (): boolean => chatapp.pusher.isSubscribed(channelOf(line));

  /** All access tokens are dead, and refused with this answer instead of ChatApp's own. */
  async function deadToken(refusal: Answer): Promise<void> {
    await run.listen([one]);
    const sent = run.say(line, 2);
    await run.pass(5);
    chatapp.accounts.revoke();
    chatapp.faults.add(AUTH, (right) => (right.status === 403 ? refusal : right));
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 3));
    end();
    assert.ok(await run.within(60, isSubscribed), 'it does not listen');
    await run.expect('one', sent);
    assert.deepEqual(run.errors, []);
    assert.equal(chatapp.accounts.logins, 1);
  }

  it('renews a dead token if the authorisation says so', () => deadToken(failure(403, 'ApiInvalidTokenError')));
  it('renews a dead token if the authorisation says so with status 401', () =>
    deadToken(failure(401, 'ApiInvalidTokenError')));
  for (const [what, refusal] of [
    ['403 as a page of HTML', { status: 403, body: '<html>Forbidden</html>' }],
    ['401 as a page of HTML', { status: 401, body: '<html>Unauthorized</html>' }],
    ['403 as JSON without a code', { status: 403, body: { message: 'Forbidden' } }],
    ['403 without a body', { status: 403, body: '' }],
    ['404', failure(404, 'ApiNotFoundError')],
    ['500 as a page of HTML', { status: 500, body: '<html>Route [login] not defined.</html>' }],
    ['200 as a page of HTML', { status: 200, body: '<html>Login</html>' }],
  ] as const) {
    it(`renews a dead token if the authorisation is refused with ${what}`, () => deadToken(refusal));
  }

  it('asks once whether its token is dead if a channel is refused permanently, and reports the channel', async () => {
    chatapp.faults.add(AUTH, () => ({ status: 403, body: '<html>Forbidden</html>' }));
    await run.deploy([one]);
    await run.pass(60);
    assert.deepEqual(run.errors, ['CHANNEL_REFUSED']);
    assert.equal(chatapp.asked(/tokens\/check/).length, 1);
  });

  for (const [what, answer, times] of [
    ['status 500 three times', failure(500, 'ApiServerError'), 3],
    ['status 429 three times', failure(429, 'ApiTooManyRequestsError'), 3],
    ['null three times', { status: 200, body: null }, 3],
    ['a page of HTML three times', { status: 200, body: '<html>Login</html>' }, 3],
    ['a signature for another server once', { status: 200, body: { auth: 'ChatsAppApiProdKey:0000' } }, 1],
  ] as const) {
    it(`loses nothing if the authorisation is answered with ${what}`, async () => {
      await run.listen([one]);
      const sent = run.say(line, 2);
      await run.pass(5);
      chatapp.faults.add(AUTH, () => answer, times);
      const end = await run.outage();
      await run.pass(5);
      sent.push(...run.say(line, 3));
      end();
      await run.within(400, isSubscribed);
      sent.push(...run.say(line, 1));
      await run.expect('one', sent);
    });
  }

  /** From the second reading of the list of lines on, so many answers are `wrong`; messages come during the last one. */
  async function wrongLists(wrong: (right: Answer) => Answer, times = 1): Promise<void> {
    const other = chatapp.addLine(50002);
    await run.listen([all]);
    const sent = run.say(line, 10);
    sent.push(...run.say(other, 5, ['of the other line']));
    const before = chatapp.asked(LICENSES).length;
    chatapp.faults.add(LICENSES, wrong, times);
    assert.ok(await run.within(1_800, () => chatapp.asked(LICENSES).length >= before + times));
    await run.pass(30);
    sent.push(...run.say(line, 20));
    sent.push(...run.say(other, 5, ['of the other line']));
    await run.expect('all', sent, { within: 660 });
  }

  const lacking = (right: Answer): Answer => {
    const data: unknown[] = isRecord(right.body) && Array.isArray(right.body.data) ? right.body.data : [];
    return success(data.filter((entry) => isRecord(entry) && entry.licenseId !== 50001));
  };

  it('loses nothing of a line that one list of the lines lacks', () => wrongLists(lacking));
  it('loses nothing of a line that ten lists of the lines in a row lack', () => wrongLists(lacking, 10));
  it('loses nothing if one list of the lines is empty', () => wrongLists(() => success([])));
  it('loses nothing if one list of the lines says that a line is not active', () =>
    wrongLists((right) => {
      const data: unknown[] = isRecord(right.body) && Array.isArray(right.body.data) ? right.body.data : [];
      return success(
        data.map((entry) => (isRecord(entry) && entry.licenseId === 50001 ? { ...entry, active: false } : entry)),
      );
    }));
  it('loses nothing of a line that the first list after a restart lacks', async () => {
    await run.listen([all]);
    const sent = run.say(line, 3);
    await run.pass(5);
    await run.stop();
    sent.push(...run.say(line, 3));
    chatapp.faults.add(LICENSES, lacking, 1);
    await run.start();
    await run.pass(60);
    sent.push(...run.say(line, 3));
    await run.expect('all', sent, { within: 660 });
  });

  it('gets the messages of a line that was added later, from when it was seen', async () => {
    await run.listen([all]);
    await run.pass(60);
    const other = chatapp.addLine(50002);
    assert.ok(await run.within(700, () => chatapp.pusher.isSubscribed(channelOf(other))));
    await run.pass(2);
    await run.expect('all', run.say(other, 3));
  });

  it('logs in again, once, if both tokens are dead', async () => {
    await run.listen([one]);
    const sent = run.say(line, 2);
    await run.pass(5);
    chatapp.accounts.revoke('all');
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 3));
    end();
    await run.expect('one', sent);
    assert.equal(chatapp.accounts.logins, 2);
  });
});

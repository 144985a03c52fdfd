import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import type { Expected } from './harness/delivered';
import type { ScenarioRun } from './harness/scenario';
import { chats, miss, useScenario } from './harness/use-scenario';
import type { ChatAppServer } from './server/chatapp';
import { failure, success, type Answer, type Spoil, LIST_OF_CHATS, MESSAGES } from './server/faults';
import type { Line } from './server/history';

describe('a listener that fetches what it missed from a history that fails now and then, in a real Node-RED,', function () {
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
  const missed = (count: number, inChats?: readonly string[]): Promise<[Expected[], () => void]> =>
    miss(run, one, line, count, inChats);

  /** All of it comes if the first request of this kind is answered wrongly. */
  const onceWrong = async (requests: RegExp, spoil: Spoil): Promise<void> => {
    const [sent, end] = await missed(20, chats(3));
    chatapp.faults.add(requests, spoil, 1);
    end();
    await run.expect('one', sent, { within: 600 });
  };
  const notFound = (): Answer => failure(404, 'ApiNotFoundError');
  const forbidden = (): Answer => ({ status: 403, body: '<html>Forbidden</html>' });

  const ONE_BAD_ANSWER: readonly (readonly [string, RegExp, Spoil])[] = [
    ['the chats is answered with status 500', LIST_OF_CHATS, () => failure(500, 'ApiServerError')],
    ['messages is answered with status 429', MESSAGES, () => failure(429, 'ApiTooManyRequestsError')],
    ['the chats is answered with a page of HTML', LIST_OF_CHATS, () => ({ status: 200, body: '<html>Login</html>' })],
    ['messages is answered with JSON that is null', MESSAGES, () => ({ status: 200, body: null })],
    ['messages is answered without items', MESSAGES, () => success({})],
    ['the chats is broken off', LIST_OF_CHATS, (right) => ({ ...right, breaks: true })],
    ['the chats is answered with status 404', LIST_OF_CHATS, notFound],
    ['messages is answered with status 404', MESSAGES, notFound],
    ['the chats is answered with status 403 without a code', LIST_OF_CHATS, forbidden],
    ['messages is answered with status 403 without a code', MESSAGES, forbidden],
  ];
  for (const [what, requests, spoil] of ONE_BAD_ANSWER) {
    it(`gets all of it if one request for ${what}`, () => onceWrong(requests, spoil));
  }

  /** The items of an answer, changed; as if nothing came after them. */
  const incomplete =
    (change: (items: readonly unknown[]) => readonly unknown[]): Spoil =>
    (right) => {
      const items = isRecord(right.body) && isRecord(right.body.data) ? right.body.data.items : [];
      return success({ items: change(Array.isArray(items) ? items : []), nextPage: null });
    };
  const INCOMPLETE: readonly (readonly [string, RegExp, Spoil])[] = [
    ['no chat', LIST_OF_CHATS, incomplete(() => [])],
    ['one of three chats', LIST_OF_CHATS, incomplete((items) => items.slice(0, 1))],
    ['no message', MESSAGES, incomplete(() => [])],
    ['two messages of many', MESSAGES, incomplete((items) => items.slice(0, 2))],
  ];
  for (const [what, requests, spoil] of INCOMPLETE) {
    it(`gets all of it, also what was missed minutes ago, if one answer has ${what}`, async () => {
      const [sent, end] = await missed(10, chats(3));
      sent.push(...run.say(line, 10, chats(3)));
      await run.pass(300);
      chatapp.faults.add(requests, spoil, 1);
      end();
      await run.expect('one', sent, { within: 600, inOrder: false });
    });
  }

  it('gets the other chats if ChatApp refuses one permanently, and reports that one', async () => {
    const [sent, end] = await missed(12, chats(3));
    chatapp.faults.add(/chat-1\/messages/, () => failure(403, 'ApiAccessDeniedError'));
    end();
    await run.expect(
      'one',
      sent.filter(({ chat }) => chat !== 'chat-1'),
      { within: 600 },
    );
    assert.ok(await run.within(120, () => run.errors.includes('RECOVERY_FAILED')), 'nothing is reported');
  });

  it('gets a message once that comes live while its chat is being read, in order', async () => {
    const [sent, end] = await missed(150);
    let isWritten = false;
    chatapp.faults.add(MESSAGES, (right) => {
      if (!isWritten) sent.push(...run.say(line, 3));
      isWritten = true;
      return right;
    });
    end();
    await run.expect('one', sent);
  });

  it('does not get messages that were deleted meanwhile', async () => {
    const [sent, end] = await missed(4);
    const { messages } = chatapp.history.chat(line, 'chat');
    const [deleted] = messages;
    if (deleted) deleted.item = { ...deleted.item, destroyed: chatapp.seconds };
    end();
    await run.expect(
      'one',
      sent.filter((_, index) => index !== 1),
    );
  });

  it('reports it once if more was missed than the hours that are looked back', async () => {
    await run.listen([one], { connection: { recoverHours: '1' } });
    const sent = run.say(line, 1);
    const end = await run.outage();
    run.say(line, 3, ['old']);
    await run.pass(3_700);
    sent.push(...run.say(line, 3));
    await run.pass(10);
    end();
    await run.expect('one', sent, { within: 300 });
    assert.deepEqual(run.errors, ['CONNECTION_LOST', 'RECOVERY_FAILED']);
  });

  it('gets notes of ChatApp too, if they are wanted', async () => {
    await run.listen([{ ...one, events: ['message', 'messageSystem'] }]);
    const sent = run.say(line, 2);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 2), ...run.say(line, 2, ['chat'], { type: 'system', side: 'out' }), ...run.say(line, 1));
    await run.pass(40);
    end();
    await run.expect('one', sent);
  });
});

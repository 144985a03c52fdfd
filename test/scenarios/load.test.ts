import assert from 'node:assert/strict';
import type { Expected } from './harness/delivered';
import type { ScenarioRun } from './harness/scenario';
import { chats, useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import { MESSAGES } from './server/faults';
import type { Line } from './server/history';

describe('a listener with much to do, in a real Node-RED,', function () {
  this.timeout(120_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };

  /** One line, in which one message came in each of so many chats during an outage. */
  async function missInChats(count: number): Promise<{ sent: Expected[]; line: Line; end: () => void }> {
    const line = chatapp.addLine(50_001);
    await run.listen([one]);
    const sent = run.say(line, 1, ['first']);
    await run.pass(2);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, count, chats(count)));
    await run.pass(20);
    return { sent, line, end };
  }

  it('gets the first of 300 changed chats within 15 seconds', async () => {
    const { line, end } = await missInChats(300);
    end();
    await run.within(30, () => chatapp.pusher.isSubscribed(channelOf(line)));
    await run.pass(15);
    assert.ok(run.got('one').length > 10, `${run.got('one').length} messages`);
  });

  it('goes on with the chats that it has not read if it is restarted meanwhile', async () => {
    const { sent, end } = await missInChats(200);
    end();
    await run.within(120, () => chatapp.asked(MESSAGES).length > 100);
    await run.stop();
    const before = chatapp.asked(MESSAGES).length;
    await run.start();
    await run.expect('one', sent, { within: 300 });
    const after = chatapp.asked(MESSAGES).length - before;
    assert.ok(after < 180, `${after} requests after the restart`);
  });

  it('gets 3,000 messages that were missed in one chat', async () => {
    const line = chatapp.addLine(50_001);
    await run.listen([one]);
    const sent = run.say(line, 1);
    await run.pass(2);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 3_000));
    await run.pass(20);
    end();
    await run.expect('one', sent, { within: 3_000 });
  });

  it('reports it once if more than 10,000 messages of a channel were missed', async () => {
    const line = chatapp.addLine(50_001);
    await run.listen([one]);
    run.say(line, 1);
    await run.pass(2);
    const end = await run.outage();
    await run.pass(5);
    run.say(line, 10_300, chats(3));
    end();
    // Fetched messages wait for the disk, whose time does not pass faster.
    assert.ok(await run.within(3_000, () => run.errors.length > 0));
    await run.pass(30);
    assert.deepEqual(run.errors, ['RECOVERY_FAILED']);
    const texts = run.got('one').map(({ text }) => text);
    assert.equal(new Set(texts).size, texts.length, 'doubled');
    assert.ok(texts.length >= 10_000, `${texts.length} messages`);
  });
});

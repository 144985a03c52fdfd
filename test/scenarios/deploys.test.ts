import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { missing, type Expected } from './harness/delivered';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import type { Line } from './server/history';

describe('listeners in a real Node-RED, over deploys,', function () {
  this.timeout(120_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  let line: Line;
  let sent: Expected[];

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    line = chatapp.addLine(50001);
    sent = [];
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
  const two = { ...one, id: 'two' };
  const chats = Array.from({ length: 5 }, (_, index) => `chat-${index}`);
  const isSubscribed = (): boolean => chatapp.pusher.isSubscribed(channelOf(line));

  /** Customers write until it is over, with 60 messages on their way at most. */
  async function keepWriting(isOver: () => boolean): Promise<void> {
    const [sentBefore, gotBefore] = [sent.length, run.got('one').length];
    while (!isOver()) {
      const onTheirWay = sent.length - sentBefore - (run.got('one').length - gotBefore);
      if (onTheirWay < 60) sent.push(...run.say(line, 1, [`chat-${sent.length % 5}`]));
      await delay(1);
    }
  }

  /** Deploys again and again while a flow that takes 3 ms for each message is at work. Ends with the first loss. */
  async function deployUnderTraffic(optionsOf: (round: number) => Parameters<ScenarioRun['deploy']>[1]): Promise<void> {
    await run.listen([{ ...one, slow: 3 }], optionsOf(0));
    for (let round = 1; round <= 10; round += 1) {
      let isOver = false;
      const written = keepWriting(() => isOver);
      await run.deploy([{ ...one, name: `round ${round}`, slow: 3 }], optionsOf(round));
      isOver = true;
      await written;
      if (!(await run.within(30, () => missing(run.got('one'), sent) === 0))) break;
    }
    await run.expect('one', sent);
  }

  it('lose nothing over deploys of everything and of changed flows while their flow is at work', () =>
    deployUnderTraffic((round) => ({ type: round % 2 === 0 ? 'full' : 'flows' })));

  it('lose nothing over deploys that change the connection while their flow is at work', () =>
    deployUnderTraffic((round) => ({ connection: { recoverHours: String(24 + round) } })));

  it('get only what comes after them, if they are added during an outage', async () => {
    await run.listen([one]);
    sent = run.say(line, 2);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 5, chats));
    await run.pass(20);
    await run.deploy([one, two]);
    await run.pass(20);
    end();
    await run.within(60, isSubscribed);
    await run.pass(2);
    const later = run.say(line, 3, chats);
    await run.expect('one', [...sent, ...later]);
    await run.expect('two', later);
  });

  it('get the messages of an event that they did not want before only from then on', async () => {
    await run.listen([one]);
    sent = run.say(line, 2);
    run.say(line, 3, ['chat'], { type: 'system', side: 'out' });
    await run.pass(5);
    await run.listen([{ ...one, events: ['message', 'messageSystem'] }]);
    await run.pass(2);
    sent.push(...run.say(line, 1, ['chat'], { type: 'system', side: 'out' }));
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 2), ...run.say(line, 2, ['chat'], { type: 'system', side: 'out' }));
    await run.pass(40);
    end();
    await run.expect('one', sent);
  });

  it('get the direction that they did not want before only from then on', async () => {
    await run.listen([{ ...one, direction: 'in' }]);
    sent = run.say(line, 2);
    run.say(line, 3, ['chat'], { side: 'out' });
    await run.pass(5);
    await run.listen([{ ...one, direction: 'any' }]);
    await run.pass(2);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 2), ...run.say(line, 2, ['chat'], { side: 'out' }));
    await run.pass(40);
    end();
    await run.expect('one', sent);
  });

  it('get nothing of the time in which they were disabled, and everything afterwards once', async () => {
    await run.listen([one, two]);
    const before = run.say(line, 3, chats);
    await run.pass(5);
    await run.deploy([{ ...one, d: true }, two]);
    await run.pass(60);
    const meanwhile = run.say(line, 3, chats);
    await run.pass(60);
    await run.listen([one, two]);
    await run.pass(2);
    const later = run.say(line, 3, chats);
    const end = await run.outage();
    await run.pass(5);
    later.push(...run.say(line, 3, chats));
    await run.pass(40);
    end();
    await run.expect('one', [...before, ...later]);
    await run.expect('two', [...before, ...meanwhile, ...later]);
  });

  it('inherit nothing from another account under the same connection', async () => {
    const [account] = chatapp.accounts.all;
    await run.listen([one]);
    const before = run.say(line, 3, chats);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    run.say(line, 5, chats);
    await run.pass(40);
    const credentials = { email: 'other@example.com', password: 'books', appId: 'app_99_1' };
    chatapp.accounts.all.push({ ...credentials, cabinetUserId: 99 });
    end();
    assert.ok(account);
    await run.listen([one], { connection: { credentials } });
    await run.pass(2);
    const later = run.say(line, 3, chats);
    await run.expect('one', [...before, ...later]);
  });

  it('of one line with different events get what each wants, also out of the history', async () => {
    const notes = { ...two, events: ['messageSystem'] };
    await run.listen([one, notes]);
    const written = run.say(line, 2);
    const noted = run.say(line, 2, ['chat'], { type: 'system', side: 'out' });
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    written.push(...run.say(line, 3, chats));
    noted.push(...run.say(line, 3, chats, { type: 'system', side: 'out' }));
    await run.pass(40);
    end();
    await run.expect('one', written);
    await run.expect('two', noted);
  });

  it('get the rest of what was missed if a deploy comes while it is fetched', async () => {
    await run.listen([{ ...one, slow: 1 }]);
    sent = run.say(line, 2, chats);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(5);
    sent.push(...run.say(line, 600, chats));
    await run.pass(40);
    end();
    await run.within(60, () => run.got('one').length > 100);
    await run.deploy([{ ...one, name: 'another', slow: 1 }]);
    await run.expect('one', sent);
  });

  it('get what was missed if they are deployed after an outage in which every listener was away', async () => {
    await run.listen([one]);
    sent = run.say(line, 2, chats);
    await run.pass(5);
    await run.stop();
    sent.push(...run.say(line, 5, chats));
    await run.start();
    await run.deploy([{ ...one, name: 'another' }]);
    await run.expect('one', sent);
    assert.equal(missing(run.got('one'), sent), 0);
  });
});

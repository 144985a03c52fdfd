import assert from 'node:assert/strict';
import { at } from '../support/flow';
import { debugNode } from '../support/node-red-child';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import type { Line } from './server/history';

describe('a listener whose connection breaks, in a real Node-RED,', function () {
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
  const isSubscribed = (): boolean => chatapp.pusher.isSubscribed(channelOf(line));

  it('gets every message that was sent while the socket was down', async () => {
    await run.listen([one]);
    const sent = run.say(line, 5);
    const end = await run.outage();
    sent.push(...run.say(line, 3));
    await run.pass(75);
    sent.push(...run.say(line, 7, ['chat', 'another']));
    end();
    await run.expect('one', sent);
    assert.deepEqual(run.errors, ['CONNECTION_LOST']);
  });

  it('tells Status nodes of the loss, of the gap, of the new token, and how much was fetched', async () => {
    const status = { id: 'status', type: 'status', z: 'tab', scope: null, x: 100, y: 100, wires: [['seen']] };
    await run.nodeRed.deploy([...run.flow([one]), status, debugNode('seen', 'tab')]);
    await run.untilListening('one');
    const seen = (): unknown[][] =>
      run.nodeRed.shownBy('seen').flatMap((shown) => {
        const event = at(shown, 'status', 'event');
        return event === undefined ? [] : [[event, at(shown, 'status', 'text'), at(shown, 'status', 'fetched')]];
      });
    const isSeen = (event: string): boolean => seen().flat().includes(event);
    run.say(line, 2);
    await run.pass(120);
    const end = await run.outage();
    run.say(line, 3);
    await run.within(60, () => isSeen('disconnected'));
    chatapp.accounts.revoke();
    end();
    assert.ok(await run.within(1_200, () => isSeen('gapClosed')), JSON.stringify(seen()));
    const expected = [
      ['disconnected', 'node-red:common.status.disconnected', undefined],
      ['gapOpened', 'gap in 1 channels', undefined],
      ['tokenRenewed', 'token renewed', undefined],
      ['gapClosed', 'gap closed (3 fetched)', 3],
    ];
    for (const event of expected)
      assert.deepEqual(
        seen()
          .filter(([name]) => name === event[0])
          .at(-1),
        event,
      );
  });

  const liveBeforeConfirmed = async (chat: string): Promise<void> => {
    await run.listen([one]);
    const sent = run.say(line, 6);
    await run.pass(1);
    const end = await run.outage();
    sent.push(...run.say(line, 10));
    await run.pass(75);
    const early = { chat, text: 'the early one' };
    chatapp.announceBeforeConfirming(chatapp.write({ ...early, line, to: 'nowhere' }));
    end();
    await run.expect('one', [...sent, early]);
  };

  it('gets every message that was sent while the socket was down, if a live message of another chat comes before the subscription is confirmed', () =>
    liveBeforeConfirmed('another'));

  it('gets every message that was sent while the socket was down, in order, if a live message of the same chat comes before the subscription is confirmed', () =>
    liveBeforeConfirmed('chat'));

  it('gets what was sent between two short losses, and nothing twice', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    for (let loss = 0; loss < 3; loss += 1) {
      const end = await run.outage();
      sent.push(...run.say(line, 4, ['chat', 'another']));
      end();
      await run.within(60, isSubscribed);
      sent.push(...run.say(line, 2, ['chat', 'another']));
    }
    await run.expect('one', sent);
  });

  it('gets what was sent in an outage of 45 minutes, and nothing twice', async () => {
    await run.listen([one]);
    const sent = run.say(line, 5);
    await run.pass(60);
    sent.push(...run.say(line, 5));
    await run.pass(2);
    const end = await run.outage();
    await run.pass(45 * 60);
    sent.push(...run.say(line, 3));
    end();
    await run.expect('one', sent, { within: 400 });
  });

  it('gets what was sent while it was down in a line that had never brought a message', async () => {
    await run.listen([one]);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(40);
    const sent = run.say(line, 5);
    await run.pass(40);
    end();
    await run.expect('one', sent);
  });

  it('gets what was sent after the server forgot it without closing, as far as its pings show', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    chatapp.pusher.isFrozen = true;
    sent.push(...run.say(line, 5));
    await run.pass(40);
    chatapp.pusher.isFrozen = false;
    await run.expect('one', sent);
  });

  it('gets messages that the history shows only some seconds after the subscription is confirmed', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(20);
    const { seconds } = chatapp;
    end();
    await run.within(60, isSubscribed);
    await run.pass(10);
    const late = { chat: 'chat', text: 'the late one' };
    chatapp.write({ ...late, line, time: seconds, to: 'nowhere' });
    await run.expect('one', [...sent, late], { within: 300 });
  });

  it('gets messages that the history shows only 4 and 12 minutes after the subscription is confirmed', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3);
    await run.pass(5);
    const end = await run.outage();
    await run.pass(20);
    const { seconds } = chatapp;
    end();
    await run.within(60, isSubscribed);
    sent.push(...run.say(line, 1, ['live']));
    for (const [chat, wait] of [
      ['late', 4 * 60],
      ['later', 8 * 60],
    ] as const) {
      await run.pass(wait);
      sent.push({ chat, text: `the ${chat} one` });
      chatapp.write({ chat, text: `the ${chat} one`, line, time: seconds, to: 'nowhere' });
    }
    await run.expect('one', sent, { within: 300 });
  });

  it('never gets a message from before its first start', async () => {
    run.say(line, 5, ['chat', 'another']);
    await run.pass(5);
    await run.listen([one]);
    await run.pass(2);
    const sent = run.say(line, 2);
    const end = await run.outage();
    sent.push(...run.say(line, 4, ['chat', 'another']));
    await run.pass(40);
    end();
    await run.expect('one', sent);
  });

  it('does not fetch what was missed if the connection looks back 0 hours', async () => {
    await run.listen([one], { connection: { recoverHours: '0' } });
    const sent = run.say(line, 3);
    const end = await run.outage();
    run.say(line, 4);
    await run.pass(40);
    end();
    await run.within(60, isSubscribed);
    await run.pass(2);
    sent.push(...run.say(line, 3));
    await run.expect('one', sent);
    assert.equal(chatapp.asked(/\/chats/).length, 0);
  });

  const closeOnceWith = async (code: number): Promise<void> => {
    await run.listen([one]);
    const sent = run.say(line, 2);
    await run.pass(60);
    chatapp.pusher.drop(code);
    await run.within(5, () => !isSubscribed());
    sent.push(...run.say(line, 2));
    assert.ok(await run.within(10, isSubscribed), 'it does not listen');
    sent.push(...run.say(line, 2));
    await run.expect('one', sent);
  };

  for (const code of [1012, 4009, 4301]) {
    it(`listens again within 10 seconds after one close with code ${code}`, () => closeOnceWith(code));
  }

  for (const code of [4000, 4004]) {
    it(`listens again within 10 seconds after one close with code ${code}`, () => closeOnceWith(code));
  }

  it('listens again within 10 seconds after a deploy, if the server has refused it with 4004 until then', async () => {
    await run.listen([one]);
    chatapp.pusher.refusesWith = 4004;
    chatapp.pusher.drop(4004);
    await run.pass(120);
    chatapp.pusher.refusesWith = undefined;
    const sent = run.say(line, 2);
    await run.deploy([{ ...one, name: 'another name' }]);
    assert.ok(await run.within(10, isSubscribed), 'it does not listen');
    await run.expect('one', sent);
  });

  it('reports once to Catch that events without a history may be missing, if the outage was longer than 5 seconds', async () => {
    await run.listen([{ ...one, events: ['message', 'chatTag'] }]);
    const end = await run.outage();
    await run.pass(12);
    end();
    await run.within(60, isSubscribed);
    await run.pass(90);
    assert.deepEqual(run.errors, ['RECOVERY_FAILED']);
  });

  it('reports once a tab that events without a history may be missing since Node-RED was stopped, but not to who wants messages alone', async () => {
    await run.listen([one, { ...one, id: 'mixed', events: ['message', 'chatTag'] }, { ...one, id: 'all', events: [] }]);
    await run.pass(20);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await run.stop(signal);
      await run.pass(30);
      await run.start();
      await run.untilListening('one', 'mixed', 'all');
      await run.pass(90);
    }
    assert.deepEqual(run.errors, ['RECOVERY_FAILED', 'RECOVERY_FAILED']);
    assert.match(run.got('errors')[0]?.failure?.message ?? '', /^Events without a history \(chatTag, /);
  });

  it('reports nothing about events without a history after an outage of 3 seconds', async () => {
    await run.listen([{ ...one, events: [] }]);
    await run.pass(20);
    const end = await run.outage();
    await run.pass(2);
    end();
    await run.within(3, isSubscribed);
    await run.pass(90);
    assert.deepEqual(run.errors, []);
  });
});

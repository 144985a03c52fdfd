import assert from 'node:assert/strict';
import { missing } from './harness/delivered';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import { failure } from './server/faults';
import type { Line } from './server/history';

describe('a listener in a real Node-RED that is stopped and started again', function () {
  this.timeout(90_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  let line: Line;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    line = chatapp.addLine(50001);
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
  const chats = Array.from({ length: 10 }, (_, index) => `chat-${index}`);
  const isSubscribed = (): boolean => chatapp.pusher.isSubscribed(channelOf(line));

  it('gets what was sent meanwhile, once, and spends no login on it', async () => {
    await run.listen([one]);
    const sent = run.say(line, 20, chats);
    await run.pass(5);
    await run.stop();
    sent.push(...run.say(line, 20, chats));
    await run.start();
    await run.within(60, isSubscribed);
    sent.push(...run.say(line, 10, chats));
    await run.expect('one', sent);
    assert.equal(chatapp.accounts.logins, 1);
  });

  describe('by stopping the flows alone,', () => {
    it('closes the socket, and gets what was sent meanwhile once they are started', async () => {
      await run.listen([one]);
      const sent = run.say(line, 20, chats);
      await run.pass(5);
      await run.setFlows('stop');
      await chatapp.pusher.untilClosed();
      sent.push(...run.say(line, 20, chats));
      await run.pass(60);
      assert.equal(chatapp.pusher.sockets, 0);
      await run.setFlows('start');
      await run.within(60, isSubscribed);
      sent.push(...run.say(line, 10, chats));
      await run.expect('one', sent);
      assert.equal(chatapp.accounts.logins, 1);
    });

    it('gets once more what its flow had not finished, and goes on with the next message of the chat', async () => {
      await run.listen([{ ...one, ack: 'done', ackSeconds: '5' }]);
      run.say(line, 2);
      await run.within(10, () => run.got('one').length === 1);
      await run.pass(2);
      await run.setFlows('stop');
      await run.pass(60);
      assert.equal(run.got('one').length, 1, 'nothing is delivered while flows are stopped');
      await run.setFlows('start');
      await run.within(60, () => run.got('one').length > 1);
      const [first, second] = run.got('one');
      assert.deepEqual([second?.text, second?.attempt], [first?.text, 2]);
    });

    it('keeps the socket if they are deployed instead', async () => {
      await run.listen([one]);
      const { connections } = chatapp.pusher;
      const sent = run.say(line, 5, chats);
      await run.listen([{ ...one, name: 'renamed' }]);
      sent.push(...run.say(line, 5, chats));
      await run.expect('one', sent);
      assert.equal(chatapp.pusher.connections, connections);
    });
  });

  it('does not get again what came live while the history was not readable', async () => {
    await run.listen([one]);
    const sent = run.say(line, 3, chats);
    await run.pass(5);
    const endFault = chatapp.faults.add(/\/chats/, () => failure(500, 'ApiServerError'));
    const end = await run.outage();
    sent.push(...run.say(line, 10, chats));
    await run.pass(40);
    end();
    await run.within(60, isSubscribed);
    const live = run.say(line, 40, chats);
    await run.within(60, () => missing(run.got('one'), live) === 0);
    await run.pass(5);
    await run.stop();
    endFault();
    await run.start();
    await run.expect('one', [...sent, ...live], { inOrder: false });
  });

  it('gets only what its flow had not taken, if it is stopped while missed messages are being delivered', async () => {
    await run.listen([{ ...one, slow: 1 }]);
    const sent = run.say(line, 10, chats);
    await run.pass(5);
    const end = await run.outage();
    sent.push(...run.say(line, 1_500, chats));
    await run.pass(40);
    end();
    await run.within(600, () => run.got('one').length > 300);
    await run.stop();
    await run.start();
    // Fetched messages wait for the disk, whose time does not pass faster.
    await run.expect('one', sent, { within: 1_200 });
  });

  it('loses nothing if it is killed while missed messages are being delivered', async () => {
    await run.listen([{ ...one, slow: 1 }]);
    const sent = run.say(line, 10, chats);
    await run.pass(5);
    const end = await run.outage();
    sent.push(...run.say(line, 500, chats));
    await run.pass(40);
    end();
    await run.within(120, () => run.got('one').length > 100);
    await run.stop('SIGKILL');
    await run.start();
    await run.within(120, () => missing(run.got('one'), sent) === 0);
    assert.equal(missing(run.got('one'), sent), 0, 'lost');
  });

  it('loses nothing and doubles no more than the last second if it is killed while live messages come', async () => {
    await run.listen([one]);
    const sent = run.say(line, 50, chats);
    await run.pass(10);
    sent.push(...run.say(line, 5, chats));
    await run.stop('SIGKILL');
    sent.push(...run.say(line, 20, chats));
    await run.start();
    await run.within(120, () => missing(run.got('one'), sent) === 0);
    await run.pass(20);
    assert.equal(missing(run.got('one'), sent), 0, 'lost');
    assert.ok(run.got('one').length <= sent.length + 5, `${run.got('one').length - sent.length} doubled`);
  });

  it('gets what was missed before the stop, if the stop came during the outage', async () => {
    await run.listen([one]);
    const sent = run.say(line, 5, chats);
    await run.pass(5);
    await run.outage();
    sent.push(...run.say(line, 10, chats));
    await run.pass(90);
    await run.stop();
    sent.push(...run.say(line, 10, chats));
    chatapp.pusher.refuses = undefined;
    await run.start();
    await run.expect('one', sent);
  });

  it('starts without the API and gets what was missed once the API is there', async () => {
    await run.listen([one]);
    const sent = run.say(line, 5, chats);
    await run.pass(5);
    await run.stop();
    sent.push(...run.say(line, 5, chats));
    const endFault = chatapp.faults.add(/./, (right) => ({ ...right, breaks: true }));
    await run.start();
    await run.pass(60);
    sent.push(...run.say(line, 5, chats));
    endFault();
    await run.expect('one', sent, { within: 300 });
  });

  it('gets nothing from before its first start, if the first start ended before ChatApp could be reached', async () => {
    const endFault = chatapp.faults.add(/./, (right) => ({ ...right, breaks: true }));
    run.say(line, 5, chats);
    await run.pass(5);
    await run.deploy([one]);
    await run.pass(20);
    await run.stop();
    run.say(line, 5, chats);
    await run.pass(5);
    endFault();
    await run.start();
    await run.untilListening('one');
    await run.pass(1);
    await run.expect('one', run.say(line, 3, chats));
  });
});

import assert from 'node:assert/strict';
import type { ScenarioRun } from './harness/scenario';
import { useScenario } from './harness/use-scenario';
import { channelOf, type ChatAppServer } from './server/chatapp';
import type { Line } from './server/history';

describe('a listener that gets events by socket and webhook, in a real Node-RED,', function () {
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
  const events = (): string[] => run.got('one').map(({ event }) => event);
  const by = (receive: 'both' | 'webhook'): object => ({ connection: { receive, webhookUrl: run.nodeRed.url } });
  const listen = async (properties: object = {}): Promise<void> => {
    await run.listen([{ ...one, ...properties }], by('both'));
    assert.ok(await run.within(60, () => chatapp.callbacks.events.length > 0), 'no webhook is set');
  };
  const chatRead = { chat: { id: 'chat' } };

  it('gets each message once', async () => {
    await listen();
    const sent = run.say(line, 20, ['chat', 'another']);
    await run.within(20, () => chatapp.callbacks.sent.length === 20);
    await run.expect('one', sent);
    assert.equal(chatapp.callbacks.sent.length, 20);
  });

  it('gets an event without an id as often as each source brings it', async () => {
    await listen({ events: ['chatRead'] });
    for (let count = 0; count < 3; count += 1) chatapp.happen(line, 'chatRead', chatRead);
    await run.within(10, () => events().length >= 3);
    await run.pass(10);
    assert.deepEqual(events(), ['chatRead', 'chatRead', 'chatRead']);
  });

  it('gets an event without an id once if its webhook comes a minute later', async () => {
    await listen({ events: ['chatRead'] });
    chatapp.happen(line, 'chatRead', chatRead, 'socket');
    await run.pass(60);
    chatapp.happen(line, 'chatRead', chatRead, 'webhook');
    await run.pass(5);
    assert.deepEqual(events(), ['chatRead']);
  });

  it('gets events without a history by webhook while the socket is down, and each once', async () => {
    await listen({ events: ['message', 'chatTag'] });
    const end = await run.outage();
    chatapp.happen(line, 'chatTag', { type: 'add', tag: { id: 29, name: 'new' }, chat: { id: 'chat' } });
    const sent = run.say(line, 5);
    await run.pass(40);
    end();
    await run.within(60, isSubscribed);
    sent.push(...run.say(line, 2));
    await run.pass(40);
    assert.equal(events().filter((event) => event === 'chatTag').length, 1);
    const texts = run.got('one').flatMap(({ event, text }) => (event === 'message' ? [text] : []));
    assert.deepEqual(
      texts,
      sent.map(({ text }) => text),
    );
  });

  it('gets nothing again if ChatApp repeats its calls after 40 minutes', async () => {
    await listen({ events: ['message', 'messageStatus'] });
    const sent = run.say(line, 5);
    await run.pass(2_400);
    await chatapp.callbacks.repeat();
    await run.expect('one', sent);
  });

  it('gets nothing again if ChatApp repeats its calls after a restart', async () => {
    await listen();
    const sent = run.say(line, 5);
    await run.pass(5);
    await run.stop();
    await run.start();
    await run.deploy([one], by('both'));
    await run.within(60, isSubscribed);
    await run.pass(5);
    for (const call of [...chatapp.callbacks.sent]) {
      const { pathname } = new URL(call.url);
      await fetch(`${run.nodeRed.url}${pathname}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: call.body,
      });
    }
    await run.expect('one', sent);
  });

  it('sets its webhook for messages if ChatApp does not offer another event, and reports that one', async () => {
    chatapp.callbacks.offered = ['message', 'messageStatus'];
    await run.deploy([{ ...one, events: ['message', 'messageStatus', 'chatTag'] }], by('webhook'));
    await run.within(120, () => chatapp.callbacks.events.length > 0);
    assert.deepEqual(chatapp.callbacks.events, [['message', 'messageStatus']]);
    await run.pass(20);
    const messages = run.got('errors').map(({ failure }) => failure?.message ?? '');
    assert.ok(
      messages.some((message) => message.includes('chatTag')),
      `reported: ${messages.join()}`,
    );
  });

  it('sets its webhook for messages if every event is wanted and ChatApp offers only two', async () => {
    chatapp.callbacks.offered = ['message', 'messageStatus'];
    await run.deploy([{ ...one, events: [] }], by('webhook'));
    await run.within(120, () => chatapp.callbacks.events.length > 0);
    assert.deepEqual(chatapp.callbacks.events, [['message', 'messageStatus']]);
    await run.expect('one', run.say(line, 3));
  });

  it('gets by webhook only what a lost call did not bring, within 6 minutes', async () => {
    await run.listen([one], by('webhook'));
    const sent = run.say(line, 3);
    await run.pass(5);
    chatapp.callbacks.isPaused = true;
    sent.push(...run.say(line, 4));
    chatapp.callbacks.isPaused = false;
    await run.expect('one', sent, { within: 360 });
  });

  it('gets by webhook only what lost calls did not bring, if calls of other chats arrive all the time', async () => {
    await run.listen([one], by('webhook'));
    const sent = run.say(line, 3);
    await run.pass(5);
    for (let minute = 0; minute < 4; minute += 1) {
      chatapp.callbacks.isPaused = true;
      sent.push(...run.say(line, 1));
      chatapp.callbacks.isPaused = false;
      sent.push(...run.say(line, 1, ['another']));
      await run.pass(60);
    }
    await run.expect('one', sent, { within: 360 });
  });

  it('answers a call with 2xx only after the message was given to the flow', async () => {
    await run.listen([{ ...one, slow: 1 }], by('webhook'));
    const sent = run.say(line, 3);
    await run.within(10, () => chatapp.callbacks.sent.length === 3);
    await run.expect('one', sent);
    assert.deepEqual(
      chatapp.callbacks.sent.map(({ status }) => status),
      [200, 200, 200],
    );
  });
});

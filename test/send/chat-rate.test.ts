import assert from 'node:assert/strict';
import type { ChatOrder } from '../../src/api/chat-order';
import { ApiClient } from '../../src/api/client';
import { carryOut } from '../../src/api/sending';
import { Sender } from '../../src/send/sender';
import { codeOf, errorOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';
import { FakeNetwork, ok, refusal, type Outcome } from '../support/fake-network';

const CHAT = { licenseId: '50101', messengerType: 'grWhatsApp', chatId: '77000000001' };
const SENT = ok({ id: 'm', chatId: CHAT.chatId });
const LOOP = 'SEND_REFUSED.loop';

const text = (chat: Partial<typeof CHAT> = {}): ChatOrder => ({
  chat: { ...CHAT, ...chat },
  action: 'text',
  text: 'Hello!',
  markdown: false,
});

describe('the limit of messages to one chat within a minute', () => {
  let clock: FakeClock;
  let network: FakeNetwork;
  let sender: Sender;
  let answer: () => Outcome;

  beforeEach(() => {
    clock = new FakeClock();
    answer = () => SENT;
    network = new FakeNetwork(() => answer());
    const api = new ApiClient({ apiUrl: 'https://api.example.test', network, clock });
    sender = new Sender({
      authorised: (ask) => ask('token'),
      carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
      readLines: () => Promise.resolve([]),
      clock,
    });
  });
  afterEach(() => sender.close());

  async function send(count: number, perMinute: number, order = text()): Promise<void> {
    for (let sent = 0; sent < count; sent += 1) await sender.send(order, { perMinute });
  }

  it('refuses the message that would exceed it, without a request, and says how many went and how many may go', async () => {
    await send(10, 10);
    const error = await errorOf(sender.send(text(), { perMinute: 10 }));
    assert.equal(`${error.code}.${error.reason}`, LOOP);
    assert.deepEqual(error.params, { count: 10, limit: 10 });
    assert.equal(network.requests.length, 10);
  });

  it('never tries a refused message again', async () => {
    await send(1, 1);
    assert.equal(await codeOf(sender.send(text(), { perMinute: 1 })), LOOP);
    await clock.pass(120_000);
    assert.equal(network.requests.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('counts a message until a minute after it was sent', async () => {
    await send(1, 1);
    await clock.pass(59_999);
    assert.equal(await codeOf(sender.send(text(), { perMinute: 1 })), LOOP);
    await clock.pass(1);
    await send(1, 1);
  });

  it('uses elapsed time, not the time of day', async () => {
    await send(1, 1);
    clock.setTo(clock.now() + 86_400_000);
    assert.equal(await codeOf(sender.send(text(), { perMinute: 1 })), LOOP);
    clock.setTo(clock.now() - 2 * 86_400_000);
    await clock.pass(60_000);
    await send(1, 1);
  });

  it('counts what waits too, also if it is sent more than a minute later', async () => {
    let down = true;
    answer = () => (down ? { unsent: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) } : SENT);
    const waiting = [sender.send(text(), { perMinute: 2 }), sender.send(text(), { perMinute: 2 })];
    await clock.settle();
    assert.equal(await codeOf(sender.send(text(), { perMinute: 2 })), LOOP);
    await clock.pass(10_000);
    down = false;
    await clock.pass(20_000);
    await Promise.all(waiting);
    await clock.pass(42_000);
    assert.equal(await codeOf(sender.send(text(), { perMinute: 2 })), LOOP);
  });

  it('is counted for each chat, over all that sends there, and compared with the limit of each caller', async () => {
    await send(3, 0);
    assert.equal(await codeOf(sender.send(text(), { perMinute: 3 })), LOOP);
    await send(1, 4);
    for (const other of [{ chatId: '77000000002' }, { licenseId: '50102' }, { messengerType: 'telegram' }]) {
      await send(1, 1, text(other));
    }
  });

  it('takes a phone and the chat that WhatsApp makes of it for the same', async () => {
    await send(1, 1);
    for (const chatId of ['77000000001@c.us', '77000000001@C.US', '77000000001@s.whatsapp.net']) {
      assert.equal(await codeOf(sender.send(text({ chatId }), { perMinute: 1 })), LOOP, chatId);
    }
  });

  it('does not exist with 0, and marking as read does not count', async () => {
    await send(20, 0);
    await send(20, 1, { chat: { ...CHAT, chatId: 'read' }, action: 'read' });
    await send(1, 1, text({ chatId: 'read' }));
  });

  it('counts files and templates as well', async () => {
    await send(1, 2, { chat: CHAT, action: 'template', id: 'hello', params: [] });
    await send(1, 2, { chat: CHAT, action: 'file', file: { url: 'https://x.example/a.pdf', fileName: 'a.pdf' } });
    assert.equal(await codeOf(sender.send(text(), { perMinute: 2 })), LOOP);
  });

  it('does not count what was certainly not sent, but what may have been', async () => {
    answer = () => refusal(422, 'ApiConversationWindowClosedError');
    for (let count = 0; count < 3; count += 1) {
      assert.equal(await codeOf(sender.send(text(), { perMinute: 1 })), 'SEND_REFUSED.windowClosed');
    }
    answer = () => ({ status: 500, text: '' });
    assert.match(await codeOf(sender.send(text(), { perMinute: 1 })), /^SEND_UNCERTAIN\./);
    assert.equal(await codeOf(sender.send(text(), { perMinute: 1 })), LOOP);
  });
});

import assert from 'node:assert/strict';
import type { ChatOrder } from '../../src/api/chat-order';
import { readOrder } from '../../src/send/read-order';
import { codeOf } from '../support/errors';
import { ConnectionHarness } from '../support/connection-harness';
import { at } from '../support/flow';
import { ListenerSpy } from '../support/listener-spy';

const LINE = { licenseId: '50718', messengerType: 'telegram' };
const text = (words: string, chatId = '880'): ChatOrder =>
  readOrder({ action: 'text', to: { ...LINE, chatId }, payload: words });

describe('sending through a connection', () => {
  let harness: ConnectionHarness;
  afterEach(() => harness.close());

  const sends = (): number => harness.simulator.requests.filter(({ path }) => path.includes('/messages/')).length;

  it('comes back as an event with the id that ChatApp has answered', async () => {
    harness = await ConnectionHarness.start();
    const spy = new ListenerSpy({ type: 'messenger', ...LINE });
    await harness.listen(spy);
    const { messageId, chatId } = await harness.connection.send(text('hello'));
    await spy.until(({ deliveries }) => deliveries.length > 0);
    assert.equal(spy.deliveries[0]?.messageId, messageId);
    assert.equal(chatId, '880');
  });

  it('needs no socket', async () => {
    harness = await ConnectionHarness.start();
    await harness.connection.send(text('hello'));
    assert.equal(harness.simulator.connections, 0);
  });

  it('carries bytes, under their name', async () => {
    harness = await ConnectionHarness.start();
    const spy = new ListenerSpy({ type: 'messenger', ...LINE });
    await harness.listen(spy);
    const bytes = Buffer.from('\u0000\r\n--ё', 'utf8');
    const payload = { file: bytes, fileName: 'отчёт.pdf', caption: 'Yours' };
    await harness.connection.send(readOrder({ action: 'file', to: { ...LINE, chatId: '880' }, payload }));
    await spy.until(({ deliveries }) => deliveries.length > 0);
    const message: unknown = spy.deliveries[0]?.item.message;
    assert.equal(at(message, 'file', 'name'), 'отчёт.pdf');
    assert.equal(at(message, 'caption'), 'Yours');
    const kept = await fetch(String(at(message, 'file', 'link')));
    assert.deepEqual(Buffer.from(await kept.arrayBuffer()), bytes);
  });

  it('renews a dead token once, and sends once', async () => {
    harness = await ConnectionHarness.start({}, ({ account: { email, password, appId } }) => ({
      credentials: { kind: 'account', email, password, appId },
    }));
    await harness.connection.send(text('before'));
    harness.simulator.expireAccessToken();
    const both = [harness.connection.send(text('a', '1')), harness.connection.send(text('b', '2'))];
    assert.deepEqual(
      (await Promise.all(both)).map(({ chatId }) => chatId),
      ['1', '2'],
    );
    assert.equal(harness.simulator.requestsTo('/v1/tokens/refresh').length, 1);
    const taken = harness.simulator.requests.filter(
      ({ path, status }) => path.includes('/messages/') && status === 200,
    );
    assert.equal(taken.length, 3);
  });

  it('rejects a message if the token is dead and cannot be renewed', async () => {
    harness = await ConnectionHarness.start({}, () => ({ credentials: { kind: 'token', accessToken: 'long-dead' } }));
    assert.equal(await codeOf(harness.connection.send(text('hello'))), 'TOKEN_INVALID.pasted');
  });

  it('is not repeated where ChatApp has taken it and gives no answer', async () => {
    harness = await ConnectionHarness.start();
    const spy = new ListenerSpy({ type: 'messenger', ...LINE });
    await harness.listen(spy);
    harness.simulator.faults.answerWith('send', 'accept and hang up', 1);
    assert.equal(await codeOf(harness.connection.send(text('once'))), 'SEND_UNCERTAIN.lost');
    await harness.connection.send(text('next'));
    await spy.until(({ deliveries }) => deliveries.some(({ item }) => at(item.message, 'text') === 'next'));
    const texts = spy.deliveries.filter(({ event }) => event === 'message').map(({ item }) => at(item.message, 'text'));
    assert.deepEqual(texts, ['once', 'next']);
  });

  it('is tried again where the API is down, until it is up: once only, and in order', async () => {
    harness = await ConnectionHarness.start();
    await harness.simulator.faults.down('both');
    const first = harness.connection.send(text('first'), {
      onWait: (nextTry) => {
        if (nextTry !== undefined) void harness.simulator.faults.up();
      },
    });
    const second = harness.connection.send(text('second'));
    await Promise.all([first, second]);
    assert.equal(sends(), 2);
  });

  it('tells a line that the account does not have from a chat that it does not have', async () => {
    harness = await ConnectionHarness.start();
    const to = { licenseId: '99999', messengerType: 'telegram', chatId: '1' };
    const unknown = codeOf(harness.connection.send(readOrder({ action: 'text', to, payload: 'a' })));
    assert.equal(await unknown, 'SEND_REFUSED.unknownLine');
    const read = readOrder({ action: 'read', to: { ...LINE, chatId: 'nobody' }, payload: '' });
    assert.equal(await codeOf(harness.connection.send(read)), 'SEND_REFUSED.unknownChat');
  });

  it('says that a template is needed once the window is closed, and takes one', async () => {
    harness = await ConnectionHarness.start();
    const to = { licenseId: '50718', messengerType: 'caWhatsApp', chatId: '79001112233' };
    const late = readOrder({ action: 'text', to, payload: 'Hello?' });
    assert.equal(await codeOf(harness.connection.send(late)), 'SEND_REFUSED.windowClosed');
    const payload = { template: { id: 'hello', params: ['Anna'] } };
    assert.ok((await harness.connection.send(readOrder({ action: 'template', to, payload }))).messageId);
  });

  it('ends with the connection: what is under way is reported', async () => {
    harness = await ConnectionHarness.start();
    harness.simulator.faults.answerWith('send', { delayMs: 300 });
    const first = harness.connection.send(text('first'));
    const second = codeOf(harness.connection.send(text('second')));
    await harness.simulator.until(() => sends() === 1);
    await harness.connection.close();
    assert.ok((await first).messageId);
    assert.equal(await second, 'SEND_REFUSED.closed');
  });
});

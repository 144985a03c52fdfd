import assert from 'node:assert/strict';
import { type SendOutcome, type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ask, textIn } from '../api-client';
import { Subscriber } from '../subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.grWhatsApp';
const CHATS = '/v1/licenses/50101/messengers/grWhatsApp/chats';
const TEXT = `${CHATS}/${encodeURIComponent('77000000001@c.us')}/messages/text`;

describe('what follows a message that was sent through the simulator', () => {
  let simulator: Simulator;
  let subscriber: Subscriber;

  const start = async (statusDelay = 0): Promise<void> => {
    simulator = await startSimulator({ statusDelay });
    subscriber = await Subscriber.to(simulator, CHANNEL);
  };
  const sendText = async (outcome?: SendOutcome): Promise<string> => {
    simulator.faults.sentMessagesEnd(outcome);
    const answer = await ask(simulator, `POST ${TEXT}`, { body: { text: 'x', tracking: 'order 5' } });
    assert.equal((await subscriber.next()).event, 'message');
    return textIn(answer, 'id');
  };
  /** The items of the next event. */
  const nextItems = async (): Promise<Record<string, unknown>[]> => {
    const { event, data } = await subscriber.next();
    assert.equal(event, 'messageStatus');
    const payload = isRecord(data) ? data.payload : undefined;
    assert.ok(isRecord(payload) && Array.isArray(payload.data));
    return payload.data.filter(isRecord);
  };
  const nextTypes = async (): Promise<unknown[]> => (await nextItems()).map(({ type }) => type);
  afterEach(() => simulator.close());

  it('are its statuses, one after the other, in the shape that ChatApp describes', async () => {
    await start();
    const id = await sendText();
    const { data } = await subscriber.next();
    assert.ok(isRecord(data) && isRecord(data.payload) && Array.isArray(data.payload.data));
    const [sent] = data.payload.data.filter(isRecord);
    assert.ok(sent);
    const { time, ...item } = sent;
    const phone = '77000000001';
    const chat = { id: `${phone}@c.us`, hash: null, type: 'private', phone, username: 'anna_beispiel', email: null };
    const fromApp = { id: simulator.account.appId, tracking: 'order 5', sender: null };
    assert.deepEqual(item, { id, type: 'sent', chat, fromApp });
    assert.equal(typeof time, 'number');
    assert.deepEqual(data.payload.meta, { type: 'messageStatus', licenseId: 50101, messengerType: 'grWhatsApp' });
    assert.deepEqual([await nextTypes(), await nextTypes()], [['delivered'], ['viewed']]);
  });

  it('stops at the outcome that was set, and says why a message failed', async () => {
    await start();
    await sendText('sent');
    assert.deepEqual(await nextTypes(), ['sent']);
    await sendText('delivered');
    assert.deepEqual([await nextTypes(), await nextTypes()], [['sent'], ['delivered']]);
    await sendText('failed');
    const [failed] = await nextItems();
    assert.ok(failed?.type === 'failed' && isRecord(failed.error));
    assert.equal(failed.error.message, 'Message Undeliverable.');
    await sendText('silence');
    await sendText('sent');
    assert.deepEqual(await nextTypes(), ['sent']);
  });

  it('comes all at once and the last one first, if that was set', async () => {
    await start();
    await sendText('jumbled');
    assert.deepEqual(await nextTypes(), ['viewed', 'delivered', 'sent']);
  });

  it('is decided when a message is sent: later words are for later messages', async () => {
    await start(30);
    await sendText('sent');
    simulator.faults.sentMessagesEnd('failed');
    assert.deepEqual(await nextTypes(), ['sent']);
    await sendText(undefined);
    assert.deepEqual([await nextTypes(), await nextTypes(), await nextTypes()], [['sent'], ['delivered'], ['viewed']]);
  });

  it('ends with the simulator', async () => {
    await start(5);
    await sendText();
    let announced = 0;
    simulator.onChange(() => (announced += 1));
    await simulator.close();
    announced = 0;
    // As long a timer as that of the next status, begun later.
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(announced, 0);
  });
});

import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../simulator';
import { ProtocolClient } from './protocol-client';
import { Subscriber } from './subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const OTHER = 'private-v1.licenses.50101.messengers.grWhatsApp';
const META = { type: 'chatTag', licenseId: 50101, messengerType: 'telegram' };
const ENVELOPE = { data: [{ type: 'add', tag: { name: 'Цветы/🌷' } }], meta: META };

describe('an announcement of the simulator', () => {
  let simulator: Simulator;

  /** The text of the frame that one announcement makes. */
  const rawFrame = async (subscriber: Subscriber, announce: () => unknown): Promise<string> => {
    const text = new Promise<string>((resolve) => {
      subscriber.client.ws.once('message', (data: Buffer) => resolve(data.toString()));
    });
    announce();
    return text;
  };

  afterEach(() => simulator.close());

  it('goes wrapped, as a JSON string that is escaped as PHP does it, by default', async () => {
    simulator = await startSimulator();
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    const text = await rawFrame(subscriber, () => simulator.announce(CHANNEL, 'chatTag', ENVELOPE));
    const tag = String.raw`\\u0426\\u0432\\u0435\\u0442\\u044b\\\/\\ud83c\\udf37`;
    const payload = String.raw`{\"data\":[{\"type\":\"add\",\"tag\":{\"name\":\"${tag}\"}}],\"meta\":{\"type\":\"chatTag\",\"licenseId\":50101,\"messengerType\":\"telegram\"}}`;
    const data = String.raw`{\"queue\":\"socket-events\",\"payload\":${payload}}`;
    assert.equal(text, `{"channel":"${CHANNEL}","event":"chatTag","data":"${data}"}`);
    assert.deepEqual((await subscriber.next()).data, { queue: 'socket-events', payload: ENVELOPE });
  });

  it('goes bare, as a raw JSON string or as an object where the simulator is started so', async () => {
    simulator = await startSimulator({ wire: 'bare', dataAs: 'object', style: 'soketi' });
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    const text = await rawFrame(subscriber, () => simulator.announce(CHANNEL, 'chatTag', ENVELOPE));
    assert.equal(text, JSON.stringify({ event: 'chatTag', channel: CHANNEL, data: ENVELOPE }));
  });

  it('goes in another form if a single call asks for it', async () => {
    simulator = await startSimulator();
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    simulator.announce(CHANNEL, 'chatTag', ENVELOPE, { wire: 'bare', dataAs: 'string' });
    simulator.announce(CHANNEL, 'chatTag', ENVELOPE, { dataAs: 'object' });
    assert.deepEqual((await subscriber.next()).data, ENVELOPE);
    assert.deepEqual((await subscriber.next()).data, { queue: 'socket-events', payload: ENVELOPE });
  });

  it('reaches every subscriber of its channel and nobody else, and says how many', async () => {
    simulator = await startSimulator();
    const subscribers = await Promise.all([
      Subscriber.to(simulator, CHANNEL),
      Subscriber.to(simulator, CHANNEL, OTHER),
    ]);
    const bystander = await Subscriber.to(simulator, OTHER);
    assert.equal(simulator.announce(CHANNEL, 'chatTag', ENVELOPE), 2);
    for (const subscriber of subscribers) assert.equal((await subscriber.next()).event, 'chatTag');
    assert.deepEqual(await bystander.client.receiveAll(), []);
    assert.equal(simulator.announce('private-v1.users.1', 'chatTag', ENVELOPE), 0);
  });

  it('of a message carries a full item with a new id and the time in seconds', async () => {
    simulator = await startSimulator({ now: () => 1_790_000_000_999 });
    const subscriber = await Subscriber.to(simulator, CHANNEL, OTHER);
    const [first, second] = ['one', 'two'].map((text) =>
      simulator.message({ licenseId: 50101, messengerType: 'telegram', text }),
    );
    assert.ok(first && second);
    assert.equal(Number(second.id), Number(first.id) + 1);
    assert.deepEqual([first.time, first.side, first.chat.id], [1_790_000_000, 'in', second.chat.id]);
    const { event, data } = await subscriber.next();
    const meta = { type: 'message', licenseId: 50101, messengerType: 'telegram' };
    assert.deepEqual([event, data], ['message', { queue: 'socket-events', payload: { data: [first], meta } }]);
    const web = simulator.message({ licenseId: 50101, messengerType: 'grWhatsApp', text: 'x' });
    assert.match(web.id, /^3EB0[0-9A-F]{18}$/);
    const cloud = simulator.message({ licenseId: 50102, messengerType: 'caWhatsApp', text: 'x' });
    assert.match(cloud.id, /^wamid\./);
  });

  it('of a message takes every field that it is given', async () => {
    simulator = await startSimulator();
    const fromApp = { id: 'app_1_1', tracking: 'x', sender: null };
    const chat = { id: -5, name: 'Group', type: 'group' };
    const message = {
      licenseId: 50101,
      messengerType: 'telegram',
      chat,
      side: 'out',
      fromApp,
      id: '9',
      time: 7,
    } as const;
    const item = simulator.message({ ...message, message: { caption: 'A picture' }, edited: true });
    assert.deepEqual([item.id, item.time, item.side, item.fromMe, item.edited], ['9', 7, 'out', true, true]);
    assert.deepEqual([item.fromApp, item.chat.id, item.chat.name], [fromApp, -5, 'Group']);
    assert.deepEqual(item.message, {
      text: '',
      textLang: null,
      caption: 'A picture',
      file: null,
      location: null,
      template: null,
      html: '',
    });
  });

  it('of a system message has its own name', async () => {
    simulator = await startSimulator();
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    simulator.message({ licenseId: 50101, messengerType: 'telegram', type: 'system', side: 'out', text: 'Note' });
    assert.equal((await subscriber.next()).event, 'messageSystem');
  });

  it('does not reach a socket that has not subscribed', async () => {
    simulator = await startSimulator();
    const { client } = await ProtocolClient.connect({ ...simulator, dataLimit: 0 });
    assert.equal(simulator.announce(CHANNEL, 'chatTag', ENVELOPE), 0);
    assert.deepEqual(await client.receiveAll(), []);
  });
});

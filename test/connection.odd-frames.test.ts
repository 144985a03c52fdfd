import assert from 'node:assert/strict';
import { ConnectionHarness } from './support/connection-harness';
import { ListenerSpy } from './support/listener-spy';

const LINE = 'private-v1.licenses.50718.messengers.telegram';

/** Frames on which a stock pusher-js throws where nobody can catch, and other things that are not of the protocol. */
const ODD: Readonly<Record<string, string | Buffer>> = {
  'an empty object': '{}',
  'a list': '[1]',
  null: 'null',
  'a number': '17',
  text: 'upstream connect error',
  'an empty frame': '',
  'a numeric event': `{"event":17,"channel":"${LINE}","data":"{}"}`,
  'an event without a channel': '{"event":"message","data":"{}"}',
  'an event on a channel that nobody listens to': '{"event":"message","channel":"private-v1.users.1","data":"{}"}',
  'an error without data': '{"event":"pusher:error","data":null}',
  'a success for nobody': '{"event":"pusher_internal:subscription_succeeded","channel":"private-v1.users.1"}',
  'a binary frame': Buffer.from([0, 1, 254, 255]),
  'a megabyte of noise': '{"event":"'.repeat(100_000),
  'a megabyte of brackets': '['.repeat(1_000_000),
};

describe('a connection to a server that sends odd frames', () => {
  let harness: ConnectionHarness;
  let spy: ListenerSpy;
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);

  before(async () => {
    process.on('uncaughtExceptionMonitor', note);
    harness = await ConnectionHarness.start();
    spy = new ListenerSpy({ type: 'messenger', licenseId: '50718', messengerType: 'telegram' });
    await harness.listen(spy);
  });
  after(async () => {
    process.off('uncaughtExceptionMonitor', note);
    await harness.close();
  });

  for (const [what, frame] of Object.entries(ODD)) {
    it(`accepts ${what}: nothing is thrown, and the next good event arrives`, async () => {
      const before = spy.items.length;
      assert.equal(harness.simulator.sendRaw(frame), 1);
      harness.simulator.announce(LINE, 'chatRead', { data: [{ chat: { id: what } }], meta: {} });
      await spy.until(({ items }) => items.length > before);
      assert.deepEqual(spy.items.slice(before), [{ chat: { id: what } }]);
      assert.deepEqual([uncaught, spy.codes, harness.codes], [[], [], []]);
      assert.equal(harness.simulator.connections, 1);
    });
  }

  it('tells ids apart that JavaScript cannot hold as numbers, and recognises one that comes twice', async () => {
    const before = spy.deliveries.length;
    const say = (id: string, chat: string, isText = true): void => {
      const data = `{"data":[{"id":${id},"chat":{"id":${chat}}}],"meta":{}}`;
      const frame = JSON.stringify({ event: 'message', channel: LINE, data: isText ? data : 0 });
      harness.simulator.sendRaw(isText ? frame : frame.replace('"data":0', `"data":${data}`));
    };
    const chat = '-1001234567890123457';
    for (const id of ['9007199254740992', '9007199254740993', '"9007199254740993"']) say(id, chat);
    say('9007199254740993', chat, false);
    say('9007199254740995', '1', false);
    await spy.until(({ deliveries }) => deliveries.at(-1)?.chatId === '1');
    assert.deepEqual(
      spy.deliveries.slice(before).map(({ chatId, messageId }) => `${chatId} ${messageId}`),
      [`${chat} 9007199254740992`, `${chat} 9007199254740993`, '1 9007199254740995'],
    );
  });

  it('reports an event that cannot be read once, and receives the next', async () => {
    const before = spy.items.length;
    harness.simulator.sendRaw(JSON.stringify({ event: 'message', channel: LINE, data: '{"data":[' }));
    harness.simulator.announce(LINE, 'chatRead', { data: [{ chat: { id: 1 } }], meta: {} });
    await spy.until(({ items }) => items.length > before);
    assert.deepEqual([spy.codes, harness.codes], [['PAYLOAD_INVALID.unreadable'], []]);
  });
});

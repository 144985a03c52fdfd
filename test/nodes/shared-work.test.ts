import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import { channelName } from '../../src/events';
import { at, coreNode, Flow } from '../support/flow';
import { startNats, type Nats } from '../support/nats';

/** How long it takes at least until what a copy had in hand is taken for that of a dead one, in ms. */
const TAKEN_FROM_THE_DEAD = 5_000;
const TELEGRAM = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;

describe('a flow that takes its events out of NATS', () => {
  let flow: Flow;
  let nats: Nats | undefined;
  before(async function () {
    nats = await startNats({ settings: 'authorization { user: shop, password: s3cret }' });
    if (!nats) {
      console.log('      skipped: there is no nats-server here; the variable NATS_SERVER may name one');
      return this.skip();
    }
    flow = await Flow.start();
  });
  afterEach(() => (nats ? flow.unload() : undefined));
  after(async () => {
    if (nats) await flow.stop();
    await nats?.end();
  });

  /** A connection that shares its work, and a listener that waits for a done node. */
  async function load(nodes: readonly object[], clusterPassword = 's3cret'): Promise<void> {
    const cluster = { cluster: nats?.servers.join(), clusterAuth: 'user' };
    const listener = {
      ...{ id: 'listener', type: 'chatapp-messenger', connection: 'connection', ack: 'done', ackSeconds: 30 },
      ...{ licenseId: TELEGRAM.licenseId, messengerType: TELEGRAM.messengerType, wires: [['work']] },
    };
    const { email, password, appId } = flow.simulator.account;
    const core = await Promise.all([coreNode('function/10-function')]);
    const all = [flow.connection(cluster), listener, ...nodes];
    await flow.load(all, { email, password, appId, clusterUser: 'shop', clusterPassword }, {}, core);
  }
  const WORK = { id: 'work', type: 'function', outputs: 1, wires: [['done', 'seen']] };
  const SEEN = { id: 'seen', type: 'collect' };
  const say = (text: string): void =>
    void flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chatId: 'olga', text });
  const texts = (): unknown[] => flow.received('seen').map((message) => at(message, 'payload', 'message', 'text'));

  it('gets the next message of a chat when it is done with the one before', async () => {
    await load([{ ...WORK, func: 'return msg;' }, { id: 'done', type: 'chatapp-done' }, SEEN]);
    await flow.listening(channelName(TELEGRAM));
    for (const text of ['one', 'two', 'three']) say(text);
    const messages = await flow.messages('seen', 3);
    assert.deepEqual(texts(), ['one', 'two', 'three']);
    for (const message of messages) {
      assert.match(String(message._msgid), /^listener\.\d+\.1$/);
      assert.equal(at(message, 'chatapp', 'attempt'), 1);
    }
  });

  it('gets a message again with which it has failed, and only then the next one', async () => {
    const func = "if (msg.chatapp.attempt < 3) throw new Error('not yet'); return msg;";
    const toFailed = { id: 'catcher', type: 'catch', scope: ['work'], wires: [['failed']] };
    const ends = [
      { id: 'done', type: 'chatapp-done' },
      { id: 'failed', type: 'chatapp-done', failed: true },
    ];
    await load([{ ...WORK, func }, toFailed, ...ends, SEEN]);
    await flow.listening(channelName(TELEGRAM));
    for (const text of ['four', 'five']) say(text);
    const messages = await flow.messages('seen', 2);
    assert.deepEqual(texts(), ['four', 'five']);
    for (const message of messages) assert.equal(at(message, 'chatapp', 'attempt'), 3);
  });

  it('gives back what it has in hand when Node-RED ends, and does not have others wait for it', async () => {
    const nodes = [{ ...WORK, func: 'return msg;', wires: [['seen']] }, SEEN];
    await load(nodes);
    await flow.listening(channelName(TELEGRAM));
    say('six');
    await flow.messages('seen');
    await helper.unload();
    const stoppedAt = Date.now();
    await load(nodes);
    const [again] = await flow.messages('seen');
    assert.ok(Date.now() - stoppedAt < TAKEN_FROM_THE_DEAD, `${Date.now() - stoppedAt} ms`);
    assert.deepEqual(texts(), ['six']);
    assert.equal(at(again, 'chatapp', 'attempt'), 2);
  });

  it('reports a login that NATS refuses, and not what it was', async () => {
    const caught = [
      { id: 'catcher', type: 'catch', wires: [['caught']] },
      { id: 'caught', type: 'collect' },
    ];
    await load(caught, 'wr0ng');
    const [message] = await flow.messages('caught');
    assert.equal(at(message, 'error', 'code'), 'CLUSTER_FAILED');
    assert.match(String(at(message, 'error', 'message')), /refuses the login/);
    assert.doesNotMatch(JSON.stringify(message), /wr0ng/);
  });
});

import assert from 'node:assert/strict';
import type { Node, NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import type { NodeListener } from '../../nodes/shared/connection-node';
import { isSampleSender } from '../../nodes/shared/sample';
import type { Delivery, Failure } from '../../src';
import { ChatAppError } from '../../src/errors';
import { at, coreNode, deploy, Flow } from '../support/flow';

const TOKEN = 'listener.12.1';

describe('a done node in a flow', () => {
  let flow: Flow;
  let core: readonly NodeInitializer[];
  /** What came to the connection, in order. */
  let settled: string[] = [];
  /** What the connection says to that. */
  let isAwaited = true;
  let isHeld = false;
  const listeners = new Map<string, NodeListener>();

  before(async () => {
    flow = await Flow.start();
    const names = ['function/10-function', 'function/15-change', 'common/24-complete'];
    core = [...(await Promise.all(names.map(coreNode))), connection, holder];
  });
  beforeEach(() => {
    settled = [];
    isAwaited = true;
  });
  afterEach(() => flow.unload());
  after(() => flow.stop());

  /** A connection that records what is settled. */
  const connection: NodeInitializer = (RED) => {
    RED.nodes.registerType('fake-connection', function (this: Node, saved) {
      RED.nodes.createNode(this, saved);
      const listen = (node: Node, listener: NodeListener) => {
        listeners.set(node.id, listener);
        return () => undefined;
      };
      const acknowledge = (
        deliveryToken: string,
        outcome: string,
        { retryAfter = 0, cause = '' }: Failure = {},
      ): boolean => {
        settled.push(
          [deliveryToken, outcome, retryAfter > 0 && `after ${retryAfter}`, cause].filter(Boolean).join(' '),
        );
        return isAwaited;
      };
      Object.assign(this, { listen, acknowledge, namingOf: () => ({}) });
    });
  };
  /** Sends on what it got when a deploy has closed what it closes. */
  const holder: NodeInitializer = (RED) => {
    RED.nodes.registerType('hold', function (this: Node, saved) {
      RED.nodes.createNode(this, saved);
      this.on('input', (message, send) => {
        isHeld = true;
        RED.events.once('flows:stopped', () => send(message));
      });
    });
  };

  const listener = (to: string, more: object = {}): object => ({
    ...{ id: 'listener', type: 'chatapp-messenger', connection: 'fake', ack: 'done', wires: [[to]] },
    ...more,
  });
  const FAKE = { id: 'fake', type: 'fake-connection', z: undefined };
  const DONE = { id: 'done', type: 'chatapp-done' };
  const CATCH = [
    { id: 'catcher', type: 'catch', wires: [['caught']] },
    { id: 'caught', type: 'collect' },
  ];
  const COMPLETE = [
    { id: 'completed', type: 'complete', scope: ['done'], wires: [['received']] },
    { id: 'received', type: 'collect' },
  ];
  const load = (...nodes: readonly object[]): Promise<void> => flow.load([FAKE, ...nodes], {}, {}, core);

  const deliveryOf = (deliveryToken: string | undefined): Delivery => ({
    ...{ event: 'message', channel: 'private-v1.licenses.1.messengers.telegram', item: { id: '7' }, meta: {} },
    ...{ receivedAt: 0, recovered: false, attempt: 1, ...(deliveryToken !== undefined && { deliveryToken }) },
  });
  const deliver = (deliveryToken: string | undefined, id = 'listener'): void =>
    (listeners.get(id) ?? assert.fail(`nobody listens as ${id}`)).onItem(deliveryOf(deliveryToken));
  const until = async (isSo: () => boolean): Promise<void> => {
    const limit = Date.now() + 15_000;
    while (!isSo()) {
      assert.ok(Date.now() < limit, 'in time');
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** The first arguments with which a method of the done node was called. The helper watches all nodes as one. */
  const said = (method: 'status' | 'warn'): unknown[] => {
    const spy = at(helper.getNode('done'), method);
    const [args, nodes] = [at(spy, 'args'), at(spy, 'thisValues')];
    assert.ok(Array.isArray(args) && Array.isArray(nodes));
    return args.filter((_, call) => at(nodes[call], 'id') === 'done').map((one) => at(one, '0'));
  };
  // The helper looks no texts up: their keys stand in their place.
  const short = (text: unknown): string => String(text).replace(/^.*:chatapp-done\.(status|warning)\./, '');
  const shown = (): string => ['fill', 'shape', 'text'].map((part) => short(at(said('status').at(-1), part))).join(' ');
  const warned = (): string[] => said('warn').map(short);

  it('settles what its listener sent, by way of nodes that change the message or make a new one', async () => {
    const change = { id: 'less', type: 'change', rules: [{ t: 'delete', p: 'payload', pt: 'msg' }], wires: [['new']] };
    const make = { id: 'new', type: 'function', func: 'return { payload: 1 };', outputs: 1, wires: [['done']] };
    await load(listener('less'), change, make, DONE);
    deliver(TOKEN);
    await until(() => settled.length > 0);
    assert.deepEqual(settled, [`${TOKEN} done`]);
    await until(() => shown() === 'green dot done');
    assert.deepEqual(warned(), []);
  });

  it('reports a flow that has failed, by way of a Catch node', async () => {
    const work = { id: 'work', type: 'function', func: "throw new Error('no');", outputs: 1, wires: [[]] };
    const toFailed = { id: 'catcher', type: 'catch', scope: ['work'], wires: [['done']] };
    await load(listener('work'), work, toFailed, { ...DONE, failed: 'true' });
    deliver(TOKEN);
    await until(() => settled.length > 0);
    assert.deepEqual(settled, [`${TOKEN} failed Error: no`]);
    await until(() => shown() === 'yellow ring failed');
  });

  it('gives the tries of each output their own delivery token, and has the try in msg.chatapp', async () => {
    const separate = { separate: true, events: ['message', 'chatTag'], wires: [['seen'], []] };
    await load(listener('seen', separate), { id: 'seen', type: 'collect' });
    deliver('listener.5.3');
    const [message] = await flow.messages('seen');
    assert.equal(message?._msgid, 'listener.5.3');
    assert.equal(at(message, 'chatapp', 'attempt'), 1);
    assert.equal(at(message, 'chatapp', 'deliveryToken'), undefined);
  });

  for (const property of ['error', 'statusCode', 'chatapp', 'other']) {
    it(`goes on after a msg whose ${property} has a getter that throws`, async () => {
      await load(listener('done'), DONE, ...COMPLETE, ...CATCH);
      const message = { _msgid: TOKEN };
      Object.defineProperty(message, property, { get: () => assert.fail('by the test'), enumerable: true });
      helper.getNode('done')?.receive(message);
      deliver('listener.13.1');
      await until(() => settled.includes('listener.13.1 done'));
    });
  }

  it('works in a subflow, for a listener in front of it and for one inside', async () => {
    const z = 'sub';
    const inner = [
      { id: 'sub', type: 'subflow', name: 'Sub', in: [{ wires: [{ id: 'inner-done' }] }], out: [], z: undefined },
      { ...listener('inner-done'), id: 'inner', z, x: 1, y: 1 },
      { ...DONE, id: 'inner-done', z, x: 1, y: 1 },
    ];
    await load(...inner, { id: 'one', type: 'subflow:sub', x: 1, y: 1, wires: [] }, listener('one'));
    await until(() => listeners.has('one-inner'));
    deliver(TOKEN);
    deliver('one-inner.3.1', 'one-inner');
    await until(() => settled.length > 1);
    assert.deepEqual(settled.sort(), [`${TOKEN} done`, 'one-inner.3.1 done']);
  });

  it('knows listeners whose ids have dots in them, as those of old flows have', async () => {
    await load(listener('done', { id: 'a1b2.c3d4' }), DONE);
    deliver('a1b2.c3d4.12.2', 'a1b2.c3d4');
    await until(() => settled.length > 0);
    assert.deepEqual(settled, ['a1b2.c3d4.12.2 done']);
  });

  it('of what nobody waits for any more says that it is too late, in status and log, and to no Catch node', async () => {
    isAwaited = false;
    await load(listener('done'), DONE, ...CATCH);
    for (let times = 0; times < 3; times += 1) deliver(TOKEN);
    await until(() => settled.length === 3 && shown() === 'yellow ring late');
    assert.deepEqual(warned(), ['late'], 'once a minute');
    assert.deepEqual(flow.received('caught'), []);
  });

  it('asks for the wait that the server which failed wants', async () => {
    const ask = { id: 'ask', type: 'function', func: "msg.headers = { 'retry-after': '7' }; return msg;", outputs: 1 };
    await load(listener('ask'), { ...ask, wires: [['done']] }, { ...DONE, failed: true });
    deliver(TOKEN);
    await until(() => settled.length > 0);
    assert.deepEqual(settled, [`${TOKEN} failed after 7000`]);
  });

  it('finds the outcome in the message: the end of the flow and a Catch node lead to the same done node', async () => {
    const work = {
      ...{ id: 'work', type: 'function', outputs: 1, wires: [['done']] },
      func: `const [status, body] = { 1: [200, 'fine'], 2: [503, 'busy'], 3: [422, 'no email'] }[msg.payload.id] ?? [];
        if (status === undefined) throw new Error('no server');
        return { ...msg, statusCode: status, payload: body };`,
    };
    const toDone = { id: 'catcher', type: 'catch', scope: ['work'], wires: [['done']] };
    await load(listener('work'), work, toDone, { ...DONE, outcome: 'auto' });
    const onItem = (id: string): void =>
      listeners.get('listener')?.onItem({ ...deliveryOf(`listener.${id}.1`), item: { id } });
    for (const id of ['1', '2', '3', '4']) onItem(id);
    await until(() => settled.length === 4);
    assert.deepEqual(settled.sort(), [
      'listener.1.1 done',
      'listener.2.1 failed status 503, busy',
      'listener.3.1 giveUp status 422, no email',
      'listener.4.1 failed Error: no server',
    ]);
    assert.deepEqual(warned(), []);
  });

  it('ignores a second outcome of the same attempt, in silence', async () => {
    const network = {
      ...{ id: 'work', type: 'function', outputs: 1, wires: [['done']] },
      func: "node.error('ECONNREFUSED', msg); return { ...msg, statusCode: 'ECONNREFUSED' };",
    };
    const toDone = { id: 'catcher', type: 'catch', scope: ['work'], wires: [['done']] };
    await load(listener('work'), network, toDone, DONE, ...COMPLETE);
    deliver(TOKEN);
    await flow.messages('received', 2);
    assert.equal(settled.length, 1);
    assert.match(settled[0] ?? '', /^listener\.12\.1 failed .*ECONNREFUSED/);
    assert.deepEqual([shown(), warned()], ['yellow ring failed', []]);
  });

  it('repeats the words of an error that comes after the flow was done', async () => {
    const later = { id: 'later', type: 'function', func: "throw new Error('too early');", outputs: 1, wires: [[]] };
    const toDone = { id: 'catcher', type: 'catch', scope: ['later'], wires: [['done']] };
    await load({ ...listener('done'), wires: [['done', 'later']] }, later, toDone, DONE);
    deliver(TOKEN);
    await until(() => warned().length > 0);
    assert.deepEqual([settled, warned()], [[`${TOKEN} done`], ['late Error: too early']]);
  });

  for (const [outcome, look] of [
    ['done', 'green dot done'],
    ['giveUp', 'red ring gaveUp'],
  ] as const) {
    it(`always reports ${outcome} if that is its outcome`, async () => {
      // Without a place, Node-RED would take the value `done` for a config node of that id.
      const work = { id: 'work', type: 'function', func: 'return { ...msg, statusCode: 500 };', outputs: 1 };
      await load(listener('work'), { ...work, wires: [['done']] }, { ...DONE, outcome, x: 1, y: 1 });
      deliver(TOKEN);
      await until(() => settled.length > 0);
      await until(() => shown() === look);
      assert.deepEqual(settled, [`${TOKEN} ${outcome} status 500, { id: '7' }`]);
    });
  }

  it('settles nothing while the accepted statuses are no statuses, and reports it', async () => {
    await load(listener('done'), { ...DONE, accept: '2xx' }, ...CATCH, ...COMPLETE);
    const [error] = await flow.messages('caught');
    assert.match(String(at(error, 'error', 'message')), /^accept is not usable: statuses of HTTP/);
    const complete = flow.messages('received');
    deliver(TOKEN);
    await complete;
    assert.deepEqual(settled, []);
  });

  it('of a listener that acknowledges by itself, or that does not exist, shows the same, and does not warn', async () => {
    isAwaited = false;
    await load(listener('done', { ack: 'sent' }), DONE, ...CATCH, ...COMPLETE);
    for (const deliveryToken of [TOKEN, 'nobody.1.1']) deliver(deliveryToken);
    await flow.messages('received', 2);
    assert.equal(shown(), 'grey ring unknown');
    assert.deepEqual([warned(), flow.received('caught')], [[], []]);
  });

  it('of what no listener waits for shows that no outcome is needed, and tells neither log nor Catch node', async () => {
    await load(listener('done', { ack: 'sent' }), DONE, ...CATCH);
    deliver(undefined);
    await until(() => shown() === 'grey ring unknown');
    assert.deepEqual(warned(), []);
    assert.deepEqual([settled, flow.received('caught')], [[], []]);
  });

  it('repeats the words of an error that is of no message: nobody else would tell of it', async () => {
    const toFailed = { id: 'catcher', type: 'catch', wires: [['done']] };
    await load(listener('out'), listener('out', { id: 'wrong', licenseId: 'x' }), toFailed, { ...DONE, failed: true });
    await until(() => warned().length > 0);
    assert.deepEqual(warned(), ['unknown licenseId is not usable: an id is made of digits.']);
  });

  it('takes a sample in silence', async () => {
    await load(listener('done'), DONE);
    const sender: unknown = helper.getNode('listener');
    assert.ok(isSampleSender(sender));
    sender.sendSample();
    await until(() => shown() === 'grey ring unknown');
    assert.deepEqual([settled, warned()], [[], []]);
  });

  it('leaves an event that was given up to Catch nodes, which get the whole message', async () => {
    await load(listener('done'), DONE, ...CATCH);
    const error = ChatAppError.of('DELIVERY_FAILED', 'attempts', { event: 'message', channel: 'x', attempts: 5 });
    (listeners.get('listener') ?? assert.fail('nobody listens')).onError(error, deliveryOf(TOKEN));
    const [message] = await flow.messages('caught');
    assert.equal(at(message, 'error', 'code'), 'DELIVERY_FAILED');
    assert.deepEqual([message?.topic, message?.payload, message?._msgid], ['message', { id: '7' }, TOKEN]);
  });

  it('triggers Complete nodes', async () => {
    await load(listener('done'), DONE, ...COMPLETE);
    deliver(TOKEN);
    await flow.messages('received');
    assert.deepEqual(settled, [`${TOKEN} done`]);
  });

  it('settles nothing while nobody knows which way, and reports it', async () => {
    await load(listener('done'), { ...DONE, failed: 'maybe' }, ...CATCH, ...COMPLETE);
    const [error] = await flow.messages('caught');
    assert.match(String(at(error, 'error', 'message')), /^outcome is not usable: one of auto, done, failed, giveUp/);
    assert.equal(shown(), 'red ring configInvalid');
    const complete = flow.messages('received');
    deliver(TOKEN);
    await complete;
    assert.deepEqual(settled, []);
  });

  it('waits for a listener that a deploy is just making again', async () => {
    const rest = [{ id: 'held', type: 'hold', wires: [['done']] }, DONE].map((node) => ({ z: 'tab', ...node }));
    const before = listener('held', { z: 'tab' });
    await load(before, ...rest);
    deliver(TOKEN);
    await until(() => isHeld);
    const tab = { id: 'tab', type: 'tab' };
    await deploy([tab, FAKE, { ...before, name: 'again' }, ...rest], 'nodes');
    await until(() => settled.length > 0);
    assert.deepEqual(settled, [`${TOKEN} done`]);
    assert.deepEqual(warned(), []);
  });
});

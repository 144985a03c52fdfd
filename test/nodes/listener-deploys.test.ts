import assert from 'node:assert/strict';
import type { Node, NodeInitializer } from 'node-red';
import type { NodeListener } from '../../nodes/shared/connection-node';
import { at, deploy, Flow } from '../support/flow';

describe('a listener in the deploys of Node-RED', () => {
  let flow: Flow;
  /** What connections were asked for, in order. */
  let asked: string[] = [];

  before(async () => (flow = await Flow.start()));
  afterEach(() => flow.unload());
  after(() => flow.stop());

  const connection: NodeInitializer = (RED) => {
    RED.nodes.registerType('fake-connection', function (this: Node, saved) {
      RED.nodes.createNode(this, saved);
      const listen = (_node: Node, { id = '' }: NodeListener) => {
        asked.push(`${id} listens at ${this.id}`);
        return (how = 'now') => void asked.push(`${id} ${how} at ${this.id}`);
      };
      Object.assign(this, { listen, namingOf: () => ({}) });
    });
  };
  const listener = (more: object = {}): object => ({
    ...{ id: 'listener', z: 'tab', type: 'chatapp-messenger', connection: 'one', wires: [['out']] },
    ...more,
  });
  const BASE = [
    { id: 'tab', type: 'tab' },
    { id: 'one', type: 'fake-connection' },
    { id: 'two', type: 'fake-connection' },
    { id: 'out', z: 'tab', type: 'collect' },
  ];
  const CATCH = [
    { id: 'catcher', z: 'tab', type: 'catch', wires: [['caught']] },
    { id: 'caught', z: 'tab', type: 'collect' },
  ];
  /** A subflow with a listener in it, and an instance of it. */
  const SUBFLOW = [
    { id: 'sub', type: 'subflow', name: 'Sub', in: [], out: [] },
    listener({ id: 'inner', z: 'sub', x: 1, y: 1 }),
  ];
  const INSTANCE = { id: 'instance', z: 'tab', type: 'subflow:sub', x: 1, y: 1, wires: [] };

  const start = async (...nodes: object[]): Promise<void> => {
    await flow.load([...BASE.slice(1), ...nodes], {}, {}, [connection]);
    asked = [];
  };
  /** What connections are asked for in a deploy of these nodes. */
  const deployed = async (type: 'nodes' | 'flows' | 'full', ...nodes: object[]): Promise<string[]> => {
    asked = [];
    await deploy([...BASE, ...nodes], type);
    return asked;
  };
  const AWAY = 'listener restarting at one';

  for (const type of ['nodes', 'flows', 'full'] as const) {
    it(`is away while a ${type} deploy runs that does not change it, and listens again`, async () => {
      await start(listener());
      const done = await deployed(type, listener(), { id: 'new', z: 'tab', type: 'collect' });
      assert.deepEqual(done, [AWAY, 'listener listens at one']);
    });
  }

  it('listens again after a change, without being away twice', async () => {
    await start(listener());
    assert.deepEqual(await deployed('nodes', listener({ name: 'changed' })), [AWAY, 'listener listens at one']);
  });

  it('is forgotten when it is deleted', async () => {
    await start(listener());
    assert.deepEqual(await deployed('nodes'), [AWAY, 'listener removed at one']);
  });

  it('is forgotten when it is deleted with its tab', async () => {
    const other = { id: 'other', type: 'tab' };
    await start(other, listener({ z: 'other' }));
    assert.deepEqual(await deployed('full'), [AWAY, 'listener removed at one']);
  });

  it('keeps what waits for it when it is moved to another tab', async () => {
    const other = { id: 'other', type: 'tab' };
    await start(other, listener({ z: 'other' }));
    assert.deepEqual(await deployed('full', listener()), [AWAY, 'listener listens at one']);
  });

  for (const type of ['nodes', 'full'] as const) {
    it(`keeps what waits for it when a ${type} deploy disables it, until it is enabled`, async () => {
      await start(listener());
      assert.deepEqual(await deployed(type, listener({ d: true })), [AWAY, 'listener disabled at one']);
      assert.deepEqual(await deployed(type, listener({ d: true })), []);
      assert.deepEqual(await deployed(type, listener()), ['listener listens at one']);
    });

    it(`keeps what waits for it when a ${type} deploy disables it, until it is deleted`, async () => {
      await start(listener());
      await deployed(type, listener({ d: true }));
      assert.deepEqual(await deployed(type), ['listener removed at one']);
      assert.deepEqual(await deployed(type), []);
    });
  }

  it('keeps what waits for it when its tab is disabled', async () => {
    const other = { id: 'other', type: 'tab' };
    await start(other, listener({ z: 'other' }));
    const done = await deployed('full', { ...other, disabled: true }, listener({ z: 'other' }));
    assert.deepEqual(done, [AWAY, 'listener disabled at one']);
  });

  it('is forgotten by a connection that it does not use any more', async () => {
    await start(listener());
    const done = await deployed('nodes', listener({ connection: 'two' }));
    assert.deepEqual(done, [AWAY, 'listener listens at two', 'listener removed at one']);
  });

  it('in a subflow goes on through a deploy, and is forgotten with the instance', async () => {
    await start(...SUBFLOW, INSTANCE);
    const away = 'instance-inner restarting at one';
    assert.deepEqual(await deployed('full', ...SUBFLOW, INSTANCE), [away, 'instance-inner listens at one']);
    assert.deepEqual(await deployed('full', ...SUBFLOW), [away, 'instance-inner removed at one']);
  });

  it('reports what is wrong with its settings once, not at each deploy', async () => {
    const wrong = listener({ licenseId: 'twelve', connection: 'gone' });
    await start(wrong, ...CATCH);
    await flow.messages('caught', 2);
    await deployed('nodes', wrong, ...CATCH, { id: 'new', z: 'tab', type: 'collect' });
    assert.equal(flow.received('caught').length, 2);
    await deployed('nodes', listener({ licenseId: 'twelve' }), ...CATCH);
    const errors = (await flow.messages('caught', 3)).map(({ error }) => at(error, 'code'));
    assert.deepEqual(errors, ['CONFIG_INVALID', 'CONFIG_INVALID', 'CONFIG_INVALID']);
  });
});

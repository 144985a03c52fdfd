import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Node, NodeAPI } from 'node-red';
import { ListenerRegistry } from '../../../nodes/shared/listener-registry';
import { isRecord } from '../../../src/events/json';

/** A Node-RED of which only the nodes and the start and stop of flows are there. */
class Runtime {
  readonly events = new EventEmitter();
  readonly running = new Map<string, FakeNode>();
  /** The ids in the flows, disabled nodes among them. */
  inFlows: string[] = [];
  /** What was done with subscribers, in order. */
  readonly done: string[] = [];
  readonly #registry: ListenerRegistry;

  constructor() {
    const RED: unknown = {
      events: this.events,
      nodes: {
        getNode: (id: string) => this.running.get(id),
        eachNode: (visit: (node: object) => void) => this.inFlows.forEach((id) => visit({ id })),
      },
    };
    assert.ok(isRuntime(RED));
    this.#registry = ListenerRegistry.of(RED);
  }

  /** Makes a listener node, as a deploy does. */
  add(name: string, { connection = 'connection', canListen = true } = {}): FakeNode {
    const node = new FakeNode();
    this.running.set(node.id, node);
    assert.ok(isNode(node));
    this.#registry.add(node, connection, () => {
      this.done.push(canListen ? `${name} listens` : `${name} cannot listen`);
      return canListen ? (how = 'now') => void this.done.push(`${name} ${how}`) : undefined;
    });
    return node;
  }

  /** Deploys these ids; `change` closes and makes nodes. Returns what was done with subscribers. */
  deploy(inFlows: string[], change: () => void = () => undefined): string[] {
    this.done.length = 0;
    this.inFlows = inFlows;
    this.events.emit('flows:stopping');
    change();
    this.events.emit('flows:started');
    return [...this.done];
  }

  close(node: FakeNode, isRemoved = false): void {
    this.running.delete(node.id);
    node.close(isRemoved);
  }
}

class FakeNode {
  readonly id = 'listener';
  #close: (isRemoved: boolean, done: () => void) => void = () => undefined;

  on(_event: 'close', close: (isRemoved: boolean, done: () => void) => void): void {
    this.#close = close;
  }

  close(isRemoved: boolean): void {
    this.#close(isRemoved, () => undefined);
  }
}

describe('ListenerRegistry', () => {
  let runtime: Runtime;
  let first: FakeNode;
  beforeEach(() => {
    runtime = new Runtime();
    runtime.deploy(['listener'], () => (first = runtime.add('first')));
  });

  it('has a node that a deploy does not change listen again once the flows run', () => {
    assert.deepEqual(runtime.deploy(['listener']), ['first restarting', 'first listens']);
  });

  it('has the next node with the id listen in place of one that a deploy closes', () => {
    const done = runtime.deploy(['listener'], () => {
      runtime.close(first);
      runtime.add('second');
    });
    assert.deepEqual(done, ['first restarting', 'second listens']);
    assert.deepEqual(runtime.deploy(['listener']), ['second restarting', 'second listens']);
  });

  it('forgets a node that is removed', () => {
    assert.deepEqual(
      runtime.deploy([], () => runtime.close(first, true)),
      ['first restarting', 'first removed'],
    );
  });

  it('forgets a node of which Node-RED does not say that it is removed, once the flows run without it', () => {
    const done = runtime.deploy([], () => {
      runtime.close(first);
      runtime.done.push('closed');
    });
    assert.deepEqual(done, ['first restarting', 'closed', 'first removed']);
  });

  it('keeps what waits for a node that is disabled, and has it listen when it is enabled', () => {
    assert.deepEqual(
      runtime.deploy(['listener'], () => runtime.close(first, true)),
      ['first restarting', 'first disabled'],
    );
    assert.deepEqual(
      runtime.deploy(['listener'], () => runtime.add('second')),
      ['second listens'],
    );
  });

  it('keeps what waits for a node that is disabled until it is deleted', () => {
    runtime.deploy(['listener'], () => runtime.close(first, true));
    assert.deepEqual(runtime.deploy(['listener']), []);
    assert.deepEqual(runtime.deploy([]), ['first removed']);
    assert.deepEqual(runtime.deploy([]), []);
  });

  it('keeps what waits for a node that Node-RED has not made again, until flows start', () => {
    runtime.done.length = 0;
    runtime.events.emit('flows:stopping');
    runtime.close(first);
    runtime.events.emit('flows:stopping');
    assert.deepEqual(runtime.done, ['first restarting']);
  });

  it('keeps what waits for a node with wrong settings, and forgets it with that node', () => {
    let second = first;
    const done = runtime.deploy(['listener'], () => {
      runtime.close(first);
      second = runtime.add('second', { canListen: false });
    });
    assert.deepEqual(done, ['first restarting', 'second cannot listen']);
    assert.deepEqual(
      runtime.deploy([], () => runtime.close(second, true)),
      ['first removed'],
    );
  });

  it('forgets the node at the connection that it does not use any more', () => {
    const done = runtime.deploy(['listener'], () => {
      runtime.close(first);
      runtime.add('second', { connection: 'other' });
    });
    assert.deepEqual(done, ['first restarting', 'second listens', 'first removed']);
  });
});

function isRuntime(value: unknown): value is Pick<NodeAPI, 'nodes' | 'events'> {
  return isRecord(value);
}

function isNode(value: unknown): value is Node {
  return value instanceof FakeNode;
}

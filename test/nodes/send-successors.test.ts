import assert from 'node:assert/strict';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { Successors } from '../../nodes/shared/successors';
import { Flow } from '../support/flow';

/** Makes a node of that id that writes down what it sends and reports. */
function noted(node: Node, name: string, done: string[]): Node {
  return Object.assign(node, {
    send: (message: { payload?: unknown }) => done.push(`${name} sends ${String(message.payload)}`),
    error: (thing: unknown, msg?: unknown) =>
      done.push(`${name} ${msg === undefined ? 'logs' : 'reports'} ${String(thing)}`),
  });
}

describe('a node that is closed', () => {
  let flow: Flow;
  let old: Node;
  let successor: Node;
  const done: string[] = [];

  beforeEach(async () => {
    done.length = 0;
    flow = await Flow.start();
    await flow.load([
      { id: 'one', type: 'collect' },
      { id: 'other', type: 'collect' },
    ]);
    const [one, other] = [helper.getNode('one'), helper.getNode('other')];
    assert.ok(one && other);
    old = noted(one, 'old', done);
    successor = noted(Object.assign(other, { id: 'one' }), 'successor', done);
  });
  afterEach(async () => {
    await flow.unload();
    await flow.stop();
  });

  const act = (name: string): void => {
    old.send({ payload: name });
    old.error(`${name} failed`, { payload: name });
  };

  it('sends and reports through its successor, once that one’s flow runs, in order', () => {
    const successors = new Successors();
    successors.enter(old);
    act('open');
    successors.leave(old, false);
    act('between');
    successors.enter(successor);
    act('afterwards');
    assert.deepEqual(done, [
      'old sends open',
      'old reports open failed',
      'successor sends between',
      'successor reports between failed',
      'successor sends afterwards',
      'successor reports afterwards failed',
    ]);
  });

  it('also where the successor is there before it is gone', () => {
    const successors = new Successors();
    successors.enter(old);
    successors.enter(successor);
    successors.leave(old, false);
    act('late');
    assert.deepEqual(done, ['successor sends late', 'successor reports late failed']);
  });

  it('and removed permanently sends nothing more, and its errors go into the log', () => {
    const successors = new Successors();
    successors.enter(old);
    successors.leave(old, true);
    act('late');
    successors.enter(successor);
    assert.deepEqual(done, ['old logs late failed']);
  });
});

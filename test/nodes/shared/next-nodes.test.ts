import assert from 'node:assert/strict';
import { captureNextNodes, wiresOf } from '../../../nodes/shared/next-nodes';

describe('captureNextNodes', () => {
  const nodes = new Map<string, object>();
  const capture = (...wires: string[]): (() => boolean) => captureNextNodes((id) => nodes.get(id), wires);
  beforeEach(() => {
    nodes.clear();
    nodes.set('a', {}).set('b', {});
  });

  it('is true if all next nodes are still the same', () => {
    const isDelivered = capture('a', 'b');
    nodes.set('c', {});
    assert.equal(isDelivered(), true);
    assert.equal(capture()(), true);
  });

  it('is false if one of them was closed, or made again', () => {
    const [closed, again] = [capture('a', 'b'), capture('b')];
    nodes.delete('a');
    assert.deepEqual([closed(), again()], [false, true]);
    nodes.set('b', {});
    assert.equal(again(), false);
  });

  it('is true for a node that is being closed and still takes messages', () => {
    nodes.set('a', { _inputCallback: () => undefined }).set('b', { _inputCallbacks: [] });
    const isDelivered = capture('a', 'b');
    nodes.clear();
    assert.equal(isDelivered(), true);
  });

  it('does not wait for a node that did not exist', () => {
    const isDelivered = capture('disabled');
    assert.equal(isDelivered(), true);
    nodes.set('disabled', {});
    assert.equal(isDelivered(), true);
  });
});

describe('wiresOf', () => {
  it('lists the nodes behind all outputs, or behind one', () => {
    const saved = { wires: [['a', 'b'], [], ['c']] };
    assert.deepEqual([wiresOf(saved), wiresOf(saved, 0), wiresOf(saved, 1)], [['a', 'b', 'c'], ['a', 'b'], []]);
  });

  it('leads nowhere in a node without wires or with odd ones', () => {
    for (const saved of [{}, { wires: 'a' }, { wires: [[1, null]] }, { wires: [7] }])
      assert.deepEqual(wiresOf(saved), []);
  });
});

import assert from 'node:assert/strict';
import { assignPartitions } from '../../src/cluster/assignment';

const countsOf = (owners: readonly string[]): number[] => {
  const counts = new Map<string, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts.values()].sort();
};

describe('The assignment of partitions', () => {
  it('gives each member the same number, give or take one', () => {
    for (let members = 1; members <= 20; members += 1) {
      const ids = Array.from({ length: members }, (_, index) => `member-${index}`);
      const owners = assignPartitions('listener', 16, ids);
      assert.equal(owners.filter(Boolean).length, 16);
      const counts = countsOf(owners);
      assert.ok((counts.at(-1) ?? 0) - (members > 16 ? 1 : (counts[0] ?? 0)) <= 1, String(counts));
    }
  });

  it('does not depend on the order of the members', () => {
    assert.deepEqual(assignPartitions('a', 16, ['x', 'y', 'z']), assignPartitions('a', 16, ['z', 'x', 'y']));
  });

  it('differs between listeners', () => {
    assert.notDeepEqual(assignPartitions('a', 16, ['x', 'y', 'z']), assignPartitions('b', 16, ['x', 'y', 'z']));
  });

  it('moves little if a member comes', () => {
    let moved = 0;
    for (let run = 0; run < 100; run += 1) {
      const before = assignPartitions(`listener-${run}`, 16, ['x', 'y', 'z']);
      const after = assignPartitions(`listener-${run}`, 16, ['x', 'y', 'z', 'new']);
      moved += before.filter((owner, index) => after[index] !== owner && after[index] !== 'new').length;
    }
    // The new one takes 4 of 16.
    assert.ok(moved / 100 < 3, `${moved / 100} more partitions move than needed`);
  });

  it('is empty without members', () => {
    assert.deepEqual(assignPartitions('a', 16, []), []);
  });
});

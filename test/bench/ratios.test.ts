import assert from 'node:assert/strict';
import { compared, RATIOS } from '../../bench/speed/check/ratios';
import type { Run } from '../../bench/speed/subjects/subject';

const run = (cpu: number): Run => ({ events: 1, wall: 1, cpu, delays: [] });

describe('the check that nothing has become slow', () => {
  const ratios = [{ name: 'a', of: 'ours', against: 'theirs', bound: 1.5 }];
  const ratioOf = (ours: number[], theirs: number[]): number | undefined =>
    compared(new Map([['ours', ours.map(run)] as const, ['theirs', theirs.map(run)] as const]), ratios)[0]?.ratio;

  it('compares the best rounds, so that a busy machine changes nothing', () => {
    assert.equal(ratioOf([90, 20, 80], [10, 70, 12]), 2);
    assert.equal(ratioOf([10, 900, 10], [10, 10, 90]), 1);
  });

  it('does not pass where nothing was measured', () => {
    assert.ok(Number.isNaN(ratioOf([], [])));
    assert.ok(Number.isNaN(ratioOf([10], [])));
  });

  it('knows what it compares, and leaves room above what is usual', () => {
    for (const { of, against, bound } of RATIOS) assert.ok(of !== against && bound > 0.5, of);
  });
});

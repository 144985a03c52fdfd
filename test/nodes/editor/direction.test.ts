import assert from 'node:assert/strict';
import { directionTip } from '../../../nodes/shared/editor/listener/listener-dialog';

describe('the tip below the direction', () => {
  it('says that messageStatus does not come, where it is wanted', () => {
    assert.equal(directionTip('in', undefined, []), 'leavesOut');
    assert.equal(directionTip('in', undefined, ['message', 'messageStatus']), 'leavesOut');
    assert.equal(directionTip('in', 'any', []), 'leavesOut');
  });

  it('says what changes for a node that got messageStatus with this direction until now', () => {
    assert.equal(directionTip('in', 'in', []), 'changes');
    assert.equal(directionTip('in', 'in', ['messageStatus']), 'changes');
  });

  it('says nothing where nothing is left out', () => {
    for (const direction of ['any', 'out', '${DIRECTION}', undefined]) {
      assert.equal(directionTip(direction, 'in', []), undefined);
    }
    assert.equal(directionTip('in', 'in', ['message', 'chatTag']), undefined);
  });
});

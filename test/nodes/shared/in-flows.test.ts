import assert from 'node:assert/strict';
import { nodesInFlows } from '../../../nodes/shared/in-flows';

const among = (...ids: string[]): ((id: string) => boolean) =>
  nodesInFlows({ eachNode: (visit) => ids.forEach((id) => visit({ id, type: 'any', name: '', z: '' })) });

describe('nodesInFlows', () => {
  it('finds nodes by their ids', () => {
    const isInFlows = among('a', 'b');
    assert.deepEqual(['a', 'b', 'c', 'a-b-'].map(isInFlows), [true, true, false, false]);
  });

  it('finds nodes in a subflow as long as both the instance and the subflow have them', () => {
    assert.equal(among('instance', 'inner')('instance-inner'), true);
    assert.equal(among('inner')('instance-inner'), false);
    assert.equal(among('instance')('instance-inner'), false);
  });

  it('finds nodes in a subflow of a subflow', () => {
    assert.equal(among('outer', 'instance', 'inner')('outer-instance-inner'), true);
    assert.equal(among('instance', 'inner')('outer-instance-inner'), false);
  });
});

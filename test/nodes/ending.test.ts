import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Ending } from '../../nodes/chatapp-connection/ending';

describe('the end of the flows', () => {
  it('is when they stop and no others take their place, as in a deploy', () => {
    const events = new EventEmitter();
    const ending = Ending.of(events);
    const flows = { flows: [], rev: '1' };
    events.emit('flows:starting', { config: flows, type: 'full' });
    events.emit('flows:stopping', { config: { ...flows }, type: 'full' });
    assert.equal(ending.isNow, false, 'a deploy');
    events.emit('flows:starting', { config: flows, type: 'full' });
    assert.equal(ending.isNow, false);
    events.emit('flows:stopping', { config: flows, type: 'full' });
    assert.equal(ending.isNow, true);
    events.emit('flows:starting', { config: flows, type: 'full' });
    assert.equal(ending.isNow, false, 'somebody has started them again');
  });

  it('is when they stop though the last deploy did not start them, as where the type of a node is missing', () => {
    const events = new EventEmitter();
    const ending = Ending.of(events);
    const [before, deployed] = [{ rev: '1' }, { rev: '2' }];
    events.emit('flows:starting', { config: before, type: 'full' });
    events.emit('flows:stopping', { config: deployed, type: 'nodes' });
    assert.equal(ending.isNow, false, 'a deploy');
    events.emit('flows:stopping', { config: deployed, type: 'full' });
    assert.equal(ending.isNow, true);
  });

  it('is heard of once for a Node-RED, however often its nodes are loaded', () => {
    const events = new EventEmitter();
    assert.equal(Ending.of(events), Ending.of(events));
    assert.equal(events.listenerCount('flows:stopping'), 1);
  });
});

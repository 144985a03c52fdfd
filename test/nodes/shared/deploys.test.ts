import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Deploys } from '../../../nodes/shared/deploys';

function watch(events: EventEmitter): { deploys: Deploys; seen: string[]; leave: () => void } {
  const seen: string[] = [];
  const deploys = Deploys.of(events);
  const leave = deploys.join({ onAway: () => seen.push('away'), onPresent: () => seen.push('present') });
  return { deploys, seen, leave };
}

describe('Deploys', () => {
  it('lets a new listener take events once all nodes run', () => {
    const events = new EventEmitter();
    const { deploys, seen } = watch(events);
    assert.deepEqual([seen, deploys.isRunning], [[], false]);
    events.emit('flows:started');
    assert.deepEqual([seen, deploys.isRunning], [['present'], true]);
  });

  it('sends listeners away as a deploy begins, and has those back that it leaves unchanged', () => {
    const events = new EventEmitter();
    const { deploys, seen } = watch(events);
    events.emit('flows:started');
    events.emit('flows:stopping');
    assert.deepEqual([seen, deploys.isRunning], [['present', 'away'], false]);
    events.emit('flows:started');
    assert.deepEqual(seen, ['present', 'away', 'present']);
  });

  it('does not call a listener any more that was closed', () => {
    const events = new EventEmitter();
    const { seen, leave } = watch(events);
    events.emit('flows:stopping');
    leave();
    events.emit('flows:started');
    assert.deepEqual(seen, ['away']);
  });

  it('runs something once at the next start, also if it was asked for while the flows run', () => {
    const events = new EventEmitter();
    const { deploys } = watch(events);
    const ran: string[] = [];
    deploys.onNextStart(() => ran.push('first'));
    const forget = deploys.onNextStart(() => ran.push('never'));
    events.emit('flows:stopping');
    forget();
    events.emit('flows:started');
    deploys.onNextStart(() => ran.push('second'));
    assert.deepEqual(ran, ['first']);
    events.emit('flows:started');
    assert.deepEqual(ran, ['first', 'second']);
  });

  it('knows that flows end if they stop and no others take their place', () => {
    const events = new EventEmitter();
    const { deploys } = watch(events);
    /** What a listener that goes away sees. */
    const seen: boolean[] = [];
    deploys.join({ onAway: () => seen.push(deploys.isEnding), onPresent: () => undefined });
    const flows = { flows: [], rev: '1' };
    events.emit('flows:starting', { config: flows, type: 'full' });
    events.emit('flows:stopping', { config: { ...flows }, type: 'full' });
    events.emit('flows:starting', { config: flows, type: 'full' });
    events.emit('flows:stopping', { config: flows, type: 'full' });
    assert.deepEqual(seen, [false, true], 'a deploy, then a stop');
    events.emit('flows:starting', { config: flows, type: 'full' });
    assert.equal(deploys.isEnding, false, 'somebody has started them again');
  });

  it('knows that flows end though the last deploy did not start them, since the type of a node is missing', () => {
    const events = new EventEmitter();
    const { deploys } = watch(events);
    const [before, deployed] = [{ rev: '1' }, { rev: '2' }];
    events.emit('flows:starting', { config: before, type: 'full' });
    events.emit('flows:stopping', { config: deployed, type: 'nodes' });
    assert.equal(deploys.isEnding, false, 'a deploy');
    events.emit('flows:stopping', { config: deployed, type: 'full' });
    assert.equal(deploys.isEnding, true);
  });

  it('listens to the events of a Node-RED once, however many listeners there are', () => {
    const events = new EventEmitter();
    assert.equal(watch(events).deploys, watch(events).deploys);
    assert.deepEqual([events.listenerCount('flows:stopping'), events.listenerCount('flows:started')], [1, 1]);
  });
});

import assert from 'node:assert/strict';
import { GapIncidents } from '../../src/inbox/gap-incidents';
import type { Notice } from '../../src/notice';
import { FakeClock } from '../support/fake-clock';

describe('GapIncidents', () => {
  let clock: FakeClock;
  let notices: Notice[];
  let incidents: GapIncidents;
  beforeEach(() => {
    clock = new FakeClock();
    notices = [];
    incidents = new GapIncidents(clock, (notice) => notices.push(notice));
  });

  it('reports a lost socket once, with the number of channels, and once that all is fetched', async () => {
    for (const channel of ['a', 'b', 'c']) incidents.open(channel);
    await clock.pass(1_000);
    assert.deepEqual(notices, [{ kind: 'gapOpened', channels: 3 }]);
    incidents.close('a', 2);
    incidents.close('b', 0);
    assert.equal(notices.length, 1);
    incidents.close('c', 5);
    assert.deepEqual(notices.slice(1), [{ kind: 'gapClosed', channels: 3, fetched: 7 }]);
  });

  it('reports a later gap, even if an earlier one cannot be closed', async () => {
    incidents.open('refused');
    await clock.pass(1_000);
    incidents.open('other');
    await clock.pass(1_000);
    incidents.close('other', 1);
    assert.deepEqual(
      notices.map(({ kind, fetched }) => [kind, fetched]),
      [
        ['gapOpened', undefined],
        ['gapOpened', undefined],
        ['gapClosed', 1],
      ],
    );
  });

  it('reports a gap that is closed at once in the right order', async () => {
    incidents.open('a');
    incidents.close('a', 0);
    assert.deepEqual(notices, []);
    await clock.pass(1_000);
    assert.deepEqual(
      notices.map(({ kind }) => kind),
      ['gapOpened', 'gapClosed'],
    );
  });

  it('reports nothing of channels without a gap, nor after the end', async () => {
    incidents.close('a', 1);
    incidents.open('b');
    incidents.clear();
    await clock.pass(1_000);
    assert.deepEqual([notices, clock.pending], [[], 0]);
  });
});

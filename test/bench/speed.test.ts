import assert from 'node:assert/strict';
import { median, quantile } from '../../bench/speed/figures';
import { BEGIN, framesOf, SHORT_FRAME, signal, timedFrames } from '../../bench/speed/generator/frames';
import { lineAddress } from '../../bench/speed/generator/orders';
import { tableOf } from '../../bench/speed/table';
import { eventsOf, readEnvelopes } from '../../src/events';
import { readFrame } from '../../src/socket/frame';

const LINE = lineAddress(0);

describe('the frames of the bench', () => {
  it('are as large as those of ChatApp, wrapped and escaped as its socket does', () => {
    const [frame = ''] = framesOf(LINE, 'messages', 1, 1);
    const read = readFrame(frame);
    assert.ok(read.kind === 'event' && typeof read.data === 'string');
    assert.ok(read.data.length > 2_200 && read.data.length < 2_800, `${read.data.length} characters`);
    assert.match(read.data, /^\{"queue":.*"payload":\{"data":\[/);
    assert.doesNotMatch(read.data, /[^ -~]/);
    assert.match(read.data, /https:\\\//);
  });

  it('are all different, so that none is taken for another one', () => {
    for (const mix of ['messages', 'all'] as const) {
      const frames = framesOf(LINE, mix, 7, 100);
      assert.equal(new Set(frames).size, 100);
    }
  });

  it('mix every event that chats have', () => {
    const names = eventsOf('messenger').map(({ name }) => name);
    const events = framesOf(LINE, 'all', 0, names.length).map((frame) => {
      const read = readFrame(frame);
      return read.kind === 'event' ? read.event : '';
    });
    assert.deepEqual([...events].sort(), [...names].sort());
  });

  it('tell when they were sent, where that is asked for', () => {
    const read = readFrame(timedFrames(LINE)(3, 123_456));
    assert.ok(read.kind === 'event');
    assert.equal(readEnvelopes(read.data).envelopes[0]?.items[0]?.sentAt, 123_456);
  });

  it('can be told from the signals by their length alone', () => {
    assert.ok(signal(LINE, BEGIN).length < SHORT_FRAME);
    for (const frame of framesOf(LINE, 'all', 0, 50)) assert.ok(frame.length > SHORT_FRAME);
  });
});

describe('the figures of the bench', () => {
  it('are the middle of the rounds, and how late the latest are', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(quantile([5, 1, 4, 2, 3], 0.99), 5);
    assert.equal(quantile([5, 1, 4, 2, 3], 0.5), 3);
    assert.ok(Number.isNaN(median([])));
  });

  it('stand in a table that says which are reached', () => {
    const row = { figure: 'load', target: '≤ 60 ms', measured: '70 ms', reached: false };
    assert.match(tableOf([row, { ...row, reached: true }]), /\| 70 ms \| \*\*no\*\* \|\n.*\| 70 ms \| yes \|$/);
  });
});

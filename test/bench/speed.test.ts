import assert from 'node:assert/strict';
import { exponent, median, quantile, rounded, steepest } from '../../bench/speed/figures';
import { BEGIN, framesOf, SHORT_FRAME, signal, timedFrames } from '../../bench/speed/generator/frames';
import { lineAddress } from '../../bench/speed/generator/orders';
import { tableOf } from '../../bench/speed/results/texts';
import { eventsOf, readEnvelopes } from '../../src/events';
import { readFrame } from '../../src/socket/frame';

const LINE = lineAddress(0);

describe('the frames of the bench', () => {
  it('are as large as those of ChatApp, wrapped and escaped as its socket does', () => {
    const [frame = ''] = framesOf([LINE], 'messages', 1, 1);
    const read = readFrame(frame);
    assert.ok(read.kind === 'event' && typeof read.data === 'string');
    assert.ok(read.data.length > 2_200 && read.data.length < 2_800, `${read.data.length} characters`);
    assert.match(read.data, /^\{"queue":.*"payload":\{"data":\[/);
    assert.doesNotMatch(read.data, /[^ -~]/);
    assert.match(read.data, /https:\\\//);
  });

  it('are all different, so that none is taken for another one', () => {
    for (const mix of ['messages', 'all'] as const) {
      const frames = framesOf([LINE], mix, 7, 100);
      assert.equal(new Set(frames).size, 100);
    }
  });

  it('mix every event that chats have', () => {
    const names = eventsOf('messenger').map(({ name }) => name);
    const events = framesOf([LINE], 'all', 0, names.length).map((frame) => {
      const read = readFrame(frame);
      return read.kind === 'event' ? read.event : '';
    });
    assert.deepEqual([...events].sort(), [...names].sort());
  });

  it('spread over lines in turns', () => {
    const frames = framesOf([LINE, lineAddress(1)], 'messages', 0, 4);
    const channels = frames.map((frame) => {
      const read = readFrame(frame);
      return read.kind === 'event' ? read.channel : '';
    });
    assert.equal(new Set(channels).size, 2);
    assert.equal(channels[0], channels[2]);
  });

  it('are as long as is asked for, and read as messages all the same', () => {
    for (const bytes of [250, 2_500, 250_000]) {
      const frames = framesOf([LINE], { bytes }, 1_000_000, 3);
      for (const frame of frames) {
        assert.ok(Math.abs(Buffer.byteLength(frame) - bytes) < 10, `${frame.length} for ${bytes}`);
        const read = readFrame(frame);
        assert.ok(read.kind === 'event');
        const { envelopes } = readEnvelopes(read.data);
        assert.equal(typeof envelopes[0]?.items[0]?.id, 'string');
      }
      assert.equal(new Set(frames).size, 3);
    }
    assert.throws(() => framesOf([LINE], { bytes: 50 }, 0, 1), /No message has a frame of 50 bytes/);
  });

  it('tell when they were sent, where that is asked for', () => {
    const read = readFrame(timedFrames(LINE)(3, 123_456));
    assert.ok(read.kind === 'event');
    assert.equal(readEnvelopes(read.data).envelopes[0]?.items[0]?.sentAt, 123_456);
  });

  it('are distinguished from the signals by their length alone', () => {
    assert.ok(signal(LINE, BEGIN).length < SHORT_FRAME);
    for (const frame of framesOf([LINE], 'all', 0, 50)) assert.ok(frame.length > SHORT_FRAME);
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

  it('tell how cost grows, and where it grows most', () => {
    const grown = (cost: (at: number) => number): { at: number; cost: number }[] =>
      [10, 100, 1_000].map((at) => ({ at, cost: cost(at) }));
    assert.equal(rounded(exponent(grown((at) => 3 * at))), 1);
    assert.equal(rounded(exponent(grown((at) => at * at))), 2);
    assert.equal(exponent(grown(() => 7)), 0);
    const late = grown((at) => 1_000 + at * at);
    assert.ok(exponent(late) < 1.6 && steepest(late) > 1.9, `${exponent(late)} ${steepest(late)}`);
  });

  it('stand in a table that says which are reached', () => {
    const row = { figure: 'load', target: '≤ 60 ms', measured: '70 ms', reached: false };
    assert.match(tableOf([row, { ...row, reached: true }]), /\| 70 ms +\| \*\*no\*\* +\|\n.*\| 70 ms +\| yes +\|\n$/);
  });
});

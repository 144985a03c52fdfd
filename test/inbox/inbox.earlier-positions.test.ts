import assert from 'node:assert/strict';
import { eventKeyOf, type Item } from '../../src/events';
import { readEarlierPositions } from '../../src/inbox/earlier-positions';
import { CHANNEL, RecordedLine, ids, listener } from '../support/recorded-line';

const LINE = { licenseId: '50101', messengerType: 'telegram' };

/** The positions as a version before the inbox wrote them: the line was received until `until`, in unix seconds. */
function positionsOf(until: number, delivered: readonly Item[], more: object = {}): string {
  const recent = delivered.map((item) => {
    const key = eventKeyOf('message', item, LINE);
    return [key?.id, key?.edit, item.time];
  });
  const lines = { '50101/telegram': { time: until, recent, ...more } };
  return JSON.stringify({ version: 1, channels: { [CHANNEL]: { lines, listeners: { 'node-1': until - 60 } } } });
}

describe('positions of an earlier version', () => {
  it('become a gap: what was missed comes, and what was delivered does not come again', async () => {
    const line = new RecordedLine();
    const delivered = line.write('delivered');
    await line.clock.pass(2_000);
    const until = Math.floor(line.clock.now() / 1_000);
    line.write('missed', { time: until + 1 });
    line.start({ earlierPositions: () => Promise.resolve(positionsOf(until, [delivered])) });
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await line.clock.pass(60_000);
    assert.deepEqual(ids(spy), ['missed recovered']);
  });

  it('bring nothing from before their listener was there', async () => {
    const line = new RecordedLine();
    const until = Math.floor(line.clock.now() / 1_000);
    line.write('before', { time: until - 61 });
    line.write('since', { time: until - 59 });
    line.start({ earlierPositions: () => Promise.resolve(positionsOf(until, [], { since: until - 120 })) });
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await line.clock.pass(60_000);
    assert.deepEqual(ids(spy), ['since recovered']);
  });

  it('count only until the inbox has stored something of its own', async () => {
    const line = new RecordedLine();
    line.harness.inbox.add(listener());
    await line.harness.open();
    await line.close();
    const until = Math.floor(line.clock.now() / 1_000);
    line.start({ earlierPositions: () => assert.fail('they were read again') });
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    line.write('missed', { time: until + 1 });
    await line.clock.pass(60_000);
    assert.deepEqual(ids(spy), ['missed recovered']);
  });

  it('are left out where they are damaged', () => {
    for (const text of ['', 'null', '{"channels":{"a":1,"b":{"lines":{"x":{}}}}}', '{"channels":[]}'])
      assert.deepEqual(readEarlierPositions(text), []);
  });
});

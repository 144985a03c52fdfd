import assert from 'node:assert/strict';
import { CHANNEL, RecordedLine, caughtUp, ids, listener } from '../support/recorded-line';

describe('a listener that restarts', () => {
  it('gets what came meanwhile, in order and once', async () => {
    const line = new RecordedLine();
    const before = listener();
    const stop = line.harness.inbox.add(before);
    await line.harness.open();
    line.say('1');
    stop('restarting');
    line.say('2');
    line.say('3');
    const after = listener();
    line.harness.inbox.add(after);
    line.say('4');
    await line.clock.settle();
    assert.deepEqual([...ids(before), ...ids(after)], ['1', '2', '3', '4']);
    assert.deepEqual(line.harness.socket.subscribed.length, 1);
  });

  it('with another filter gets of it what it now wants', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('in');
    line.say('out', { side: 'out' });
    const after = listener({ direction: 'out' });
    line.harness.inbox.add(after);
    assert.deepEqual(ids(after), ['out']);
  });

  it('keeps its channel, however long the deploy takes', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    await line.clock.pass(600_000);
    assert.equal(line.harness.emptied, 0);
    assert.deepEqual(line.harness.socket.channels, [CHANNEL]);
  });

  it('goes on after the deploy, and nothing ends later', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    await line.clock.pass(5_000);
    const after = listener();
    line.harness.inbox.add(after);
    await line.clock.pass(20_000);
    line.say('1');
    assert.equal(line.harness.emptied, 0);
    assert.deepEqual(ids(after), ['1']);
  });

  it('and does not come back in this run gets in the next what was not delivered to it', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    line.say('1');
    stop('restarting');
    line.say('2');
    await line.clock.pass(20_000);
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['2']);
    assert.equal(spy.deliveries[0]?.attempt, 2, 'it was stored, and an attempt may have been made');
  });

  it('gets what it missed, though nothing could be stored when it began to listen', async () => {
    const line = new RecordedLine();
    line.records.isFull = true;
    const before = listener();
    line.harness.inbox.add(before);
    await line.harness.open();
    line.say('1');
    await line.clock.pass(60_000);
    line.records.isFull = false;
    await line.clock.pass(60_000);
    line.say('2');
    await line.clock.pass(5_000);
    await line.close();
    line.write('while stopped');
    await line.clock.pass(5_000);
    const after = listener();
    line.start().inbox.add(after);
    await line.harness.open();
    await caughtUp(after);
    assert.deepEqual([ids(before), ids(after)], [['1', '2'], ['while stopped recovered']]);
  });

  it('does not keep events from other listeners', async () => {
    const line = new RecordedLine();
    const neighbour = listener({ id: 'node-2' });
    line.harness.inbox.add(neighbour);
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    assert.deepEqual(ids(neighbour), ['1']);
    assert.deepEqual(neighbour.kinds.slice(-1), ['listening']);
  });

  it('that is removed permanently begins again when it comes again', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    await line.clock.pass(5_000);
    stop('removed');
    line.write('while removed');
    await line.clock.pass(5_000);
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.clock.settle();
    assert.deepEqual(ids(spy), []);
  });
});

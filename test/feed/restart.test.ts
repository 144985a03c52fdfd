import assert from 'node:assert/strict';
import { HistoryLine, ids, listener } from '../support/history-line';

describe('a listener that restarts', () => {
  it('gets what came meanwhile, in order and once', async () => {
    const line = new HistoryLine();
    const before = listener();
    const stop = line.stage.feed.add(before);
    await line.stage.open();
    line.say('1');
    stop('restarting');
    line.say('2');
    line.say('3');
    const after = listener();
    line.stage.feed.add(after);
    line.say('4');
    assert.deepEqual([...ids(before), ...ids(after)], ['1', '2', '3', '4']);
    assert.deepEqual(line.stage.socket.subscribed.length, 1);
  });

  it('with other wishes gets of it what it now wants', async () => {
    const line = new HistoryLine();
    const stop = line.stage.feed.add(listener());
    await line.stage.open();
    stop('restarting');
    line.say('in');
    line.say('out', { side: 'out' });
    const after = listener({ direction: 'out' });
    line.stage.feed.add(after);
    assert.deepEqual(ids(after), ['out']);
  });

  it('is waited for ten seconds, then its channel is left', async () => {
    const line = new HistoryLine();
    const stop = line.stage.feed.add(listener());
    await line.stage.open();
    stop('restarting');
    await line.clock.pass(9_900);
    assert.equal(line.stage.emptied, 0);
    await line.clock.pass(200);
    assert.equal(line.stage.emptied, 1);
    assert.deepEqual(line.stage.socket.channels, []);
  });

  it('stays for good once it is back in time', async () => {
    const line = new HistoryLine();
    const stop = line.stage.feed.add(listener());
    await line.stage.open();
    stop('restarting');
    await line.clock.pass(5_000);
    const after = listener();
    line.stage.feed.add(after);
    await line.clock.pass(20_000);
    line.say('1');
    assert.equal(line.stage.emptied, 0);
    assert.deepEqual(ids(after), ['1']);
  });

  it('and never comes back in this run gets in the next what it was not given', async () => {
    const line = new HistoryLine();
    const stop = line.stage.feed.add(listener());
    await line.stage.open();
    line.say('1');
    stop('restarting');
    line.say('2');
    await line.clock.pass(20_000);
    const heard = listener();
    line.start().feed.add(heard);
    await line.stage.open();
    assert.deepEqual(ids(heard), ['2 recovered']);
  });

  it('keeps its neighbours from nothing', async () => {
    const line = new HistoryLine();
    const neighbour = listener({ id: 'node-2' });
    line.stage.feed.add(neighbour);
    const stop = line.stage.feed.add(listener());
    await line.stage.open();
    stop('restarting');
    line.say('1');
    assert.deepEqual(ids(neighbour), ['1']);
    assert.deepEqual(neighbour.kinds.slice(-1), ['listening']);
  });

  it('that is removed for good begins anew when it comes again', async () => {
    const line = new HistoryLine();
    const stop = line.stage.feed.add(listener());
    await line.stage.open();
    await line.clock.pass(5_000);
    stop('forGood');
    line.write('while removed');
    await line.clock.pass(5_000);
    const heard = listener();
    line.stage.feed.add(heard);
    await line.clock.settle();
    assert.deepEqual(ids(heard), []);
  });
});

import assert from 'node:assert/strict';
import { isRecord, parseJson } from '../../src/events/json';
import type { EventKey } from '../../src/events';
import { Positions } from '../../src/cluster/feed/positions';
import { silentLog } from '../../src/log';
import { memoryStore, type Store } from '../../src/store';
import { FakeClock } from '../support/fake-clock';

const CHANNEL = 'private-v1.companies.3001.users.7001';
const LINE = '50101/telegram';
const TIME = 1_900_000_000;

/** Positions of two copies in one store; each leads while a test says so. */
class Shared {
  readonly clock = new FakeClock();
  readonly memory = memoryStore();
  /** Why the store does not work. */
  trouble: Error | undefined;
  readonly store: Store = {
    read: (name) => (this.trouble ? Promise.reject(this.trouble) : this.memory.read(name)),
    write: (name, text) => (this.trouble ? Promise.reject(this.trouble) : this.memory.write(name, text)),
  };

  copy(leads = (): boolean => true): Positions {
    const positions = new Positions(this.store, 'positions', this.clock, silentLog);
    positions.share(leads);
    return positions;
  }

  /** What is saved of the channel. */
  async saved(): Promise<unknown> {
    const saved = parseJson((await this.memory.read('positions')) ?? '');
    return isRecord(saved) && isRecord(saved.channels) ? saved.channels[CHANNEL] : undefined;
  }
}

const item = (id: number): EventKey => ({ version: 1, id, edit: 0 });

describe('positions that copies share', () => {
  it('go on from what was saved: in doubt after it, and with what was delivered before', async () => {
    const shared = new Shared();
    const first = shared.copy();
    await first.takeOver();
    first.join(CHANNEL, 'node', TIME - 1_000);
    first.advance(CHANNEL, LINE, TIME, item(1));
    first.hear(CHANNEL, TIME + 5);
    await first.flush();

    const second = shared.copy();
    second.join(CHANNEL, 'node', TIME + 100);
    second.advance(CHANNEL, LINE, TIME + 200, item(2));
    await second.takeOver();
    const line = second.lines(CHANNEL).get(LINE);
    assert.equal(line?.since, TIME);
    assert.equal(second.join(CHANNEL, 'node', TIME + 300), TIME - 1_000);
    assert.equal(second.heard(CHANNEL), TIME + 5);
    assert.equal(line.has(item(1)), true);
    // What a copy heard that stood by need not have got anywhere.
    assert.equal(line.has(item(2)), false);

    second.advance(CHANNEL, LINE, TIME + 300, item(3));
    assert.equal(line.since, TIME);
    second.settle(CHANNEL);
    assert.equal(line.since, TIME + 300);
  });

  it('keep the lines and listeners that were not saved yet, in doubt from when they were first known', async () => {
    const shared = new Shared();
    const copy = shared.copy();
    copy.join(CHANNEL, 'new', TIME);
    copy.advance(CHANNEL, LINE, TIME, item(1));
    copy.advance(CHANNEL, LINE, TIME + 50, item(2));
    await copy.takeOver();
    const line = copy.lines(CHANNEL).get(LINE);
    assert.equal(line?.since, TIME);
    assert.equal(line.has(item(1)), false);
    assert.equal(copy.join(CHANNEL, 'new', TIME + 100), TIME);
    await copy.flush();
    assert.deepEqual(await shared.saved(), {
      lines: { [LINE]: { time: TIME, since: TIME, recent: [] } },
      listeners: { new: TIME },
    });
  });

  it('are not in doubt from before the time until which all was saved', async () => {
    const copy = new Shared().copy();
    copy.advance(CHANNEL, LINE, TIME);
    await copy.takeOver(TIME + 3_600);
    assert.equal(copy.lines(CHANNEL).get(LINE)?.since, TIME + 3_600);
  });

  it('are neither moved nor written by a copy that stands by, however much it hears', async () => {
    const shared = new Shared();
    const copy = shared.copy();
    for (let count = 0; count < 10_000; count += 1) copy.advance(CHANNEL, LINE, TIME + count, item(count));
    copy.hear(CHANNEL, TIME);
    copy.join(CHANNEL, 'node', TIME);
    copy.doubt(CHANNEL);
    assert.equal(shared.clock.pending, 0);
    await copy.flush();
    assert.equal(await shared.memory.read('positions'), undefined);
    assert.ok(JSON.stringify(copy.lines(CHANNEL).get(LINE)).length < 200);
  });

  it('are not written before they were taken over, though the copy leads already', async () => {
    const shared = new Shared();
    const first = shared.copy();
    await first.takeOver();
    first.advance(CHANNEL, LINE, TIME, item(1));
    await first.flush();
    const saved = await shared.saved();
    const second = shared.copy();
    second.advance(CHANNEL, 'another', TIME);
    await shared.clock.pass(10_000);
    await second.flush();
    assert.deepEqual(await shared.saved(), saved);
  });

  it('are not written any more by a copy that stands by again, nor by one whose lead is over unnoticed', async () => {
    const shared = new Shared();
    let leads = true;
    const copy = shared.copy(() => leads);
    await copy.takeOver();
    copy.advance(CHANNEL, LINE, TIME);
    leads = false;
    await shared.clock.pass(5_000);
    assert.equal(await shared.saved(), undefined);
    leads = true;
    await shared.clock.pass(2_000);
    assert.notEqual(await shared.saved(), undefined);

    const saved = await shared.saved();
    copy.hear(CHANNEL, TIME);
    copy.standBy();
    await shared.clock.pass(5_000);
    await copy.flush();
    assert.deepEqual(await shared.saved(), saved);
    assert.equal(shared.clock.pending, 0);
  });

  it('stay as they are where they cannot be read, and are taken over with the next try', async () => {
    const shared = new Shared();
    const first = shared.copy();
    await first.takeOver();
    first.advance(CHANNEL, LINE, TIME);
    await first.flush();
    const second = shared.copy();
    second.join(CHANNEL, 'node', TIME + 7);
    shared.trouble = new Error('away');
    await assert.rejects(second.takeOver(), shared.trouble);
    assert.equal(second.areOurs, false);
    assert.equal(second.lines(CHANNEL).size, 0);
    shared.trouble = undefined;
    await second.takeOver();
    assert.equal(second.areOurs, true);
    assert.equal(second.lines(CHANNEL).get(LINE)?.since, TIME);
    assert.equal(second.join(CHANNEL, 'node', TIME + 9), TIME + 7);
  });

  it('are written later where that did not go at first', async () => {
    const shared = new Shared();
    const copy = shared.copy();
    await copy.takeOver();
    copy.advance(CHANNEL, LINE, TIME);
    shared.trouble = new Error('away');
    await shared.clock.pass(3_000);
    shared.trouble = undefined;
    await shared.clock.pass(2_000);
    assert.notEqual(await shared.saved(), undefined);
  });

  it('are read with what the same copy was still writing when it led before', async () => {
    const shared = new Shared();
    const copy = shared.copy();
    await copy.takeOver();
    copy.advance(CHANNEL, LINE, TIME, item(1));
    const write = shared.memory.write.bind(shared.memory);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    shared.memory.write = (name, text) => gate.then(() => write(name, text));
    const written = copy.flush();
    await shared.clock.settle();
    copy.standBy();
    const taken = copy.takeOver();
    await shared.clock.settle();
    go();
    await Promise.all([written, taken]);
    assert.equal(copy.lines(CHANNEL).get(LINE)?.has(item(1)), true);
  });

  it('count as none where what was saved is no JSON', async () => {
    const shared = new Shared();
    await shared.memory.write('positions', '{"version":1,"chan');
    const copy = shared.copy();
    await copy.takeOver();
    assert.equal(copy.lines(CHANNEL).size, 0);
  });
});

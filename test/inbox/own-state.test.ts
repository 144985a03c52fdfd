import assert from 'node:assert/strict';
import { EVENT_KEY_VERSION } from '../../src/events';
import { InboxStore } from '../../src/inbox/inbox-store';
import { endSharing, OwnState } from '../../src/inbox/own-state';
import { silentLog } from '../../src/log';
import { Deduplicating } from '../support/deduplicating';
import { MemoryRecords } from '../support/memory-records';
import { HOUR, keepingAll } from '../support/retention';

type Values = Readonly<Record<string, unknown>>;

/** What a single inbox has left. */
const OWN: Values = {
  account: 'a',
  received: 200,
  channels: ['one', 'two'],
  'gap/one': { from: 150, chats: { x: 170, y: 160 } },
  'chats/two/0': ['1/telegram/5'],
  'subscriber/s': { events: ['message'], since: { one: 20 }, eventsSince: {} },
};
/** What other instances have recorded together. */
const EARLIER: Values = {
  received: 100,
  channels: ['one', 'three'],
  'gap/one': { from: 50, chats: { x: 180, z: 90 } },
  'gap/three': { from: 60, chats: {} },
  'chats/two/0': ['1/telegram/4'],
  'subscriber/s': { events: ['message'], since: { one: 10 }, eventsSince: {} },
};
const LATER: Values = { ...EARLIER, received: 300 };

describe('OwnState', () => {
  let ownRecords: MemoryRecords;
  let sharedRecords: MemoryRecords;
  let deduplicating: Deduplicating;
  beforeEach(() => {
    ownRecords = new MemoryRecords();
    sharedRecords = new MemoryRecords();
    deduplicating = new Deduplicating();
  });

  it('gives all that was left to an empty store', async () => {
    await write(ownRecords, OWN);
    const own = await open();
    await own.giveTo(await load(sharedRecords));
    const { account: _, ...position } = OWN;
    assert.deepEqual(await valuesIn(sharedRecords), position);
    assert.equal(sharedRecords.written.at(-1), 'received', 'without it, nothing counts');
  });

  it('merges what was left with earlier values of others', async () => {
    await write(ownRecords, OWN);
    await write(sharedRecords, EARLIER);
    await (await open()).giveTo(await load(sharedRecords));
    assert.deepEqual(await valuesIn(sharedRecords), {
      received: 200,
      channels: ['one', 'three', 'two'],
      'gap/one': { from: 50, chats: { x: 180, y: 160, z: 90 } },
      'gap/three': { from: 60, chats: {} },
      'chats/two/0': ['1/telegram/4', '1/telegram/5'],
      'subscriber/s': OWN['subscriber/s'],
    });
  });

  it('keeps the later time and the subscribers of others', async () => {
    await write(ownRecords, OWN);
    await write(sharedRecords, LATER);
    await (await open()).giveTo(await load(sharedRecords));
    const values = await valuesIn(sharedRecords);
    assert.equal(values.received, 300);
    assert.deepEqual(values['subscriber/s'], LATER['subscriber/s']);
    assert.deepEqual(values['gap/one'], { from: 50, chats: { x: 180, y: 160, z: 90 } });
  });

  it('replaces the values of others if nobody has recorded since they were copied', async () => {
    await write(sharedRecords, EARLIER);
    await (await open()).copy(new Map(Object.entries(EARLIER)), 0);
    // The single inbox has closed the gaps.
    const single = await load(ownRecords);
    assert.equal(await endSharing(single), 0);
    for (const channel of ['one', 'three']) await single.put(`gap/${channel}`, undefined);
    await single.put('received', 400);
    await (await open()).giveTo(await load(sharedRecords));
    const { 'gap/one': _one, 'gap/three': _three, ...rest } = EARLIER;
    assert.deepEqual(await valuesIn(sharedRecords), { ...rest, received: 400 });
  });

  it('gives nothing if it is a copy of what is shared', async () => {
    await (await open()).copy(new Map(Object.entries(LATER)), 0);
    await (await open()).giveTo(await load(sharedRecords));
    assert.deepEqual(await valuesIn(sharedRecords), {});
  });

  it('is a copy of the shared values, in which nothing is left that they have not', async () => {
    const own = await open();
    await own.copy(new Map(Object.entries(EARLIER)), 0);
    const { 'gap/one': _, ...closed } = LATER;
    await own.copy(new Map(Object.entries(closed)), 0);
    const { account, shared, ...position } = await valuesIn(ownRecords);
    assert.deepEqual(position, closed);
    assert.deepEqual([account, shared], ['a', { isCopy: true, received: 300, waiting: 0 }]);
  });

  it('is not replaced by the shared values before it was given to them, or if that has failed', async () => {
    await write(ownRecords, OWN);
    const own = await open();
    await own.copy(new Map(Object.entries(LATER)), 0);
    sharedRecords.append = () => Promise.reject(new Error('another instance leads'));
    await own.giveTo(await load(sharedRecords));
    await own.copy(new Map(Object.entries(LATER)), 0);
    assert.deepEqual(await valuesIn(ownRecords), OWN);
  });

  it('reports how many events wait elsewhere, once', async () => {
    await (await open()).copy(new Map(Object.entries(LATER)), 7);
    assert.equal(await endSharing(await load(ownRecords)), 7);
    assert.equal(await endSharing(await load(ownRecords)), 0);
  });

  it('inherits nothing from another account', async () => {
    await write(ownRecords, OWN);
    const own = await open('b');
    await own.giveTo(await load(sharedRecords));
    assert.deepEqual(await valuesIn(sharedRecords), {});
    assert.deepEqual(await valuesIn(ownRecords), { account: 'b' });
  });

  it('brings back the keys of delivered events, whichever part recorded them', async () => {
    const own = await open();
    own.addKey('one', 'message', { version: EVENT_KEY_VERSION, id: 5, edit: 0 }, 'socket');
    await own.close();
    deduplicating = new Deduplicating();
    await open();
    assert.deepEqual([deduplicating.add(5), deduplicating.add(6)], [false, true]);
  });

  async function open(account = 'a'): Promise<OwnState> {
    const { retention, clock } = keepingAll();
    const options = { records: ownRecords, scope: 'one', retention, clock, log: silentLog, keepFor: () => HOUR };
    const own = new OwnState(options);
    await own.open(account, deduplicating.deduplicator);
    return own;
  }
});

async function load(records: MemoryRecords): Promise<InboxStore> {
  const store = new InboxStore(records, 'one', silentLog, keepingAll());
  await store.load();
  return store;
}

async function write(records: MemoryRecords, values: Values): Promise<void> {
  const store = await load(records);
  for (const [name, value] of Object.entries(values)) await store.put(name, value);
}

async function valuesIn(records: MemoryRecords): Promise<Values> {
  return Object.fromEntries((await load(records)).saved(''));
}

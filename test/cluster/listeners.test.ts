import assert from 'node:assert/strict';
import { systemClock } from '../../src/clock';
import { Listeners } from '../../src/cluster/listeners';
import type { ReadyNats } from '../../src/cluster/nats-client';
import type { SharedListener } from '../../src/cluster/shared-listener';
import { silentLog } from '../../src/log';
import { ClusterNats, until } from '../support/cluster-nats';

const LISTENER: SharedListener = {
  id: 'one',
  channel: { type: 'messenger', licenseId: '50718', messengerType: 'telegram' },
  events: ['message'],
  direction: 'in',
  skipGroups: true,
  skipEdited: true,
};

describe('The listeners of all instances', function () {
  let nats: ClusterNats;
  let isStarted = false;
  const all: Listeners[] = [];

  before(async function () {
    const started = await ClusterNats.open();
    if (!started) return this.skip();
    nats = started;
    isStarted = true;
  });
  afterEach(() => {
    for (const listeners of all.splice(0)) listeners.stop();
  });
  after(async () => {
    if (isStarted) await nats.end();
  });

  /** What one instance knows of all listeners. */
  async function start(
    isThere: (id: string) => boolean = () => true,
    ready?: ReadyNats,
  ): Promise<{ readonly listeners: Listeners; readonly known: Map<string, SharedListener>; readonly calls: string[] }> {
    const known = new Map<string, SharedListener>();
    const calls: string[] = [];
    const listeners = new Listeners(ready ?? (await nats.connect()), {
      isThere,
      leads: () => true,
      drop: () => Promise.resolve(),
      onListener: (id, listener) => {
        calls.push(id);
        if (listener) known.set(id, listener);
        else known.delete(id);
      },
      clock: systemClock,
      log: silentLog,
    });
    all.push(listeners);
    listeners.start();
    return { listeners, known, calls };
  }

  it('are known to each instance, with the filter that was written last', async () => {
    const [one, other] = [await start(), await start()];
    const first = await one.listeners.set(LISTENER);
    await until(() => other.known.has('one'), 'the other instance knows it');
    assert.deepEqual(other.known.get('one'), LISTENER);
    assert.equal(await other.listeners.set(LISTENER), first, 'the same filter has the same version');
    const wider = { ...LISTENER, events: ['message', 'chatTag'] };
    assert.ok((await other.listeners.set(wider)) > first, 'a newer filter has a higher version');
    await until(() => one.known.get('one')?.events.length === 2, 'the first instance knows the newer filter');
  });

  it('are read again after an outage, since a NATS that was killed may skip changes', async () => {
    const ready = await nats.connect();
    const watch = ready.kv.watch.bind(ready.kv);
    let watches = 0;
    ready.kv.watch = (options) => {
      watches += 1;
      return watch(watches === 1 ? { ...options, key: 'nothing' } : options);
    };
    const [one, other] = [await start(), await start(() => true, ready)];
    await one.listeners.set({ ...LISTENER, id: 'skipped' });
    await until(() => one.known.has('skipped') && watches === 1, 'one instance knows it');
    assert.ok(!other.known.has('skipped'));
    await nats.server.kill();
    await nats.server.start();
    await until(() => other.known.has('skipped'), 'the other one knows it, too');
  });

  it('keep a listener that one instance has removed while another one has it', async () => {
    const [one, other] = [await start(), await start()];
    await one.listeners.set({ ...LISTENER, id: 'kept' });
    await until(() => other.known.has('kept'), 'the other instance knows it');
    await other.listeners.remove('kept');
    await one.listeners.set({ ...LISTENER, id: 'marker' });
    await until(() => other.known.has('marker'), 'a later listener is known');
    assert.ok(other.known.has('kept'));
  });

  it('note a listener that is in no flow at the first start, and remove it at the second', async () => {
    const first = await start(() => false);
    await first.listeners.set({ ...LISTENER, id: 'missing' });
    await until(() => first.known.has('missing'), 'it is known');
    first.listeners.leave('missing');
    const { kv } = await nats.connect();
    const absence = async (): Promise<unknown> => {
      const value: unknown = (await kv.get('listeners.missing'))?.json();
      return typeof value === 'object' && value !== null && 'absence' in value ? value.absence : undefined;
    };
    await first.listeners.forgetMissing((id) => id !== 'missing');
    assert.equal(await absence(), 'missing');
    const second = await start(() => false);
    await until(() => second.known.has('missing'), 'it is known at the second start');
    await second.listeners.forgetMissing((id) => id !== 'missing');
    assert.equal(await absence(), 'removed');
  });

  it('are written again if somebody has removed them, and watched again', async () => {
    const [one, other] = [await start(), await start()];
    await one.listeners.set({ ...LISTENER, id: 'lost' });
    await until(() => other.known.has('lost'), 'it is known');
    const { kv } = await nats.connect();
    await kv.delete('listeners.lost');
    await until(() => other.calls.filter((id) => id === 'lost').length > 1, 'the other instance knows that it is gone');
    await until(() => other.known.has('lost'), 'it is known again', 20_000);
  });
});

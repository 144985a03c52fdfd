import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { nanos } from 'nats';
import { Backlog } from '../../src/cluster/backlog';
import { removeConsumers } from '../../src/cluster/consumers';
import type { ReadyEngine } from '../../src/cluster/engine';
import { systemClock, type Clock } from '../../src/clock';
import type { ChatAppError } from '../../src/errors';
import { silentLog } from '../../src/log';
import { Changes } from '../support/changes';
import { messageIn } from '../support/deliveries';
import { LISTENER, ShareStage } from '../support/share-stage';

/** Looks every 50 ms. */
const OFTEN: Clock = { ...systemClock, after: (delay, run) => systemClock.after(delay / 100, run) };
/** How long the stream keeps what waits, in ms. */
const KEEP = 5_000;

describe('what waits in NATS', function () {
  let copies: ShareStage;
  let backlogs: Backlog[];
  let changes: Changes;
  let counts: Map<string, number>;
  let errors: (readonly [string, ChatAppError])[];
  /** On which copies they were told, and how often each has looked. */
  let tellers: number[];
  let looks: number[];

  beforeEach(async function () {
    const opened = await ShareStage.open();
    if (!opened) return this.skip();
    copies = opened;
    backlogs = [];
    changes = new Changes();
    counts = new Map();
    errors = [];
    tellers = [];
    looks = [];
  });
  afterEach(async () => {
    for (const backlog of backlogs) backlog.stop();
    await copies.end();
  });

  function watch(engine: ReadyEngine, has = true): void {
    const copy = looks.push(0) - 1;
    const backlog = new Backlog(engine, {
      clock: OFTEN,
      log: silentLog,
      has: () => has,
      onBacklog: (listener, count) => {
        counts.set(listener, count);
        looks[copy] = (looks[copy] ?? 0) + 1;
        changes.happened();
      },
      onError: (listener, error) => {
        errors.push([listener, error]);
        tellers.push(copy);
        changes.happened();
      },
    });
    backlogs.push(backlog);
    backlog.start();
  }

  function until(holds: () => boolean): Promise<void> {
    return changes.until(holds, () => ({ counts: [...counts], errors }));
  }

  async function keepShortly({ manager, names }: ReadyEngine): Promise<void> {
    await manager.streams.update(names.stream, { max_age: nanos(KEEP), duplicate_window: nanos(KEEP) });
  }

  it('is counted for each listener, with what its flow has in hand', async () => {
    const engine = await copies.engine();
    const [one, other] = [copies.share(engine), copies.share(engine, undefined, 'other listener')];
    one.share.configure({ ack: 'done', ackSeconds: 60 });
    await Promise.all([one.share.start(), other.share.start()]);
    watch(engine);
    for (let id = 1; id <= 50; id += 1) await copies.publish(engine, messageIn(`chat-${id}`, id));
    await until(() => counts.get(LISTENER) === 50 && counts.get('other listener') === 0);
    one.onDelivery = (delivery) => void one.done(delivery);
    for (const delivery of [...one.deliveries]) one.done(delivery);
    await until(() => counts.get(LISTENER) === 0);
    assert.deepEqual(errors, []);
  });

  it('is told once where it waited for too long, and once more where that happens again', async () => {
    const engine = await copies.engine();
    await keepShortly(engine);
    const seen = copies.share(engine);
    await seen.share.start();
    seen.share.pause();
    watch(engine);
    await copies.publish(engine, messageIn('a', 1));
    await copies.publish(engine, messageIn('b', 2));
    await until(() => errors.length === 1);
    await until(() => counts.get(LISTENER) === 0);
    await copies.publish(engine, messageIn('a', 3));
    await until(() => errors.length === 2);
    for (const [listener, { code, reason }] of errors) {
      assert.deepEqual([listener, code, reason], [LISTENER, 'RECOVERY_FAILED', 'expired']);
    }
  });

  it('is told once by the copies that have the listener, and by none that has not', async () => {
    const [without, engine, other] = [await copies.engine(), await copies.engine(), await copies.engine()];
    await keepShortly(engine);
    const seen = copies.share(engine);
    await seen.share.start();
    seen.share.pause();
    watch(without, false);
    watch(engine);
    watch(other);
    for (const time of [1, 2, 3]) {
      await copies.publish(engine, messageIn('a', time));
      await until(() => errors.length >= time && counts.get(LISTENER) === 0);
      const before = [...looks];
      await until(() => looks.every((count, copy) => count >= (before[copy] ?? 0) + 3));
      assert.equal(errors.length, time);
    }
    assert.ok(!tellers.includes(0), 'it has no such listener');
  });

  it('is told where a flow is slower than its events, and all that it gets is nearly too old', async () => {
    const engine = await copies.engine();
    await keepShortly(engine);
    const seen = copies.share(engine);
    seen.share.configure({ ack: 'done', ackSeconds: 60 });
    seen.onDelivery = (delivery) => setTimeout(() => seen.done(delivery), 300);
    await seen.share.start();
    watch(engine);
    let id = 0;
    const timer = setInterval(() => void copies.publish(engine, messageIn('a', ++id)), 50);
    await until(() => errors.length === 1).finally(() => clearInterval(timer));
  });

  it('is told where NATS was away while it became too old', async () => {
    const engine = await copies.engine();
    await keepShortly(engine);
    const seen = copies.share(engine);
    await seen.share.start();
    seen.share.pause();
    watch(engine);
    await copies.publish(engine, messageIn('a', 1));
    await until(() => counts.get(LISTENER) === 1);
    await copies.nats.kill();
    await pause(KEEP);
    await copies.nats.start();
    await until(() => errors.length === 1);
  });

  it('is not told where it is handled in time', async () => {
    const engine = await copies.engine();
    await keepShortly(engine);
    const seen = copies.share(engine);
    await seen.share.start();
    watch(engine);
    const end = Date.now() + KEEP * 2;
    for (let id = 1; Date.now() < end; id += 1) await copies.publish(engine, messageIn('a', id));
    assert.deepEqual(errors, []);
  });

  it('goes on through a restart of NATS, and forgets a listener that nobody has', async () => {
    const engine = await copies.engine();
    const seen = copies.share(engine);
    await seen.share.start();
    seen.share.pause();
    watch(engine);
    await copies.nats.kill();
    await copies.nats.start();
    await copies.publish(await copies.engine(), messageIn('a', 1));
    await until(() => counts.get(LISTENER) === 1);
    await seen.share.stop();
    await removeConsumers(engine, LISTENER);
    counts.clear();
    const other = copies.share(engine, undefined, 'other listener');
    await other.share.start();
    await until(() => counts.has('other listener'));
    assert.ok(!counts.has(LISTENER));
  });
});

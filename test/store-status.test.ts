import assert from 'node:assert/strict';
import { ChatAppError } from '../src/errors';
import type { Listener } from '../src/inbox/listener';
import type { Status } from '../src/status';
import { memoryStore, type StoreObserver } from '../src/store';
import { StoreStatus } from '../src/store-status';
import { FakeClock } from './support/fake-clock';

const FULL = ChatAppError.of('STORE_FAILED', 'full', { folder: '/data' });
const DAMAGED = ChatAppError.of('STORE_FAILED', 'corrupt', { folder: '/data', count: 2 });

describe('StoreStatus', () => {
  let clock: FakeClock;
  /** Those who observe the store. */
  const observers = new Set<StoreObserver>();
  let errors: ChatAppError[];
  let statuses: Status[];
  let storeStatus: StoreStatus;
  let tell: (status: Status) => void;

  beforeEach(() => {
    clock = new FakeClock();
    [errors, statuses, tell] = [[], [], () => undefined];
    observers.clear();
    const observe = (one: StoreObserver): (() => void) => {
      observers.add(one);
      return () => observers.delete(one);
    };
    storeStatus = new StoreStatus({ ...memoryStore(), observe }, clock, (error) => errors.push(error));
  });

  const fail = (failure: ChatAppError | undefined): void => observers.forEach(({ onState }) => onState(failure));
  const listen = (): (() => void) => {
    const listener: Listener = {
      channel: { type: 'messenger' },
      events: [],
      direction: 'any',
      onItem: () => undefined,
      onError: () => undefined,
      onStatus: (status) => statuses.push(status),
    };
    return storeStatus.show(listener, (shown) => {
      tell = (status) => shown.onStatus(status);
      return () => undefined;
    });
  };

  it('shows in the statuses of listeners that nothing can be stored, while that lasts', () => {
    const stop = listen();
    tell({ kind: 'listening' });
    fail(FULL);
    tell({ kind: 'listening', lastEvent: 1 });
    fail(undefined);
    stop();
    fail(FULL);
    assert.deepEqual(statuses, [
      { kind: 'listening' },
      { kind: 'listening', isUnstored: true },
      { kind: 'listening', lastEvent: 1, isUnstored: true },
      { kind: 'listening', lastEvent: 1 },
    ]);
  });

  it('reports a failure once if it lasts a second, and what is damaged', async () => {
    listen();
    fail(FULL);
    await clock.pass(999);
    fail(undefined);
    await clock.pass(5_000);
    assert.deepEqual(errors, []);
    fail(FULL);
    for (const { onError } of observers) onError(DAMAGED);
    await clock.pass(60_000);
    assert.deepEqual(errors, [FULL, DAMAGED]);
  });

  it('observes the store from the first listener on, and until it is closed', async () => {
    assert.equal(observers.size, 0);
    listen();
    fail(FULL);
    storeStatus.close();
    assert.equal(observers.size, 0);
    await clock.pass(5_000);
    assert.deepEqual([errors, clock.pending], [[], 0]);
  });
});

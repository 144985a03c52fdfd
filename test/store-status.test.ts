import assert from 'node:assert/strict';
import { ChatAppError } from '../src/errors';
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
  /** What it says at each change. */
  let changes: boolean[];
  let storeStatus: StoreStatus;

  beforeEach(() => {
    clock = new FakeClock();
    [errors, changes] = [[], []];
    observers.clear();
    const observe = (one: StoreObserver): (() => void) => {
      observers.add(one);
      return () => observers.delete(one);
    };
    storeStatus = new StoreStatus(
      { ...memoryStore(), observe },
      { clock, onError: (error) => errors.push(error), onChange: () => changes.push(storeStatus.isFailing) },
    );
  });

  const fail = (failure: ChatAppError | undefined): void => observers.forEach(({ onState }) => onState(failure));

  it('says that nothing can be stored, while that lasts', () => {
    assert.equal(storeStatus.isFailing, false);
    storeStatus.start();
    fail(FULL);
    fail(undefined);
    assert.deepEqual(changes, [true, false]);
  });

  it('reports a failure once if it lasts a second, and what is damaged', async () => {
    storeStatus.start();
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

  it('observes the store from its start on, and until it is closed', async () => {
    assert.equal(observers.size, 0);
    storeStatus.start();
    fail(FULL);
    storeStatus.close();
    assert.equal(observers.size, 0);
    await clock.pass(5_000);
    assert.deepEqual([errors, clock.pending], [[], 0]);
  });
});

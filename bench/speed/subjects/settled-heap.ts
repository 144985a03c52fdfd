import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is collected in the last rounds may be so little, in bytes, that no more is to be expected. */
const LITTLE = 64 * 1024;
const LEAST_ROUNDS = 4;
const MOST_ROUNDS = 20;

/**
 * The heap that is in use when nothing more can be collected, in bytes: what is only held by finalizers goes in later
 * rounds.
 */
export async function settledHeap(): Promise<number> {
  const collect = collector();
  let heap = Infinity;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    collect();
    await setImmediate();
    const before = heap;
    heap = Math.min(heap, process.memoryUsage().heapUsed);
    if (before - heap < LITTLE && round >= LEAST_ROUNDS) break;
  }
  return heap;
}

/** Node-RED was not started with `--expose-gc`: then only contexts that are made later have it. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('The heap cannot be collected');
  return () => void Reflect.apply(collect, undefined, []);
}

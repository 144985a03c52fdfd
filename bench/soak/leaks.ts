import { once } from 'node:events';
import { startSimulator } from '../../simulator';
import { isRecord } from '../../simulator/json';
import { settingsFor } from '../faults/clients/settings';
import { messageFrom } from '../child-message';
import { startChild } from './child';

/** Compiled code grows for thousands of rounds and would hide what a connection leaves behind. */
const PLAIN_CODE = ['--no-opt', '--no-sparkplug', '--no-maglev'];

/** What is left of connections that were made, used and closed. */
interface Leftovers {
  /** Of the heap after a collection, in bytes. */
  readonly grown: number;
  /** How many pusher-js clients are still known to pusher-js. */
  readonly instances: number;
  /** Timers, sockets and requests that are still there, by their kind. */
  readonly resources: readonly string[];
}

/** Makes, uses and closes `rounds` connections in a process of its own, one after the other. */
export async function measureLeaks(rounds: number): Promise<Leftovers> {
  const simulator = await startSimulator({ tokenQuota: Infinity, requestsPerSecond: Infinity });
  const options = { more: [String(rounds)], nodeOptions: PLAIN_CODE };
  const child = startChild(require.resolve('./leak-client.ts'), settingsFor(simulator, {}), options);
  const ended = once(child, 'exit');
  try {
    return await messageFrom(child, (reported) => (isLeftovers(reported) ? reported : undefined));
  } finally {
    child.kill();
    await ended;
    await simulator.close();
  }
}

function isLeftovers(value: unknown): value is Leftovers {
  return (
    isRecord(value) &&
    typeof value.grown === 'number' &&
    typeof value.instances === 'number' &&
    Array.isArray(value.resources)
  );
}

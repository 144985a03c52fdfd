import { pause, type Clock } from '../clock';
import type { Attempt } from './attempt';
import type { ReadyEngine } from './engine';
import { loadNats } from './nats';

/** How soon it is tried again where NATS cannot do it, in ms. */
const AGAIN = 1_000;

/**
 * Keeps an item where no flow waits for it, for as long as NATS keeps any. Resolves once it is there: with false where
 * another copy has done so before. Rejects when `signal` is aborted.
 */
export async function putAside(
  { js, names }: ReadyEngine,
  listener: string,
  { item, number, message }: Attempt,
  why: 'tries' | 'unreadable',
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const headers = loadNats().headers();
  // Where it goes if someone sends it to the flows again.
  headers.set('Chatapp-From', message.subject);
  headers.set('Chatapp-Why', why);
  headers.set('Chatapp-Tries', String(number));
  for (let failures = 0; ; failures += 1) {
    try {
      const { duplicate } = await js.publish(names.dead(listener), message.data, { msgID: `dead.${item}`, headers });
      // One that was published in a failure of ours is ours.
      return !duplicate || failures > 0;
    } catch {
      await pause(clock, AGAIN, signal);
    }
  }
}

import type { Clock } from '../clock';
import { within } from '../deadline';
import { dialOptions, hostsOf } from './dial';
import { clusterFailed, failureOf } from './failure';
import { loadNats } from './nats';
import type { ClusterSettings } from './settings';
import { withoutSockets } from './without-sockets';

/** How long the tries at all servers may take together, and then an answer of JetStream, in ms. */
const REACHED_WITHIN = 9_000;
const ANSWER_WITHIN = 3_000;
/** A name may stand for many addresses, each of which nats.js tries for as long as a server. */
const ENDS_WITHIN = 12_500;

/**
 * Tries whether NATS can be reached, lets us in and has JetStream; leaves nothing behind, there and here. Ends within
 * 12.5 s.
 * @throws ChatAppError `CLUSTER_FAILED`
 */
export async function probe(settings: ClusterSettings, clock: Clock): Promise<void> {
  try {
    await within(
      clock,
      ENDS_WITHIN,
      withoutSockets(() => attempt(settings)),
    );
  } catch (error) {
    throw clusterFailed(failureOf(error), hostsOf(settings.servers), clock.now());
  }
}

async function attempt(settings: ClusterSettings): Promise<void> {
  const nats = loadNats();
  const timeout = Math.min(ANSWER_WITHIN, REACHED_WITHIN / settings.servers.length);
  const connection = await nats.connect({ ...dialOptions(settings, nats), reconnect: false, timeout });
  try {
    await connection.jetstreamManager({ timeout: ANSWER_WITHIN });
  } finally {
    await connection.close();
  }
}

import type { Clock } from '../clock';
import { addressOf, dialOptions } from './dial';
import { clusterFailed, failureOf } from './failure';
import { loadNats } from './nats';
import type { ClusterSettings } from './settings';

/** How long the tries at all servers may take together, and then an answer of JetStream, in ms. */
const REACHED_WITHIN = 9_000;
const ANSWER_WITHIN = 3_000;

/**
 * Tries whether NATS can be reached, lets us in and has JetStream; leaves nothing behind there. Ends within 12 s.
 * @throws ChatAppError `CLUSTER_FAILED`
 */
export async function probe(settings: ClusterSettings, clock: Clock): Promise<void> {
  const nats = loadNats();
  try {
    const timeout = Math.min(ANSWER_WITHIN, REACHED_WITHIN / settings.servers.length);
    const connection = await nats.connect({ ...dialOptions(settings, nats), reconnect: false, timeout });
    try {
      await connection.jetstreamManager({ timeout: ANSWER_WITHIN });
    } finally {
      await connection.close();
    }
  } catch (error) {
    const hosts = settings.servers.map((server) => addressOf(server).host).join(', ');
    throw clusterFailed(failureOf(error), hosts, clock.now());
  }
}

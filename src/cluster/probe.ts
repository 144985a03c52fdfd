import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../clock';
import { shownTime } from '../clock';
import { within } from '../deadline';
import { clusterFailed, failureOf, isStreamMissing } from './failure';
import { checkConsuming, checkWriting } from './health';
import { healthSubjectOf, temporaryNames } from './names';
import { hostsOf, loadNats, natsOptions } from './nats-options';
import { closeConnection, closingSockets } from './nats-sockets';
import type { ClusterSettings } from './settings';
import { eventStream } from './streams';

/** How long the attempts at all servers may take together, and then an answer of JetStream, in ms. */
const CONNECT_WITHIN = 9_000;
const ANSWER_WITHIN = 3_000;
/** A name may stand for many addresses, each of which the client tries for as long as a server. */
const ENDS_WITHIN = 12_500;

/**
 * Tries all that a cluster does in NATS, with a stream of its own that it deletes again: it connects, makes the stream with
 * its replicas and a consumer, and writes and reads a message as large as an event. Ends within 12.5 s.
 * @throws ChatAppError `CLUSTER_FAILED`
 */
export async function probe(settings: ClusterSettings, clock: Clock): Promise<void> {
  try {
    await closingSockets(() => within(clock, ENDS_WITHIN, connectAndTry(settings)));
  } catch (error) {
    throw clusterFailed(failureOf(error), hostsOf(settings.servers), shownTime(clock));
  }
}

async function connectAndTry(settings: ClusterSettings): Promise<void> {
  const nats = loadNats();
  const timeout = Math.min(ANSWER_WITHIN, CONNECT_WITHIN / settings.servers.length);
  const connection = await nats.connect({ ...natsOptions(settings, nats), reconnect: false, timeout });
  try {
    const manager = await nats.jetstreamManager(connection, { checkAPI: false, timeout: ANSWER_WITHIN });
    const names = temporaryNames();
    // If it may not be deleted, it must not be made.
    await removeStream(manager, names.stream);
    try {
      await tryStream(settings, connection, manager, names);
    } finally {
      await removeStream(manager, names.stream);
    }
  } finally {
    await closeConnection(connection);
  }
}

async function tryStream(
  settings: ClusterSettings,
  connection: NatsConnection,
  manager: JetStreamManager,
  { stream, all, health }: ReturnType<typeof temporaryNames>,
): Promise<void> {
  const nats = loadNats();
  const js = nats.jetstream(connection, { checkAPI: false, timeout: ANSWER_WITHIN });
  const key = `$KV.${stream}.health`;
  try {
    await manager.streams.add({ ...eventStream(settings, { stream, all }), subjects: [all, `$KV.${stream}.>`] });
  } catch (error) {
    const subject = failureOf(error).reason === 'limits' ? await findHealthSubject(manager) : undefined;
    if (subject === undefined) throw error;
    // The cluster may have taken the last streams that its account may have.
    return checkWriting(js, subject, nats);
  }
  await manager.consumers.add(stream, { durable_name: 'check', ack_policy: 'explicit' });
  await checkConsuming(connection, stream, ANSWER_WITHIN);
  for (const subject of [health, key]) {
    await checkWriting(js, subject, nats);
    await manager.streams.getMessage(stream, { last_by_subj: subject });
  }
}

/** Of a cluster that is there. */
async function findHealthSubject(manager: JetStreamManager): Promise<string | undefined> {
  for await (const stream of manager.streams.names()) {
    const subject = healthSubjectOf(stream);
    if (subject !== undefined) return subject;
  }
  return undefined;
}

async function removeStream(manager: JetStreamManager, name: string): Promise<void> {
  await manager.streams.delete(name).catch((error: unknown) => {
    if (!isStreamMissing(error)) throw error;
  });
}

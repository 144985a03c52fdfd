import type { JetStreamManager, StreamConfig } from 'nats';
import { KEEP_HOURS } from '../inbox/retention';
import { jetStreamCode, STREAM_NOT_FOUND } from './failure';
import type { ClusterNames } from './names';
import type { NatsModule } from './nats';
import type { ClusterSettings } from './settings';

/** Within this time, in ms, an event that is published again counts as the same. */
const TWINS_WITHIN = 2 * 60_000;

type Wanted = Pick<StreamConfig, 'name' | 'max_age' | 'num_replicas' | 'duplicate_window'> & Partial<StreamConfig>;

/** What is to be in NATS: the stream with the events, and what is behind the bucket. */
export function storageOf({ replicas, keepHours }: ClusterSettings, names: ClusterNames, nats: NatsModule): Wanted[] {
  const { RetentionPolicy, StorageType, DiscardPolicy, nanos } = nats;
  const keepFor = (keepHours ?? KEEP_HOURS) * 3_600_000;
  const both = { retention: RetentionPolicy.Limits, storage: StorageType.File, num_replicas: replicas ?? 1 };
  return [
    {
      ...both,
      name: names.stream,
      subjects: [names.all],
      discard: DiscardPolicy.Old,
      max_age: nanos(keepFor),
      duplicate_window: nanos(Math.min(TWINS_WITHIN, keepFor)),
    },
    {
      ...both,
      name: `KV_${names.bucket}`,
      subjects: [`$KV.${names.bucket}.>`],
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      allow_rollup_hdrs: true,
      // Or a server that lags behind could answer, with what a copy had written before.
      allow_direct: false,
      max_age: 0,
      duplicate_window: nanos(TWINS_WITHIN),
    },
  ];
}

/** The servers are about to choose one of them, or too few are left for that. */
class Leaderless extends Error {
  readonly code = 'NO_LEADER';
}

/**
 * Makes a stream that is not there. Several copies may do so at once. One that is there gets the sizes that are wanted
 * only where `mayChange`: copies with other settings would otherwise take turns for ever.
 */
export async function keep(manager: JetStreamManager, wanted: Wanted, mayChange: boolean): Promise<void> {
  const { name, max_age, num_replicas, duplicate_window } = wanted;
  try {
    const { config, cluster } = await manager.streams.info(name);
    // A server without the majority of them answers, but it keeps nothing.
    if (cluster && !cluster.leader) throw new Leaderless();
    if (!mayChange || (config.max_age === max_age && config.num_replicas === num_replicas)) return;
    await manager.streams.update(name, { max_age, num_replicas, duplicate_window });
  } catch (error) {
    if (jetStreamCode(error) !== STREAM_NOT_FOUND) throw error;
    await manager.streams.add(wanted);
  }
}

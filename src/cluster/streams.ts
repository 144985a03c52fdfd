import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { isRecord, parseJson } from '../events/json';
import { KEEP_HOURS } from '../inbox/retention';
import { isConflict, isStreamMissing, LeaderlessError, UnreadableValueError } from './failure';
import type { ClusterNames } from './names';
import { MAX_PARTITIONS, PARTITIONS, type ClusterSettings } from './settings';

/** Within this time, in ms, an event that is published again counts as the same. */
const DUPLICATES_WITHIN = 2 * 60_000;
/** Of the bucket: what all instances must know of each other to share events. */
const SETTINGS_KEY = 'settings';

type Wanted = Pick<StreamConfig, 'name' | 'max_age' | 'num_replicas' | 'duplicate_window'> & Partial<StreamConfig>;

/** The stream with the events. */
export function eventStream(
  { replicas = 1, keepHours = KEEP_HOURS }: ClusterSettings,
  names: Pick<ClusterNames, 'stream' | 'all'>,
): Wanted {
  return {
    name: names.stream,
    subjects: [names.all],
    retention: 'limits',
    storage: 'file',
    num_replicas: replicas,
    discard: 'old',
    // The health message replaces the one before.
    allow_rollup_hdrs: true,
    ...ageOf(keepHours),
  };
}

/** The stream behind a bucket. */
export function bucketStream({ replicas = 1 }: ClusterSettings, bucket: string): Wanted {
  return {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    retention: 'limits',
    storage: 'file',
    num_replicas: replicas,
    discard: 'new',
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    // A replica that is behind could answer with an older value.
    allow_direct: false,
    max_age: 0,
    duplicate_window: nanos(DUPLICATES_WITHIN),
  };
}

/** How long events are kept; what counts as a duplicate may not exceed that. */
export function ageOf(keepHours: number): Pick<StreamConfig, 'max_age' | 'duplicate_window'> {
  const keepFor = keepHours * 3_600_000;
  return { max_age: nanos(keepFor), duplicate_window: nanos(Math.min(DUPLICATES_WITHIN, keepFor)) };
}

/**
 * Makes a stream that is missing; several instances may do so at once. `mayChange`: an existing one gets the wanted
 * replicas, and a longer maximum age, but never a shorter one: another instance may need the longer one.
 * @throws LeaderlessError while its servers cannot agree on a leader; errors of the client otherwise
 */
export async function keepStream(manager: JetStreamManager, wanted: Wanted, mayChange: boolean): Promise<void> {
  const { name, max_age, num_replicas, duplicate_window } = wanted;
  try {
    const { config, cluster } = await manager.streams.info(name);
    // A server without the majority of them answers, but stores nothing.
    if (cluster && !cluster.leader) throw new LeaderlessError();
    const isLonger = max_age > config.max_age && config.max_age !== 0;
    if (!mayChange || (!isLonger && config.num_replicas === num_replicas)) return;
    await manager.streams.update(name, { num_replicas, ...(isLonger && { max_age, duplicate_window }) });
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    await manager.streams.add(wanted);
  }
}

/**
 * The number of partitions that all instances use: that of the first one to write it.
 * @throws UnreadableValueError if the value was not written by this package
 */
export async function agreePartitions(kv: KV, wanted = PARTITIONS): Promise<number> {
  const entry = await kv.get(SETTINGS_KEY);
  if (entry?.operation === 'PUT') {
    const value = parseJson(entry.string());
    const partitions = isRecord(value) ? value.partitions : undefined;
    const isNumber = typeof partitions === 'number' && Number.isInteger(partitions);
    if (!isNumber || partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new UnreadableValueError(entry.bucket, SETTINGS_KEY);
    }
    return partitions;
  }
  try {
    await kv.put(SETTINGS_KEY, JSON.stringify({ partitions: wanted }), { previousSeq: entry?.revision ?? 0 });
    return wanted;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return agreePartitions(kv, wanted);
  }
}

function nanos(ms: number): number {
  return ms * 1_000_000;
}

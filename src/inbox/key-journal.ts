import type { Clock, Timer } from '../clock';
import { entriesOf } from '../events/json';
import { runInBackground, type Log } from '../log';
import { EVENT_SOURCES, type EventKey, type EventSource } from '../events/event-key';
import type { Deduplicator } from './deduplicator';
import type { InboxStore } from './inbox-store';

/** How often small records are merged into one, and old ones are removed, in ms. */
const MERGE_EVERY = 60_000;
/** How many keys wait for the next merge, of 32 bytes each. Further ones stay in their small records. */
const MAX_RECENT = 250_000;

/** Keys by channel and event, as lists of version, id, edit and the index of the source. */
type Keys = Record<string, Record<string, number[]>>;

interface Written {
  readonly sequence: number;
  /** When it was written, or read at the start, in ms (monotonic). */
  readonly at: number;
}

/**
 * Writes the keys of delivered events, so that a restart does not deliver them again. A key is on disk only after its
 * event was delivered, or together with it: a crash in between means that it is fetched and delivered again.
 */
export class KeyJournal {
  #unwritten: Keys = {};
  /** Added since the last merge, whether they could be written or not. */
  #recent: Keys[] = [];
  #recentCount = 0;
  #small: number[] = [];
  #merged: Written[] = [];
  #writing: Promise<void> | undefined;
  #mergeTimer: Timer | undefined;
  #isStopped = false;
  #isUrgent = false;

  constructor(
    private readonly store: Pick<InboxStore, 'takeKeys' | 'appendKeys' | 'removeKeys' | 'flush'>,
    private readonly clock: Clock,
    private readonly log: Log,
    /** How long keys are needed, in ms. */
    private readonly keepFor: () => number,
  ) {}

  /** Gives the deduplicator the keys of an earlier run. */
  restore(deduplicator: Deduplicator): void {
    const at = this.clock.monotonic();
    for (const { sequence, keys } of this.store.takeKeys()) {
      this.#merged.push({ sequence, at });
      for (const [channel, events] of entriesOf(keys)) {
        for (const [event, numbers] of entriesOf(events)) restoreKeys(deduplicator, channel, event, numbers);
      }
    }
    if (this.#merged.length > 0) this.#scheduleMerge();
  }

  /** The event was delivered to all who want it, or is in the store for those who have not got it. */
  add(channel: string, event: string, { version, id, edit }: EventKey, source: EventSource): void {
    const events = (this.#unwritten[channel] ??= {});
    (events[event] ??= []).push(version, id, edit, EVENT_SOURCES.indexOf(source));
    this.#writing ??= this.#write();
    this.#scheduleMerge();
  }

  /** Writes what is not written yet, without a pause. Resolves when all is on disk, or has failed. */
  async flush(): Promise<void> {
    if (this.#writing) this.#hurry();
    this.#isUrgent = true;
    while (this.#writing) await this.#writing;
    this.#isUrgent = false;
  }

  stop(): void {
    this.#isStopped = true;
    this.#mergeTimer?.cancel();
  }

  async #write(): Promise<void> {
    // What is delivered in the same turn of the event loop shares a record.
    await Promise.resolve();
    while (Object.keys(this.#unwritten).length > 0) {
      const keys = this.#unwritten;
      this.#unwritten = {};
      try {
        const appended = this.store.appendKeys(keys);
        if (this.#isUrgent) this.#hurry();
        const sequence = await appended;
        // Not before: meanwhile the others may have been merged, and their list with them.
        this.#small.push(sequence);
      } catch {
        // The log reports why.
      }
      this.#remember(keys);
    }
    this.#writing = undefined;
  }

  #hurry(): void {
    runInBackground(this.store.flush(), this.log, 'Writing the keys of delivered events');
  }

  #remember(keys: Keys): void {
    this.#recent.push(keys);
    const count = countOf(keys);
    this.#recentCount += count;
    if (this.#recentCount <= MAX_RECENT) return;
    // What could not be written is forgotten: after a restart it may be delivered again.
    this.#recent = [keys];
    this.#recentCount = count;
    const at = this.clock.monotonic();
    for (const sequence of this.#small.splice(0)) this.#merged.push({ sequence, at });
  }

  #scheduleMerge(): void {
    if (this.#isStopped) return;
    this.#mergeTimer ??= this.clock.after(MERGE_EVERY, () => {
      this.#mergeTimer = undefined;
      runInBackground(this.#merge(), this.log, 'Merging the keys of delivered events');
    });
  }

  async #merge(): Promise<void> {
    const at = this.clock.monotonic();
    const [recent, small] = [this.#recent, this.#small];
    this.#recent = [];
    this.#recentCount = 0;
    this.#small = [];
    if (recent.length > 0) await this.#replace(small, merged(recent), at);
    const oldest = at - this.keepFor();
    for (const written of this.#merged) if (written.at < oldest) this.store.removeKeys(written.sequence);
    this.#merged = this.#merged.filter((written) => written.at >= oldest);
    if (this.#merged.length > 0 || this.#small.length > 0) this.#scheduleMerge();
  }

  /** Writes one record in place of the small ones, or leaves them for the next merge. */
  async #replace(small: readonly number[], keys: Keys, at: number): Promise<void> {
    try {
      this.#merged.push({ sequence: await this.store.appendKeys(keys), at });
      for (const sequence of small) this.store.removeKeys(sequence);
    } catch {
      // The log reports why.
      this.#small.push(...small);
      this.#remember(keys);
      this.#scheduleMerge();
    }
  }
}

function restoreKeys(deduplicator: Deduplicator, channel: string, event: string, numbers: unknown): void {
  const list: readonly unknown[] = Array.isArray(numbers) ? numbers : [];
  for (let at = 0; at + 3 < list.length; at += 4) {
    const [version, id, edit, index] = list.slice(at, at + 4);
    const source = typeof index === 'number' ? EVENT_SOURCES[index] : undefined;
    if (typeof version !== 'number' || typeof id !== 'number' || typeof edit !== 'number' || !source) return;
    deduplicator.add(channel, event, { version, id, edit }, source);
  }
}

function countOf(keys: Keys): number {
  let numbers = 0;
  for (const events of Object.values(keys)) for (const list of Object.values(events)) numbers += list.length;
  return numbers / 4;
}

function merged(all: readonly Keys[]): Keys {
  const lists = new Map<string, Map<string, number[][]>>();
  for (const keys of all) {
    for (const [channel, events] of Object.entries(keys)) {
      const known = lists.get(channel) ?? new Map<string, number[][]>();
      lists.set(channel, known);
      for (const [event, numbers] of Object.entries(events)) {
        const list = known.get(event);
        if (list) list.push(numbers);
        else known.set(event, [numbers]);
      }
    }
  }
  const none: number[] = [];
  // Lists are copied as a whole: number by number, it takes ten times as long.
  const joined = ([event, all]: [string, number[][]]): [string, number[]] => [event, none.concat(...all)];
  return Object.fromEntries(
    [...lists].map(([channel, known]) => [channel, Object.fromEntries([...known].map(joined))]),
  );
}

import { isDeepStrictEqual } from 'node:util';
import { giveWay, type Clock } from '../clock';
import { entriesOf, isRecord } from '../events/json';
import type { EventKey, EventSource } from '../events';
import type { Log } from '../log';
import type { Deduplicator } from './deduplicator';
import { InboxStore } from './inbox-store';
import { KeyJournal } from './key-journal';
import type { Retention } from './retention';
import type { RecordLog } from './stored-values';

/** What tells an inbox where to go on, as the beginnings of names. The last one is written last: without it, nothing counts. */
const POSITION = ['channels', 'chats/', 'gap/', 'subscriber/', 'received'] as const;
/** The name of what is noted of the shared records. */
const SHARED = 'shared';

/** What an instance knows of the records that it shares, or has shared. */
export interface SharedNote {
  /** True while the own records are a copy of the shared ones: there is nothing in them that the others do not know. */
  readonly isCopy: boolean;
  /** Until when was received, by the shared records, when they were copied last; in unix seconds. */
  readonly received?: number;
  /** How many events wait there that no instance takes any more. */
  readonly waiting: number;
}

export interface OwnStateOptions {
  readonly records: RecordLog;
  readonly scope: string;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly log: Log;
  /** How long keys are needed, in ms. */
  readonly keepFor: () => number;
}

/**
 * The own records of an inbox that shares others with other instances. What it has left there before it shared anything
 * goes into the shared records once. From then on the own ones are a copy, from which it goes on when it shares no longer.
 */
export class OwnState {
  readonly store: InboxStore;
  readonly #journal: KeyJournal;
  /** The values of the position. */
  readonly #position = new Map<string, unknown>();
  #note: SharedNote | undefined;
  /** True if all that is here is in the shared records, too. */
  #isKnown = false;

  constructor(private readonly options: OwnStateOptions) {
    const { records, scope, retention, clock, log, keepFor } = options;
    // What is a dead letter is reported when nothing is shared any more.
    this.store = new InboxStore(records, scope, log, { retention, clock, onRemoved: () => undefined });
    this.#journal = new KeyJournal(this.store, clock, log, keepFor);
  }

  /** Reads what was left here. @param account its id at ChatApp, if it is known */
  async open(account: string | undefined, deduplicator: Deduplicator): Promise<void> {
    const { store, options } = this;
    // What cannot be read is as if nothing had been left.
    await store.load(giveWay(options.clock)).catch(() => undefined);
    const stored = store.savedValue('account');
    if (account !== undefined && stored !== account) {
      // Another account has nothing to inherit.
      if (stored !== undefined) await store.clear();
      await store.put('account', account);
    }
    this.#note = readNote(store.savedValue(SHARED));
    for (const prefix of POSITION)
      for (const [rest, value] of store.saved(prefix)) this.#position.set(prefix + rest, value);
    this.#isKnown = this.#note?.isCopy === true || !this.#position.has('received');
    this.#journal.restore(deduplicator);
  }

  /** The event is in the shared records, or was delivered. */
  addKey(channel: string, event: string, key: EventKey, source: EventSource): void {
    this.#journal.add(channel, event, key, source);
  }

  /**
   * Brings what was left here into the shared records, which were just read: the later time until which was received, all
   * gaps, channels, chats and subscribers. If nobody has written there since they were copied, these values replace them.
   */
  async giveTo(shared: InboxStore): Promise<void> {
    if (this.#isKnown) return;
    const [own, others] = [this.#position.get('received'), shared.savedValue('received')];
    const isReplaced = others !== undefined && others === this.#note?.received;
    const isLater = typeof own === 'number' && (typeof others !== 'number' || own > others);
    let isWritten = true;
    for (const prefix of POSITION) {
      const known = shared.saved(prefix);
      for (const [rest, value] of valuesOf(this.#position, prefix)) {
        const theirs = known.get(rest);
        const merged = isReplaced || theirs === undefined ? value : mergedValue(prefix, value, theirs, isLater);
        if (isDeepStrictEqual(merged, theirs)) continue;
        shared.adopt(prefix + rest, merged);
        isWritten = (await shared.put(prefix + rest, merged)) && isWritten;
      }
      if (!isReplaced) continue;
      for (const rest of known.keys())
        if (!this.#position.has(prefix + rest)) await shared.put(prefix + rest, undefined);
    }
    this.#isKnown = isWritten;
  }

  /**
   * Copies the shared values. Nothing happens while what was left here is not in the shared records.
   * @param waiting see `SharedNote`
   */
  async copy(shared: ReadonlyMap<string, unknown>, waiting: number): Promise<void> {
    if (!this.#isKnown) return;
    for (const prefix of POSITION) {
      const values = valuesOf(shared, prefix);
      for (const [rest, value] of values) await this.#put(prefix + rest, value);
      for (const rest of valuesOf(this.#position, prefix).keys())
        if (!values.has(rest)) await this.#put(prefix + rest, undefined);
    }
    const received = shared.get('received');
    const note: SharedNote = { isCopy: true, waiting, ...(typeof received === 'number' && { received }) };
    if (!isDeepStrictEqual(note, this.#note)) await this.store.put(SHARED, note);
    this.#note = note;
    await this.flush();
  }

  async flush(): Promise<void> {
    await this.#journal.flush();
    await this.store.flush();
  }

  async close(): Promise<void> {
    this.#journal.stop();
    this.store.stop();
    await this.flush();
  }

  async #put(name: string, value: unknown): Promise<void> {
    if (isDeepStrictEqual(value, this.#position.get(name))) return;
    if (value === undefined) this.#position.delete(name);
    else this.#position.set(name, value);
    await this.store.put(name, value);
  }
}

/**
 * The inbox shares nothing any more: from now on its records are its own. Resolves with how many events wait where it has
 * shared them.
 */
export async function endSharing(store: InboxStore): Promise<number> {
  const note = readNote(store.savedValue(SHARED));
  if (!note?.isCopy) return 0;
  await store.put(SHARED, { ...note, isCopy: false });
  return note.waiting;
}

function readNote(value: unknown): SharedNote | undefined {
  if (!isRecord(value)) return undefined;
  const { isCopy, received, waiting } = value;
  return {
    isCopy: isCopy === true,
    waiting: typeof waiting === 'number' ? waiting : 0,
    ...(typeof received === 'number' && { received }),
  };
}

/** The values whose names begin with `prefix`, by the rest of the name. */
function valuesOf(values: ReadonlyMap<string, unknown>, prefix: string): Map<string, unknown> {
  const found = [...values].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** @param isLater true if `own` belongs to those who have received until later */
function mergedValue(prefix: (typeof POSITION)[number], own: unknown, others: unknown, isLater: boolean): unknown {
  if (prefix === 'gap/') return mergedGap(own, others);
  if (prefix === 'channels' || prefix === 'chats/') return [...new Set([...listOf(others), ...listOf(own)])];
  return isLater ? own : others;
}

/** A gap with the earlier beginning, in which each chat was fetched until the later time. */
function mergedGap(one: unknown, other: unknown): unknown {
  const gaps = [one, other].filter(isRecord);
  const chats: Record<string, number> = {};
  for (const [chat, time] of gaps.flatMap((gap) => entriesOf(gap.chats)))
    if (typeof time === 'number') chats[chat] = Math.max(time, chats[chat] ?? time);
  const beginnings = gaps.flatMap(({ from }) => (typeof from === 'number' ? [from] : []));
  return { from: Math.min(...beginnings), chats };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

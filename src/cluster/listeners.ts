import type { KvWatchEntry } from '@nats-io/kv';
import type { Clock, Timer } from '../clock';
import { isRecord, parseJson } from '../events/json';
import { runInBackground, type Log } from '../log';
import { retried } from '../retry-delay';
import { KvWatch } from './kv-watch';
import { token } from './names';
import type { ReadyNats } from './nats-client';
import { readSharedListener, type SharedListener } from './shared-listener';

const PREFIX = 'listeners.';
/** How soon a write that has failed is tried again, in ms. */
const RETRY_AFTER = 500;
/**
 * How long after the last instance had a listener it is forgotten, in ms: `removed` by a deploy, since not all instances
 * are deployed at once; `missing` at a start, since the change may be undone.
 */
const FORGET_AFTER = { removed: 60_000, missing: 24 * 3_600_000 };
const CHECK_EVERY = 5_000;

export interface ListenersOptions {
  /** True if a living instance has the listener; this one counts, too. */
  readonly isThere: (listener: string) => boolean;
  /** True while this instance leads: only the leader forgets listeners. */
  readonly leads: () => boolean;
  /** Removes what is pending for a listener that is about to be forgotten. */
  readonly drop: (id: string) => Promise<void>;
  /** An instance has the listener, with this filter; `undefined` if it was forgotten. */
  readonly onListener: (id: string, listener: SharedListener | undefined) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** How it became known that an instance does not have a listener any more. */
type Absence = keyof typeof FORGET_AFTER;

/** A listener in the bucket. */
interface Known {
  /** The later one is the newer. */
  readonly revision: number;
  readonly listener: SharedListener;
  readonly absence: Absence | undefined;
}

/** The listeners of all instances. For each one, the filter counts that was written last. */
export class Listeners {
  readonly #watch: KvWatch;
  readonly #known = new Map<string, Known>();
  /** Those of this instance. */
  readonly #own = new Map<string, SharedListener>();
  /** Since when no instance has those that are absent, in ms (monotonic). */
  readonly #goneSince = new Map<string, number>();
  readonly #end = new AbortController();
  #timer: Timer | undefined;

  constructor(
    private readonly nats: Pick<ReadyNats, 'connection' | 'kv'>,
    private readonly options: ListenersOptions,
  ) {
    const { clock, log } = options;
    this.#watch = new KvWatch(nats.kv, { key: `${PREFIX}>`, clock, log, onEntry: (entry) => this.#onEntry(entry) });
  }

  start(): void {
    this.#watch.start();
    runInBackground(this.#watchAgain(), this.options.log, 'Watching the listeners of all instances');
    this.#checkLater();
  }

  /** Those that the leader has to receive events for. */
  get all(): SharedListener[] {
    return [...this.#known.values()].map(({ listener }) => listener);
  }

  /** Writes a listener of this instance, however long NATS is away. Resolves with the version of its filter. */
  set(listener: SharedListener): Promise<number> {
    this.#own.set(listener.id, listener);
    // It writes the latest filter, whichever call comes last.
    const write = (): Promise<number> => this.#write(this.#own.get(listener.id) ?? listener);
    return retried(write, RETRY_AFTER, this.options.clock, this.#end.signal);
  }

  /** This instance does not have the listener any more; it may come back. */
  leave(id: string): void {
    this.#own.delete(id);
  }

  /** Notes that this instance has removed the listener: it is forgotten as soon as no other one has it. */
  async remove(id: string): Promise<void> {
    this.leave(id);
    const known = this.#known.get(id);
    if (known) await this.#write(known.listener, 'removed');
  }

  /**
   * Notes the listeners that no living instance and no flow here has. Those that were missing at an earlier start, too, are
   * removed.
   */
  async forgetMissing(isThere: (listener: string) => boolean): Promise<void> {
    for (const [id, { listener, absence }] of this.#known) {
      if (this.options.isThere(id) || isThere(id)) continue;
      await this.#write(listener, absence === undefined ? 'missing' : 'removed');
    }
  }

  stop(): void {
    this.#end.abort(new Error('stopped'));
    this.#timer?.cancel();
    this.#watch.stop();
  }

  async #write(listener: SharedListener, absence?: Absence): Promise<number> {
    const key = PREFIX + token(listener.id);
    const entry = await this.nats.kv.get(key);
    const known = entry && knownIn(entry);
    const isSame = known && JSON.stringify(known.listener) === JSON.stringify(listener);
    if (isSame && known.absence === absence) return known.revision;
    const value = JSON.stringify({ ...listener, ...(absence && { absence }) });
    return this.nats.kv.put(key, value, { previousSeq: entry?.revision ?? 0 });
  }

  /** For a watch that goes on after an outage, a NATS that was killed may skip changes. */
  async #watchAgain(): Promise<void> {
    for await (const { type } of this.nats.connection.status()) {
      if (this.#end.signal.aborted) return;
      if (type === 'reconnect') this.#watch.reopen();
    }
  }

  #onEntry(entry: KvWatchEntry): void {
    const known = entry.operation === 'PUT' ? knownIn(entry) : undefined;
    if (known) {
      const { id } = known.listener;
      const former = this.#known.get(id);
      this.#known.set(id, known);
      if (JSON.stringify(former?.listener) !== JSON.stringify(known.listener))
        this.options.onListener(id, known.listener);
      return;
    }
    if (entry.operation === 'PUT') return this.options.log.warn('A listener of another instance cannot be read');
    for (const id of this.#known.keys()) if (PREFIX + token(id) === entry.key) this.#forget(id);
  }

  #forget(id: string): void {
    this.#known.delete(id);
    this.#goneSince.delete(id);
    this.options.onListener(id, undefined);
  }

  #checkLater(): void {
    this.#timer = this.options.clock.after(CHECK_EVERY, () => {
      this.#check();
      const watched = this.#checkWatch().catch(() => undefined);
      runInBackground(watched, this.options.log, 'Checking the listeners of all instances');
      this.#checkLater();
    });
  }

  #check(): void {
    const { isThere, leads, clock, log } = this.options;
    const now = clock.monotonic();
    for (const [id, known] of this.#known) {
      const { absence } = known;
      if (absence === undefined || isThere(id)) {
        this.#goneSince.delete(id);
        continue;
      }
      const since = this.#goneSince.get(id) ?? now;
      this.#goneSince.set(id, since);
      if (leads() && now - since >= FORGET_AFTER[absence])
        runInBackground(this.#drop(id, known), log, 'Forgetting a listener');
    }
  }

  /** The bucket may have been removed: then the watch stays silent, and what this instance has written is gone. */
  async #checkWatch(): Promise<void> {
    const [id] = this.#own.keys();
    if (id === undefined) return;
    const known = this.#known.get(id);
    const entry = await this.nats.kv.get(PREFIX + token(id));
    if ((known && entry?.revision === known.revision) || this.#known.get(id) !== known) return;
    this.#watch.reopen();
    for (const listener of this.#own.values()) await this.#write(listener);
  }

  async #drop(id: string, { revision }: Known): Promise<void> {
    try {
      await this.options.drop(id);
      await this.nats.kv.delete(PREFIX + token(id), { previousSeq: revision });
    } catch {
      // It is tried again at the next check, unless an instance has the listener again.
    }
  }
}

function knownIn(entry: { readonly revision: number; string(): string }): Known | undefined {
  const value = parseJson(entry.string());
  const listener = readSharedListener(value);
  const absence = isRecord(value) ? value.absence : undefined;
  return listener && { revision: entry.revision, listener, absence: isAbsence(absence) ? absence : undefined };
}

function isAbsence(value: unknown): value is Absence {
  return value === 'removed' || value === 'missing';
}

import type { KvWatchEntry } from '@nats-io/kv';
import type { Clock, Timer } from '../clock';
import { within } from '../deadline';
import { runInBackground, type Log } from '../log';
import { assignPartitions } from './assignment';
import {
  claimsIn,
  filterIn,
  isSame,
  NO_STATE,
  readHeartbeat,
  writeHeartbeat,
  type Heartbeat,
  type MemberListener,
  type MemberState,
} from './heartbeat';
import { Holds } from './holds';
import { KvWatch } from './kv-watch';
import { token } from './names';
import type { ReadyNats } from './nats-client';

const PREFIX = 'members.';

/** How often each instance writes its heartbeat, in ms. */
const BEAT_EVERY = 1_000;
const ANSWER_WITHIN = 1_000;
/** An instance is out if its last confirmed heartbeat is older than this, in ms: before others count it as dead. */
const OUT_AFTER = 1_500;
/** A member is dead after this time without a heartbeat, in ms. */
const DEAD_AFTER = 1_600;
/** An own heartbeat that was sent so long after a member's was seen is shown after the member's next one, in ms. */
const BEAT_OVERDUE = BEAT_EVERY + 200;
/** How long NATS waits for an acknowledgement before it delivers an event again, in ms. */
export const ACK_WAIT = 1_200;
/** What was received until now is delivered again within this time, in ms. */
const REDELIVERED_AFTER = ACK_WAIT + 50;
const CHECK_EVERY = 100;
/** A watch is dead if the latest own heartbeat that it has shown was sent so long ago, in ms. */
const WATCH_DEAD_AFTER = 3_000;
/** How long after a member's end its key is removed, in ms. */
const REMOVE_AFTER = 60_000;

interface Member {
  readonly state: MemberState;
  /** When its latest heartbeat was seen, in ms (monotonic). */
  seenAt: number;
  isDead: boolean;
}

/** What is called for a listener: when its partitions may have changed, and as soon as this instance is out. */
export interface MemberObserver {
  onChange(): void;
  onOut(): void;
}

export interface MembersOptions {
  /** The id of this run. */
  readonly instance: string;
  /** How long events are to be kept, in hours. */
  readonly keepHours: number;
  readonly clock: Clock;
  readonly log: Log;
  /** `count` or `maxKeepHours` may have changed. */
  readonly onChange: () => void;
}

/**
 * The instances that are alive, and which of them consumes which partition of a listener. Each writes a heartbeat that the
 * others see. Silence is measured by the own monotonic clock: no clocks of two machines are compared.
 */
export class Members {
  readonly #id: string;
  readonly #watch: KvWatch;
  readonly #own = new Map<string, MemberListener>();
  readonly #others = new Map<string, Member>();
  readonly #observers = new Set<MemberObserver>();
  readonly #holds = new Holds();
  #epoch = 0;
  #joined: number | undefined;
  #isIn = false;
  /** What the watch has shown last of this instance, and when that was sent, in ms (monotonic). */
  #visible = NO_STATE;
  #visibleAt = -Infinity;
  /** When the last heartbeat that was confirmed was sent, in ms (monotonic). */
  #confirmedAt = -Infinity;
  #reopenedAt = -Infinity;
  #writing: Promise<void> | undefined;
  #isWriteDue = false;
  #isStopped = false;
  #beatTimer: Timer | undefined;
  #checkTimer: Timer | undefined;

  constructor(
    private readonly nats: Pick<ReadyNats, 'kv' | 'manager' | 'names'>,
    private readonly options: MembersOptions,
  ) {
    const { instance, clock, log } = options;
    this.#id = token(instance);
    this.#watch = new KvWatch(nats.kv, { key: `${PREFIX}>`, clock, log, onEntry: (entry) => this.#onEntry(entry) });
  }

  start(): void {
    this.#watch.start();
    this.#write();
    this.#checkLater();
  }

  /** The id of this run, as the others know it. */
  get id(): string {
    return this.#id;
  }

  /** How many instances are alive, with this one. */
  get count(): number {
    return this.#living.length + 1;
  }

  /** True if a living instance has joined before this one: it has received events that this one has not. */
  get hasElder(): boolean {
    const own = this.#joined ?? Infinity;
    return this.#living.some(([, { state }]) => (state.joined ?? Infinity) < own);
  }

  /** The longest that one of them wants events to be kept, in hours. */
  get maxKeepHours(): number {
    return Math.max(this.options.keepHours, ...this.#living.map(([, { state }]) => state.keepHours));
  }

  /**
   * False if others may count this instance as dead, by the monotonic clock, however late timers are. As soon as that is
   * known, its claims are void and the observers are called.
   */
  isIn(): boolean {
    if (this.#isIn && !this.#isConfirmed) this.#goOut();
    return this.#isIn;
  }

  /** From now on this instance has the listener, with this version of its filter, or with another one. The result ends that. */
  join(listener: string, filter: number, observer: MemberObserver): () => void {
    this.#own.set(listener, { filter, claims: this.#own.get(listener)?.claims ?? [] });
    this.#observers.add(observer);
    this.#write();
    return () => {
      this.#own.delete(listener);
      this.#observers.delete(observer);
      this.#write();
    };
  }

  /** True if a living member has the listener, or this instance. */
  has(listener: string): boolean {
    return this.newestFilter(listener) > -Infinity;
  }

  /** The version of the newest filter that a living member has for the listener. */
  newestFilter(listener: string): number {
    const others = this.#living.map(([, { state }]) => filterIn(state, listener));
    return Math.max(this.#own.get(listener)?.filter ?? -Infinity, ...others);
  }

  /** The partitions that this instance has to consume: the members with the newest filter share them. */
  assigned(listener: string, partitions: number): ReadonlySet<number> {
    const newest = this.newestFilter(listener);
    const others = this.#living.filter(([, { state }]) => filterIn(state, listener) === newest);
    const ids = others.map(([id]) => id);
    if (this.#own.get(listener)?.filter === newest) ids.push(this.#id);
    const owners = assignPartitions(listener, partitions, ids);
    return new Set([...owners.keys()].filter((partition) => owners[partition] === this.#id));
  }

  /** Replaces the partitions that this instance claims. */
  claim(listener: string, claims: readonly number[]): void {
    const own = this.#own.get(listener);
    if (!own) return;
    this.#own.set(listener, { ...own, claims });
    this.#write();
  }

  /**
   * True if all others see that this instance claims the partition, none of them does, and no member that is gone has left
   * events there that NATS has not delivered again.
   */
  mayConsume(listener: string, partition: number): boolean {
    const isVisible = this.#visible.epoch === this.#epoch && claimsIn(this.#visible, listener).includes(partition);
    const isHeld = this.#holds.has(listener, partition);
    return this.isIn() && isVisible && !isHeld && !this.isClaimedByOther(listener, partition);
  }

  isClaimedByOther(listener: string, partition: number): boolean {
    return this.#living.some(([, { state }]) => claimsIn(state, listener).includes(partition));
  }

  /** The others take over at once: release all that was consumed before. Nothing is called any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#beatTimer?.cancel();
    this.#checkTimer?.cancel();
    this.#watch.stop();
    await this.#writing;
    // Without NATS, others count this instance as dead.
    await within(this.options.clock, ANSWER_WITHIN, this.nats.kv.purge(PREFIX + this.#id)).catch(() => undefined);
  }

  get #isConfirmed(): boolean {
    return this.options.clock.monotonic() - this.#confirmedAt < OUT_AFTER;
  }

  get #living(): [string, Member][] {
    return [...this.#others].filter(([, { isDead }]) => !isDead);
  }

  #write(): void {
    if (this.#isStopped) return;
    this.#isWriteDue = true;
    if (this.#writing) return;
    this.#writing = this.#beat().finally(() => {
      this.#writing = undefined;
      if (this.#isWriteDue) this.#write();
    });
    runInBackground(this.#writing, this.options.log, 'Writing the heartbeat');
  }

  async #beat(): Promise<void> {
    const { clock, keepHours } = this.options;
    this.#beatTimer?.cancel();
    this.#isWriteDue = false;
    const sent = clock.monotonic();
    const joined = this.#joined;
    const state = { epoch: this.#epoch, keepHours, ...(joined !== undefined && { joined }), listeners: this.#own };
    try {
      const revision = await this.nats.kv.put(PREFIX + this.#id, writeHeartbeat({ sent, state }), {
        timeout: ANSWER_WITHIN,
      });
      this.#joined ??= revision;
      this.#confirmedAt = sent;
      if (!this.#isIn && this.#isConfirmed) this.#goIn();
    } catch {
      // What is wrong with NATS is reported by its client.
    }
    const wait = Math.max(CHECK_EVERY, sent + BEAT_EVERY - clock.monotonic());
    if (!this.#isStopped) this.#beatTimer = clock.after(wait, () => this.#write());
  }

  #goIn(): void {
    const now = this.options.clock.monotonic();
    this.#isIn = true;
    // Nothing was seen of them meanwhile.
    for (const [, member] of this.#living) member.seenAt = now;
    // A server that was started again counts `ACK_WAIT` from then on.
    this.#holds.extend(now + REDELIVERED_AFTER);
    this.#notify();
  }

  #goOut(): void {
    const until = this.options.clock.monotonic() + REDELIVERED_AFTER;
    this.#isIn = false;
    this.#holds.add(this.#own, until);
    this.#epoch += 1;
    for (const [listener, own] of this.#own) this.#own.set(listener, { ...own, claims: [] });
    this.options.log.debug('This instance could not write its heartbeat in time');
    for (const observer of this.#observers) observer.onOut();
    this.#notify();
  }

  #onEntry(entry: KvWatchEntry): void {
    if (this.#isStopped) return;
    const id = entry.key.slice(PREFIX.length);
    const isEnd = entry.operation !== 'PUT';
    const heartbeat = isEnd ? undefined : readHeartbeat(entry.string());
    if (id === this.#id) return this.#onOwnBeat(heartbeat);
    const known = this.#others.get(id);
    const now = this.options.clock.monotonic();
    if (isEnd) {
      this.#others.set(id, { state: NO_STATE, seenAt: now, isDead: true });
      if (known && !known.isDead) this.#notify();
      return;
    }
    if (!heartbeat) return;
    const { state } = heartbeat;
    this.#others.set(id, { state, seenAt: now, isDead: false });
    if (known && known.state.epoch !== state.epoch) this.#holdOf(known);
    if (!known || known.isDead || !isSame(known.state, state)) this.#notify();
  }

  #onOwnBeat(heartbeat: Heartbeat | undefined): void {
    if (!heartbeat) return;
    const { state, sent } = heartbeat;
    const isNew = !isSame(this.#visible, state);
    this.#visible = state;
    this.#visibleAt = sent;
    if (isNew) this.#notify();
  }

  #holdOf({ state, seenAt, isDead }: Member): void {
    // A busy process may receive events until it counts as dead, however late its heartbeats are.
    if (!isDead) this.#holds.add(state.listeners, seenAt + DEAD_AFTER + REDELIVERED_AFTER);
  }

  #checkLater(): void {
    this.#checkTimer = this.options.clock.after(CHECK_EVERY, () => {
      if (this.isIn()) this.#check();
      this.#checkLater();
    });
  }

  #check(): void {
    const now = this.options.clock.monotonic();
    let isChanged = false;
    for (const [, member] of this.#living) {
      // A member is silent only if the watch works: it must have shown an own heartbeat that was sent later.
      const isSilent = now - member.seenAt >= DEAD_AFTER && this.#visibleAt - member.seenAt >= BEAT_OVERDUE;
      if (!isSilent) continue;
      this.#holdOf(member);
      member.isDead = true;
      isChanged = true;
    }
    if (this.#holds.removeEnded(now)) isChanged = true;
    if (isChanged) this.#notify();
    if (now - Math.max(this.#visibleAt, this.#reopenedAt) >= WATCH_DEAD_AFTER) {
      this.#reopenedAt = now;
      this.#watch.reopen();
    }
    for (const [id, { isDead, seenAt }] of this.#others) if (isDead && now - seenAt >= REMOVE_AFTER) this.#remove(id);
  }

  /** Purges the key: a deleted one still takes room, one for each run of any instance. */
  #remove(id: string): void {
    const { manager, names } = this.nats;
    this.#others.delete(id);
    const filter = `$KV.${names.bucket}.${PREFIX}${id}`;
    const removed = manager.streams.purge(`KV_${names.bucket}`, { filter }).catch(() => undefined);
    runInBackground(removed, this.options.log, 'Removing an old heartbeat');
  }

  #notify(): void {
    for (const observer of this.#observers) observer.onChange();
    this.options.onChange();
  }
}

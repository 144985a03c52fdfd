import { giveWay, type Clock } from '../clock';
import { within } from '../deadline';
import { ChatAppError } from '../errors';
import type { Log } from '../log';
import type { Notice } from '../notice';
import type { Accepted } from './channel-inbox';
import { BurstLimiter } from './burst-limiter';
import { Deduplicator } from './deduplicator';
import { readEarlierPositions } from './earlier-positions';
import { DEAD_LETTERS } from './dead-letters';
import { GapIncidents } from './gap-incidents';
import { Gaps } from './gaps';
import { InboxStore } from './inbox-store';
import { KeyJournal } from './key-journal';
import { endSharing, OwnState } from './own-state';
import { MEGABYTE, type Retention } from './retention';
import { SeenChats } from './seen-chats';
import type { RecordLog } from './stored-values';
import type { Subscriber } from './subscriber';
import { Unsecured } from './unsecured';

/** How long opening waits until it is known whose account this is, in ms. */
const ACCOUNT_WITHIN = 5_000;

/** How long a burst of events waits until those before it are stored, in ms. */
const STORED_WITHIN = 1_000;

export interface InboxStateOptions {
  /** Absent if nothing outlives the process. */
  readonly records?: RecordLog;
  /**
   * True if other instances use the same records: they are read when this one begins to write. Keys need no record there,
   * since the others read them where events are published.
   */
  readonly isShared?: true;
  /** The own records of an instance whose `records` are shared: what it has left there, and where it goes on later. */
  readonly ownRecords?: RecordLog;
  /** Tells the records of this connection from those of others. */
  readonly scope: string;
  /** The positions that a version before the inbox has left. */
  readonly earlierPositions?: () => Promise<string | undefined>;
  /** The account's id at ChatApp; `undefined` if that cannot be found out now. */
  readonly findAccount?: () => Promise<string | undefined>;
  /** How far back messages are fetched, in hours. */
  readonly hours: number;
  readonly hasWebhooks: boolean;
  readonly retention: Retention;
  /** True while nothing can be stored. */
  readonly isUnstored: () => boolean;
  /** `RECOVERY_FAILED`: dead letters were removed. */
  readonly onError: (error: ChatAppError) => void;
  /** `gapOpened`, `gapClosed` */
  readonly onNotice: (notice: Notice) => void;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an inbox knows of what it has received and delivered, and what of that outlives the process. */
export class InboxState {
  readonly store: InboxStore;
  readonly gaps: Gaps;
  readonly seenChats: SeenChats;
  readonly deduplicator: Deduplicator;
  readonly unsecured: Unsecured;
  readonly bursts: BurstLimiter;
  /** Present if the records are shared and it has others of its own. */
  readonly own: OwnState | undefined;
  readonly #journal: KeyJournal;
  readonly #incidents: GapIncidents;
  /** The account's id at ChatApp, once it is known. */
  #account: string | undefined;

  constructor(private readonly options: InboxStateOptions) {
    const { records, ownRecords, scope, hours, hasWebhooks, retention, serverTime, clock, log } = options;
    const onRemoved = (count: number): void => options.onError(removedError(count, retention.hours));
    this.store = new InboxStore(records, scope, log, { retention, clock, onRemoved });
    this.#incidents = new GapIncidents(clock, options.onNotice);
    this.gaps = new Gaps({
      incidents: this.#incidents,
      store: this.store,
      serverTime,
      knownTime: () => retention.time,
      clock,
      log,
    });
    this.seenChats = new SeenChats({ store: this.store, clock, log });
    this.deduplicator = new Deduplicator({
      clock,
      hasWebhooks,
      recoverHours: hours,
      gapSince: () => this.gaps.beganAt,
      onLimit: (limit) => log.warn(`More than ${limit} recent events: late repeats of the oldest are not recognised`),
    });
    const keepFor = (): number => this.deduplicator.keepFor;
    this.#journal = new KeyJournal(this.store, clock, log, keepFor);
    this.own = ownRecords && new OwnState({ records: ownRecords, scope, retention, clock, log, keepFor });
    this.unsecured = new Unsecured(clock);
    this.bursts = new BurstLimiter(() => this.#storeDelivered());
  }

  /** Reads what an earlier run has left for this account. */
  async open(): Promise<void> {
    if (this.options.isShared) return this.own?.open(await this.#findAccount(), this.deduplicator);
    // What cannot be read is reported by the storage. Events are received all the same.
    await this.store.load(giveWay(this.options.clock)).catch(() => undefined);
    if (await this.isOtherAccount()) await this.clear();
    const count = await endSharing(this.store);
    if (count > 0) this.options.onError(ChatAppError.of('RECOVERY_FAILED', 'leftBehind', { count }));
    this.gaps.restore();
    this.seenChats.restore();
    this.#journal.restore(this.deduplicator);
    if (this.store.savedValue('received') === undefined) await this.#adoptEarlierPositions();
  }

  /**
   * Reads again what is stored: until now another instance has written it.
   * @param isReceivedSince see `Gaps.restore`
   * @param until see `Gaps.restore`
   * @throws StorageError if it cannot be read
   */
  async reload(isReceivedSince: (channel: string, time: number) => boolean, until: number): Promise<void> {
    await this.store.reload();
    await this.own?.giveTo(this.store);
    this.gaps.clear();
    this.seenChats.clear();
    this.gaps.restore(isReceivedSince, until);
    this.seenChats.restore();
  }

  /** True if it is known now that what is stored belongs to another account. */
  async isOtherAccount(): Promise<boolean> {
    if (this.#account !== undefined || this.options.isShared) return false;
    const account = await this.#findAccount();
    if (account === undefined) return false;
    this.#account = account;
    const stored = this.store.savedValue('account');
    if (typeof stored === 'string') return stored !== account;
    await this.store.put('account', account);
    return false;
  }

  /** Forgets all but whose account this is. */
  async clear(): Promise<void> {
    this.options.log.warn('The connection belongs to another account now: what was pending for the former is dropped');
    this.gaps.clear();
    await this.store.clear();
    await this.store.put('account', this.#account);
  }

  /** What an earlier run has left of a subscriber. */
  restore(subscriber: Subscriber): void {
    subscriber.restore(this.store.savedValue(`subscriber/${subscriber.id}`));
  }

  /** Resolves when it is stored, or cannot be. A subscriber without a name of its own is another one next time. */
  async save(subscriber: Subscriber): Promise<void> {
    if (subscriber.listener.id !== undefined) await this.store.put(`subscriber/${subscriber.id}`, subscriber.toJSON());
  }

  async forget(subscriber: string): Promise<void> {
    await this.store.put(`subscriber/${subscriber}`, undefined);
  }

  /**
   * Drops what earlier runs have left for subscribers that are gone, if they were gone in an earlier run already: until
   * then somebody may undo the change. Resolves with how many events waited for them.
   */
  async forgetMissing(isThere: (subscriber: string) => boolean): Promise<number> {
    const { store } = this;
    let count = 0;
    for (const id of store.subscribers) {
      const mark = `missing/${id}`;
      const isMarked = store.savedValue(mark) !== undefined;
      if (isThere(id)) {
        if (isMarked) await store.put(mark, undefined);
      } else if (isMarked) {
        const events = store.takePending(id);
        for (const { sequence } of events) store.remove(sequence);
        count += events.length;
        await this.forget(id);
        await store.put(mark, undefined);
      } else await store.put(mark, true);
    }
    return count;
  }

  /** Stores the keys of events that no crash can lose any more. */
  storeKeys({ channel, event, source, keys }: Accepted): void {
    const { records, isShared } = this.options;
    for (const key of keys) {
      if (isShared) this.own?.addKey(channel, event, key, source);
      // If nothing outlives the process, keys are needed in memory only.
      else if (records) this.#journal.add(channel, event, key, source);
    }
  }

  /** All that ChatApp had sent until `time`, in ms (monotonic), has arrived. */
  receivedUntil(time: number): void {
    const { clock, serverTime } = this.options;
    // From the oldest event on that a crash could lose, messages are missing after it.
    const until = Math.min(time, this.unsecured.oldest ?? time);
    this.gaps.received(serverTime() - (clock.monotonic() - until) / 1_000);
  }

  /** Resolves when all is on disk, or cannot be stored. */
  async flush(): Promise<void> {
    // The keys of these events are written after them.
    await this.store.settled();
    await Promise.all([this.seenChats.flush(), this.#journal.flush(), this.gaps.flush(), this.own?.flush()]);
    await this.store.flush();
  }

  async close(): Promise<void> {
    this.#incidents.clear();
    this.#journal.stop();
    this.deduplicator.stop();
    this.store.stop();
    await this.flush();
    await this.own?.close();
  }

  /** Resolves when the keys of all that was accepted are on disk, or cannot be stored. */
  async #storeDelivered(): Promise<void> {
    const { records, isShared, isUnstored, clock } = this.options;
    // If nothing of it is stored, there is nothing to wait for.
    if (!records || isShared || isUnstored()) return;
    this.store.hurry();
    // A listener that is away for a deploy, for instance, must not hold up the others.
    await within(clock, STORED_WITHIN, this.unsecured.settled()).catch(() => undefined);
    await this.#journal.flush();
  }

  async #findAccount(): Promise<string | undefined> {
    const { findAccount, clock } = this.options;
    return findAccount && within(clock, ACCOUNT_WITHIN, findAccount()).catch(() => undefined);
  }

  async #adoptEarlierPositions(): Promise<void> {
    const text = await this.options.earlierPositions?.().catch(() => undefined);
    if (text === undefined) return;
    const listeners = new Map<string, Record<string, number>>();
    for (const { channel, receivedUntil, keys, listeners: ids } of readEarlierPositions(text)) {
      this.gaps.adopt(channel, receivedUntil);
      for (const key of keys) this.deduplicator.add(channel, 'message', key, 'history');
      for (const [id, since] of ids) listeners.set(id, { ...listeners.get(id), [channel]: since });
    }
    for (const [id, since] of listeners) this.store.adopt(`subscriber/${id}`, { since });
    await this.gaps.flush();
  }
}

function removedError(count: number, hours: number): ChatAppError {
  const { events, bytes } = DEAD_LETTERS;
  return ChatAppError.of('RECOVERY_FAILED', 'deadLetters', {
    count,
    hours,
    limit: events,
    megabytes: bytes / MEGABYTE,
  });
}

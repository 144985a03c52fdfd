import type { Clock } from '../clock';
import { EVENT_KEY_VERSION, type EventSource } from '../events';
import type { Inbox } from '../inbox/inbox';
import type { SubscriberQueue } from '../inbox/subscriber';
import type { Log } from '../log';
import { eventStreamOf } from './event-stream';
import { Follower } from './follower';
import type { KvRecords } from './kv-records';
import { Leadership } from './leadership';
import { Lease } from './lease';
import { Listeners, type ListenersOptions } from './listeners';
import { Members } from './members';
import type { ReadyNats } from './nats-client';
import { Outbox, type UnpublishedReason } from './outbox';
import type { OwnEventsOptions } from './own-events';
import { removeConsumers } from './partition-consumer';

/** How much longer an instance waits before it leads if another one has joined before, in ms. */
const LEAVE_TO_ELDER_FOR = 1_000;

export interface ClusterOptions extends Pick<ListenersOptions, 'onListener'> {
  /** The id of this run. */
  readonly instance: string;
  /** How long events are to be kept, in hours. */
  readonly keepHours: number;
  readonly inbox: Inbox;
  readonly records: KvRecords;
  /** True while this instance receives events from ChatApp. */
  readonly isConnected: () => boolean;
  /** ChatApp's time in unix seconds; `undefined` while it is not known. */
  readonly serverTime: () => number | undefined;
  /** The role of this instance, or `members`, may have changed. */
  readonly onChange: () => void;
  /** So many events were dropped that are not in NATS. */
  readonly onUnpublished: (reason: UnpublishedReason, count: number) => void;
  /** Nobody has a listener any more, for which so many events waited: they were dropped. */
  readonly onRemoved: (count: number) => void;
  /** Something could not be done in NATS; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** This instance as one of those that share the account by NATS: its parts, and how they depend on each other. */
export class Cluster {
  readonly members: Members;
  readonly listeners: Listeners;
  /** What is needed to publish events that are in no outbox. */
  readonly publishing: Omit<OwnEventsOptions, 'store' | 'onTooLarge'>;
  readonly #outbox: Outbox;
  readonly #follower: Follower;
  readonly #lease: Lease;
  readonly #leadership: Leadership;

  constructor(
    readonly nats: ReadyNats,
    private readonly options: ClusterOptions,
  ) {
    const { inbox, serverTime, isConnected } = options;
    this.members = new Members(nats, options);
    this.listeners = new Listeners(nats, {
      ...options,
      isThere: (id) => this.members.has(id),
      leads: () => this.isLeading,
      drop: (id) => this.#drop(id),
    });
    this.#follower = new Follower(nats, {
      ...options,
      onEvent: (listener, header) => this.#outbox.onPublished(listener, header),
      onOwnEvent: (id) => this.#outbox.onOwnPublished(id),
      onEarlierEvent: (listener, header) => this.#outbox.onPublishedEarlier(listener, header),
    });
    this.publishing = {
      ...options,
      stream: eventStreamOf(nats),
      followed: (sequence: number) => this.#follower.followed(sequence),
    };
    this.#outbox = new Outbox({
      ...this.publishing,
      names: nats.names,
      partitions: nats.partitions,
      serverTime,
      mayPublish: () => this.isLeading,
      takeBack: (delivery) => inbox.takeBack(delivery),
      onAllPublished: ({ channel, event, source, id, edit = 0 }) =>
        inbox.noteAccepted(channel, event, { version: EVENT_KEY_VERSION, id, edit }, asPublished(source)),
      onDropped: options.onUnpublished,
    });
    this.#lease = new Lease(nats, {
      ...options,
      // One that receives nothing leaves the lease to others, if there are any.
      mayLead: () => isConnected() || this.isAlone,
      // What has no history is lost if an instance leads that has not received it: one that is longer there goes first.
      takeoverDelay: () => (this.members.hasElder ? LEAVE_TO_ELDER_FOR : 0),
      onLead: () => this.#leadership.lead(),
      onStandby: () => this.#leadership.stepDown(),
    });
    this.#leadership = new Leadership({
      ...options,
      outbox: this.#outbox,
      follower: this.#follower,
      hasLease: () => this.#lease.leads,
    });
  }

  /** True while this instance records and publishes what all receive. */
  get isLeading(): boolean {
    return this.#leadership.isLeading;
  }

  /** The id of the run that leads, as far as the bucket says; `undefined` if none does. */
  get leader(): string | undefined {
    return this.#lease.holder;
  }

  /** True while no other instance is alive. */
  get isAlone(): boolean {
    return this.members.count === 1;
  }

  /** The inbox must be ready: an event that others have published is noted only once. Rejects if `signal` is aborted. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#leadership.start();
    // `stop` was called meanwhile: what starts now would never end.
    signal.throwIfAborted();
    this.members.start();
    this.listeners.start();
    this.#lease.start();
  }

  /** Another instance has written the shared records while this one led. */
  onOvertaken(): void {
    this.#leadership.overtaken();
  }

  /** What the inbox knows as the queue of a listener. */
  queueOf(listener: string): SubscriberQueue {
    return this.#outbox.queueOf(listener);
  }

  /** Resolves when all is published that this instance has to publish. */
  async published(): Promise<void> {
    if (this.isLeading) await this.#outbox.settled();
  }

  /** The others take over at once. */
  async stop(): Promise<void> {
    this.#outbox.close();
    this.#leadership.stop();
    this.listeners.stop();
    await Promise.all([this.#lease.release(), this.members.stop(), this.#follower.stop()]);
  }

  async #drop(listener: string): Promise<void> {
    const count = await removeConsumers(this.nats, listener);
    if (count > 0) this.options.onRemoved(count);
  }
}

/**
 * Which source stands for what another instance has published: its edits are not compared with those that the own socket
 * brings, perhaps later.
 */
function asPublished(source: EventSource): EventSource {
  return source === 'history' ? source : 'webhook';
}

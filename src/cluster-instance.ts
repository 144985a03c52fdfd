import { randomUUID } from 'node:crypto';
import { pause, type Timer } from './clock';
import { Follower } from './cluster/follower';
import { eventStreamOf } from './cluster/event-stream';
import { KvRecords } from './cluster/kv-records';
import { Leadership } from './cluster/leadership';
import { Lease } from './cluster/lease';
import { ListenerConsumers } from './cluster/listener-consumers';
import { Listeners } from './cluster/listeners';
import { LocalListener, type ClusterCircumstances } from './cluster/local-listener';
import { Members } from './cluster/members';
import type { NatsClient, ReadyNats } from './cluster/nats-client';
import { countWaiting, publishStored, takeWaiting, type OwnEventsOptions } from './cluster/own-events';
import { MAX_WAITING, Outbox, type UnpublishedReason } from './cluster/outbox';
import { removeConsumers } from './cluster/partition-consumer';
import { sharedPartOf, type SharedListener } from './cluster/shared-listener';
import { within } from './deadline';
import { Deliveries } from './delivery/deliveries';
import type { Failure, Outcome } from './delivery/outcome';
import { PendingLimits, STORED, UNSTORED } from './delivery/pending-limits';
import { ChatAppError } from './errors';
import { EVENT_KEY_VERSION, type EventSource } from './events';
import { ChosenChannels } from './inbox/chosen-channels';
import { Inbox } from './inbox/inbox';
import type { Listener, Stop } from './inbox/listener';
import { Retention } from './inbox/retention';
import type { RecordLog } from './inbox/stored-values';
import type { Subscriber, SubscriberQueue } from './inbox/subscriber';
import type { Instance, InstanceOptions } from './instance';
import { kindOf, runInBackground } from './log';
import { retried } from './retry-delay';
import { inboxNameOf } from './stored-names';

/** How long the others may take to get what this instance has received, in ms: a deploy must not wait for it. */
const CLOSE_WITHIN = 3_000;
/** How long leaving may take in all, in ms: Node-RED waits 15 s for a node. */
const LEAVE_WITHIN = 8_000;

/** How long moving the events that wait in NATS may take when this connection stops using NATS, in ms. */
const TAKE_WITHIN = 10_000;
/** How often the shared records are copied to the own store, in ms: NATS may be switched off after a crash. */
const COPY_EVERY = 30_000;
/** After how long without another instance the status says so, in ms. */
const ALONE_AFTER = 60_000;
/** How soon NATS is asked again for what it could not do, in ms. */
const RETRY_AFTER = 500;

export interface ClusterInstanceOptions extends InstanceOptions {
  readonly client: NatsClient;
  readonly keepHours: number;
  /** What this instance has stored for itself, while it did not share the account. */
  readonly ownRecords: RecordLog | undefined;
  /** True while the socket is open. */
  readonly isConnected: () => boolean;
}

/** What connects this instance with the others, once NATS can be used. */
interface Joined {
  readonly nats: ReadyNats;
  readonly members: Members;
  readonly lease: Lease;
  readonly listeners: Listeners;
  readonly follower: Follower;
  readonly outbox: Outbox;
  readonly leadership: Leadership;
  readonly publishing: Omit<OwnEventsOptions, 'store' | 'onTooLarge'>;
}

/**
 * One of several Node-REDs that share the account. All receive all events. The leader publishes them to NATS, where they
 * wait for the listeners; the instances that have a listener share its events.
 */
export class ClusterInstance implements Instance {
  readonly webhook = undefined;
  readonly #inbox: Inbox;
  readonly #deliveries: Deliveries;
  readonly #records: KvRecords;
  /** The id of this run. */
  readonly #id = randomUUID();
  readonly #locals = new Map<string, LocalListener>();
  /** What the inbox receives on behalf of all instances, by listener. */
  readonly #received = new Map<string, Stop>();
  #joined: Joined | undefined;
  #joining: Promise<Joined> | undefined;
  /** Fires when this instance has been alone for a minute; absent while it is not alone. */
  #aloneTimer: Timer | undefined;
  #isAlone = false;
  readonly #closing = new AbortController();
  /** When leaving must have ended, in ms (monotonic). */
  #endAt = Infinity;

  constructor(private readonly options: ClusterInstanceOptions) {
    const { id, account, requests, client, keepHours, ownRecords, hours, clock, random, log, onError, onEmpty } =
      options;
    const { api, session } = account;
    const scope = inboxNameOf(id);
    this.#records = new KvRecords({
      ready: () => client.ready(),
      scope,
      mayWrite: () => this.isLeading,
      onOvertaken: () => this.#joined?.leadership.overtaken(),
      onFailure: (error) => client.reportFailure(error),
      clock,
      random,
      log,
    });
    const retention = new Retention({ hours: keepHours, serverTime: () => this.#serverTime, clock });
    // Nothing is stored on this machine: the limits are those of NATS.
    const limits = new PendingLimits({ stored: STORED, unstored: UNSTORED, retention, clock, onError });
    this.#deliveries = new Deliveries({ clock, random, log, limits });
    this.#inbox = new Inbox({
      ...requests.inbox,
      records: this.#records,
      isShared: true,
      ...(ownRecords && { ownRecords }),
      findAccount: () => session.findAccountId(),
      scope,
      makeQueue: (subscriber) => this.#outboxOf(subscriber),
      serverTime: () => api.time,
      mayRecord: () => api.hasTime && this.isLeading,
      isUnstored: () => false,
      hours,
      retention,
      clock,
      random,
      log,
      onError,
      onEmpty,
    });
  }

  get receiver(): Inbox {
    return this.#inbox;
  }

  /** True while this instance records and publishes what all receive. */
  get isLeading(): boolean {
    return this.#joined?.leadership.isLeading ?? false;
  }

  listen(listener: Listener): Stop {
    const { id } = listener;
    if (id === undefined) throw new RangeError('In a cluster, a listener needs an id');
    // Throws if its ids are malformed.
    ChosenChannels.namedBy(listener.channel);
    const local = this.#resume(id, listener) ?? this.#begin(id, listener);
    local.show();
    return (how = 'now') => {
      // A later listener with this id has taken its place.
      if (this.#locals.get(id) !== local || local.listener !== listener) return;
      if (how === 'restarting') return local.leaveForDeploy();
      this.#locals.delete(id);
      const { log } = this.options;
      runInBackground(this.#end(local, how === 'forGood'), log, 'Removing a listener');
    };
  }

  settle(deliveryToken: string, outcome: Outcome, failure?: Failure): boolean {
    return this.#deliveries.settle(deliveryToken, outcome, failure);
  }

  async forgetMissing(isThere: (listener: string) => boolean): Promise<void> {
    const { listeners } = await this.#join();
    await listeners.forgetMissing(isThere);
  }

  /** Called when NATS, the role or the number of instances has changed. */
  showAll(): void {
    for (const local of this.#locals.values()) local.show();
  }

  async flush(): Promise<void> {
    await this.#inTime(this.#inbox.flush());
  }

  async leave(how: 'now' | 'forGood'): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#endAt = this.options.clock.monotonic() + LEAVE_WITHIN;
    this.#aloneTimer?.cancel();
    const locals = [...this.#locals.values()];
    this.#locals.clear();
    // What was given to flows and is not acknowledged goes to other instances at once.
    await this.#inTime(Promise.all(locals.map((local) => local.end())));
    if (this.isLeading) await this.#inTime(this.#joined?.outbox.settled());
    await this.#inTime(this.#inbox.close());
    if (!this.#joined) return;
    const { outbox, lease, leadership, listeners, members, follower } = this.#joined;
    outbox.close();
    leadership.stop();
    listeners.stop();
    const isAlone = members.count === 1;
    await this.#inTime(Promise.all([lease.release(), members.stop(), follower.stop()]));
    const left = isAlone && how === 'forGood' ? await this.#takeWaiting(locals).catch(() => undefined) : undefined;
    // Without it, the events that are left would not be reported: it has time of its own.
    await within(this.options.clock, CLOSE_WITHIN, this.#copy(left)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.options.client.close();
  }

  /**
   * Moves the waiting events to the own store: no other instance handles them, so this one delivers them without NATS.
   * Returns how many are left there.
   */
  async #takeWaiting(locals: readonly LocalListener[]): Promise<number> {
    const { nats } = await this.#join();
    const { own } = this.#inbox;
    if (!own) return 0;
    const end = new AbortController();
    const timer = this.options.clock.after(TAKE_WITHIN, () => end.abort());
    const taken = locals.map(({ id }) => takeWaiting(nats, id, own.store, end.signal));
    const left = await Promise.all(taken).finally(() => timer.cancel());
    return left.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Copies the shared records to the own store: this instance continues from there if NATS is switched off.
   * @param left how many events wait in NATS that no instance takes any more; by default, they are counted
   */
  async #copy(left?: number): Promise<void> {
    const { nats, listeners, members } = await this.#join();
    const ids = members.count === 1 ? listeners.all.map(({ id }) => id) : [];
    await this.#inbox.own?.copy(await this.#records.values(), left ?? (await countWaiting(nats, ids)));
  }

  async #copyRegularly(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await pause(this.options.clock, COPY_EVERY, signal).catch(() => undefined);
      if (signal.aborted) return;
      // While NATS is away, the earlier copy stays.
      await this.#copy().catch(() => undefined);
    }
  }

  get #serverTime(): number | undefined {
    const { api } = this.options.account;
    return api.hasTime ? api.time : undefined;
  }

  #resume(id: string, listener: Listener): LocalListener | undefined {
    const local = this.#locals.get(id);
    local?.resume(listener);
    if (local) this.#publishFilter(local);
    return local;
  }

  #begin(id: string, listener: Listener): LocalListener {
    const { clock, client, log } = this.options;
    const circumstances = (): ClusterCircumstances => ({
      nats: client.state,
      leads: this.isLeading,
      instances: this.#instances,
    });
    const share = (one: LocalListener): void => {
      // Rejects only after the end.
      const shared = this.#share(one).catch((error: unknown) =>
        log.debug(`A listener is not shared: ${kindOf(error)}`),
      );
      runInBackground(shared, log, 'Sharing a listener');
    };
    const local = new LocalListener(id, listener, clock, log, circumstances, share);
    this.#locals.set(id, local);
    share(local);
    return local;
  }

  /** Shares the listener's events with the other instances. */
  async #share(local: LocalListener): Promise<void> {
    const { clock, log } = this.options;
    const { nats, members, listeners } = await this.#join();
    const consumers = new ListenerConsumers(nats, members, {
      listener: local.id,
      filter: 0,
      isWanted: (delivery) => local.isWanted(delivery),
      keepHours: () => members.maxKeepHours,
      clock,
      log,
      onWaiting: (count) => local.noteWaiting(count),
      onError: (error) => local.reportError(error),
      onFailure: (error) => this.options.client.reportFailure(error),
    });
    // The consumers come first: what is published once they exist waits for the listener.
    await retried(() => consumers.prepare(), RETRY_AFTER, clock, local.ended);
    // These must be published before anything newer is received for the listener.
    await this.#publishStored(local);
    consumers.useFilter(await listeners.set(sharedPartOf(local.id, local.listener)));
    if (local.ended.aborted) return consumers.stop();
    const queue = this.#deliveries.open(local, consumers.store, () => members.isIn());
    consumers.start(queue);
    local.begin({ queue, useFilter: (version) => consumers.useFilter(version), stop: () => consumers.stop() });
  }

  /** What waits for a listener in the own store goes to all instances. */
  async #publishStored(local: LocalListener): Promise<void> {
    await this.#inbox.ready();
    const { own } = this.#inbox;
    const events = own?.store.takePending(local.id) ?? [];
    if (!own || events.length === 0) return;
    const { nats, publishing } = await this.#join();
    const onTooLarge = (): void => local.reportError(ChatAppError.of('RECOVERY_FAILED', 'tooLarge', { count: 1 }));
    await publishStored(nats, local.id, events, { ...publishing, store: own.store, onTooLarge }, this.#closing.signal);
  }

  #publishFilter(local: LocalListener): void {
    const set = this.#joined?.listeners.set(sharedPartOf(local.id, local.listener));
    // Rejects only after the end.
    const used = set?.then((version) => local.useFilter(version)).catch(() => undefined);
    if (used) runInBackground(used, this.options.log, 'Publishing a filter');
  }

  async #end(local: LocalListener, isRemoved: boolean): Promise<void> {
    await local.end();
    if (this.#locals.has(local.id)) return;
    this.#joined?.listeners.leave(local.id);
    if (isRemoved) await this.#joined?.listeners.remove(local.id);
  }

  #join(): Promise<Joined> {
    this.#joining ??= this.#connect();
    return this.#joining;
  }

  async #connect(): Promise<Joined> {
    const { client, clock, random, log, isConnected, keepHours } = this.options;
    const nats = await client.ready();
    const closing = this.#closing.signal;
    closing.throwIfAborted();
    const onFailure = (error: unknown): void => client.reportFailure(error);
    const common = { instance: this.#id, onFailure, clock, random, log };
    const members: Members = new Members(nats, { ...common, keepHours, onChange: () => this.#onMembers() });
    const follower: Follower = new Follower(nats, {
      ...common,
      onEvent: (listener, header) => outbox.onPublished(listener, header),
      onEarlierEvent: (listener, header) => outbox.onPublishedEarlier(listener, header),
    });
    const publishing = {
      ...common,
      stream: eventStreamOf(nats),
      followed: (sequence: number) => follower.followed(sequence),
      serverTime: () => this.#serverTime,
    };
    const outbox: Outbox = new Outbox({
      ...publishing,
      names: nats.names,
      partitions: nats.partitions,
      mayPublish: () => this.isLeading,
      takeBack: (delivery) => this.#inbox.takeBack(delivery),
      onAllPublished: ({ channel, event, source, id, edit = 0 }) =>
        this.#inbox.noteAccepted(channel, event, { version: EVENT_KEY_VERSION, id, edit }, asPublished(source)),
      onDropped: (reason, count) => this.#onDropped(reason, count),
    });
    const lease: Lease = new Lease(nats, {
      ...common,
      // One that receives nothing leaves the lease to others, if there are any.
      mayLead: () => isConnected() || members.count === 1,
      onLead: () => leadership.lead(),
      onStandby: () => leadership.stand(),
    });
    const leadership: Leadership = new Leadership({
      ...common,
      inbox: this.#inbox,
      outbox,
      follower,
      records: this.#records,
      hasLease: () => lease.leads,
      serverTime: () => this.#serverTime,
      onChange: () => this.#onMembers(),
    });
    const listeners: Listeners = new Listeners(nats, {
      ...common,
      isThere: (id) => members.has(id),
      leads: () => this.isLeading,
      drop: (id) => this.#drop(id),
      onListener: (id, listener) => this.#onListener(id, listener),
    });
    const joined = { nats, members, lease, listeners, follower, outbox, leadership, publishing };
    this.#joined = joined;
    // The inbox must be ready first: an event that others have published is noted only once.
    await this.#inbox.ready();
    await leadership.start();
    // `leave` has stopped all of them meanwhile: what starts now would never end.
    closing.throwIfAborted();
    members.start();
    listeners.start();
    lease.start();
    runInBackground(this.#copyRegularly(), log, 'Copying what the instances know together');
    return joined;
  }

  /** An instance has this listener; `undefined` if none has it any more. */
  #onListener(id: string, listener: SharedListener | undefined): void {
    const { log, onWanted } = this.options;
    const stop = this.#received.get(id);
    if (!listener) {
      this.#received.delete(id);
      return stop?.('forGood');
    }
    onWanted();
    try {
      const received = this.#inbox.add({
        ...listener,
        onItem: () => undefined,
        onStatus: (status) => this.#locals.get(id)?.onSubscriptionStatus(status),
        onError: (error) => this.#locals.get(id)?.reportError(error),
      });
      this.#received.set(id, received);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      log.warn('A listener of another instance has malformed ids');
    }
  }

  #outboxOf({ id }: Subscriber): SubscriberQueue {
    if (!this.#joined) throw new TypeError('Listeners are received when this instance has joined the cluster');
    return this.#joined.outbox.queueOf(id);
  }

  /** Nobody has the listener any more: what is pending for it is dropped. */
  async #drop(id: string): Promise<void> {
    const { nats } = await this.#join();
    const count = await removeConsumers(nats, id);
    if (count > 0) this.options.onError(ChatAppError.of('RECOVERY_FAILED', 'removed', { count }));
  }

  /** How many instances are alive; `undefined` while this one may be alone for a moment only. */
  get #instances(): number | undefined {
    const count = this.#joined?.members.count ?? 1;
    return count > 1 || this.#isAlone ? count : undefined;
  }

  #watchOthers(): void {
    const { clock, log } = this.options;
    if (this.#closing.signal.aborted) return;
    if (this.#instances !== undefined && this.#instances > 1) {
      this.#aloneTimer?.cancel();
      this.#aloneTimer = undefined;
      this.#isAlone = false;
      return;
    }
    this.#aloneTimer ??= clock.after(ALONE_AFTER, () => {
      this.#isAlone = true;
      log.warn('No other instance of this cluster is alive');
      this.showAll();
    });
  }

  #onMembers(): void {
    const { client, log } = this.options;
    this.#watchOthers();
    this.showAll();
    if (!this.isLeading || !this.#joined) return;
    const set = client.setKeepHours(this.#joined.members.maxKeepHours).catch(() => undefined);
    runInBackground(set, log, 'Setting how long events are kept');
  }

  #onDropped(reason: UnpublishedReason, count: number): void {
    const error = ChatAppError.of('RECOVERY_FAILED', reason, { count, limit: MAX_WAITING });
    for (const local of this.#locals.values()) local.reportError(error);
  }

  #inTime(job: Promise<unknown> | undefined): Promise<unknown> {
    const { clock } = this.options;
    const limit = Math.min(CLOSE_WITHIN, Math.max(0, this.#endAt - clock.monotonic()));
    return within(clock, limit, job ?? Promise.resolve()).catch(() => undefined);
  }
}

/**
 * Which source stands for what another instance has published: its edits are not compared with those that the own socket
 * brings, perhaps later.
 */
function asPublished(source: EventSource): EventSource {
  return source === 'history' ? source : 'webhook';
}

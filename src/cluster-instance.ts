import { randomUUID } from 'node:crypto';
import type { Line } from './api/lines';
import { Cluster } from './cluster/cluster';
import { InstanceCount } from './cluster/instance-count';
import { KvRecords } from './cluster/kv-records';
import { ListenerConsumers } from './cluster/listener-consumers';
import { LocalListener, type ClusterCircumstances } from './cluster/local-listener';
import type { NatsClient } from './cluster/nats-client';
import { MAX_WAITING, type UnpublishedReason } from './cluster/outbox';
import { OwnStore } from './cluster/own-store';
import { sharedPartOf, type SharedListener } from './cluster/shared-listener';
import { within } from './deadline';
import { Deliveries } from './delivery/deliveries';
import type { Failure, Outcome } from './delivery/outcome';
import { PendingLimits, STORED, UNSTORED } from './delivery/pending-limits';
import type { LineNaming } from './channels/line-names';
import { failureOf } from './error-log';
import { ChatAppError } from './errors';
import type { ClusterHealth } from './health';
import { ChosenChannels } from './inbox/chosen-channels';
import { Inbox } from './inbox/inbox';
import type { Listener, Stop } from './inbox/listener';
import { Retention } from './inbox/retention';
import type { RecordLog } from './inbox/stored-values';
import type { Subscriber, SubscriberQueue } from './inbox/subscriber';
import type { Instance, InstanceHealth, InstanceOptions } from './instance';
import { kindOf, runInBackground } from './log';
import { retried } from './retry-delay';
import { inboxNameOf } from './stored-names';

/** How long the others may take to get what this instance has received, in ms: a deploy must not wait for it. */
const CLOSE_WITHIN = 3_000;
/** How long leaving may take, in ms, and how much longer to take what waits in NATS: Node-RED waits 15 s for a node. */
const [LEAVE_WITHIN, TAKE_AFTER] = [8_000, 3_000];

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

/**
 * One of several Node-REDs that share the account. All receive all events. The leader publishes them to NATS, where they
 * wait for the listeners; the instances that have a listener share its events.
 */
export class ClusterInstance implements Instance {
  readonly webhook = undefined;
  readonly deadLetters = undefined;
  readonly #inbox: Inbox;
  readonly #deliveries: Deliveries;
  readonly #records: KvRecords;
  /** The id of this run. */
  readonly #id = randomUUID();
  readonly #locals = new Map<string, LocalListener>();
  /** What the inbox receives on behalf of all instances, by listener. */
  readonly #received = new Map<string, Stop>();
  readonly #ownStore: OwnStore;
  readonly #instances: InstanceCount;
  #cluster: Cluster | undefined;
  #joining: Promise<Cluster> | undefined;
  readonly #closing = new AbortController();
  /** When leaving must have ended, in ms (monotonic). */
  #endAt = Infinity;

  constructor(private readonly options: ClusterInstanceOptions) {
    const { id, account, requests, client, keepHours, ownRecords, counts } = options;
    const { hours, clock, random, log, onError, onNotice, onEmpty } = options;
    const { api, session } = account;
    const scope = inboxNameOf(id);
    this.#records = new KvRecords({
      ready: () => client.ready(),
      scope,
      mayWrite: () => this.isLeading,
      onOvertaken: () => this.#cluster?.onOvertaken(),
      onFailure: (error) => client.reportFailure(error),
      clock,
      random,
      log,
    });
    const retention = new Retention({ hours: keepHours, serverTime: () => this.#serverTime, clock });
    // Nothing is stored on this machine: the limits are those of NATS.
    const limits = new PendingLimits({ stored: STORED, unstored: UNSTORED, retention, clock, onError });
    this.#deliveries = new Deliveries({ clock, random, log, limits, counts, onNotice });
    this.#inbox = new Inbox({
      ...requests.inbox,
      records: this.#records,
      isShared: true,
      ...(ownRecords && { ownRecords }),
      findAccount: () => session.findAccountId(),
      scope,
      makeQueue: (subscriber) => this.#queueOf(subscriber),
      serverTime: () => api.time,
      mayRecord: () => api.hasTime && this.isLeading,
      isUnstored: () => false,
      counts,
      errors: options.errors,
      onNotice,
      hours,
      retention,
      clock,
      random,
      log,
      onError,
      onEmpty,
    });
    this.#ownStore = new OwnStore(this.#inbox, this.#records, clock);
    this.#instances = new InstanceCount(clock, log, () => this.showAll());
  }

  get receiver(): Inbox {
    return this.#inbox;
  }

  /** True while this instance records and publishes what all receive. */
  get isLeading(): boolean {
    return this.#cluster?.isLeading ?? false;
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
      runInBackground(this.#end(local, how === 'removed'), log, 'Removing a listener');
    };
  }

  acknowledge(deliveryToken: string, outcome: Outcome, failure?: Failure): boolean {
    return this.#deliveries.acknowledge(deliveryToken, outcome, failure);
  }

  async forgetMissing(isThere: (listener: string) => boolean): Promise<void> {
    const { listeners } = await this.#join();
    await listeners.forgetMissing(isThere);
  }

  health(namingOf: (line: Line) => LineNaming | undefined): InstanceHealth {
    return {
      channels: this.#inbox.channelHealth(namingOf),
      listeners: [...this.#locals.values()].map(({ id: node, status, waiting, listener: { ack = 'sent' } }) => {
        const queue = this.#deliveries.healthOf(node) ?? { waiting: 0, inFlight: 0 };
        // What waits for all instances, and what this one works on.
        return {
          node,
          status,
          ack,
          ...queue,
          waiting: Math.max(queue.waiting, waiting - queue.inFlight),
          deadLetters: this.#deliveries.deadLettersOf(node),
        };
      }),
      cluster: this.#clusterHealth,
    };
  }

  fetchMissing(channel?: string): void {
    this.#inbox.fetchMissing(channel);
  }

  /** Called when NATS, the role or the number of instances has changed. */
  showAll(): void {
    for (const local of this.#locals.values()) local.show();
  }

  async flush(): Promise<void> {
    await this.#inTime(this.#inbox.flush());
  }

  async leave(how: 'now' | 'removed'): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#endAt = this.options.clock.monotonic() + LEAVE_WITHIN;
    this.#instances.stop();
    const locals = [...this.#locals.values()];
    this.#locals.clear();
    const cluster = this.#cluster;
    // What was given to flows and is not acknowledged goes to other instances at once.
    await this.#inTime(Promise.all(locals.map((local) => local.end())));
    await this.#inTime(cluster?.published());
    await this.#inTime(this.#inbox.close());
    if (!cluster) return;
    const { isAlone } = cluster;
    await this.#inTime(cluster.stop());
    const ids = locals.map(({ id }) => id);
    const limit = Math.max(0, this.#endAt + TAKE_AFTER - this.options.clock.monotonic());
    const taken = isAlone && how === 'removed' ? this.#ownStore.takeWaiting(cluster, ids, limit) : undefined;
    const left = await taken?.catch(() => undefined);
    // Without it, the events that are left would not be reported: it has time of its own.
    await within(this.options.clock, CLOSE_WITHIN, this.#ownStore.copy(cluster, left)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.options.client.close();
  }

  get #serverTime(): number | undefined {
    const { api } = this.options.account;
    return api.hasTime ? api.time : undefined;
  }

  get #clusterHealth(): ClusterHealth {
    const { state, failure } = this.options.client;
    const cluster = this.#cluster;
    const isLost = state.kind === 'lost';
    const loss = {
      ...(isLost && { since: state.since }),
      ...(failure && state.kind !== 'ready' && { failure: failureOf(failure) }),
    };
    if (!cluster) return { role: isLost ? 'lost' : 'joining', ...loss, assigned: {} };
    const { members, leader, nats } = cluster;
    const { partitions, names } = nats;
    const assigned = [...this.#locals.keys()].map((id): [string, number] => [
      id,
      members.assigned(id, partitions).size,
    ]);
    return {
      role: isLost ? 'lost' : this.isLeading ? 'leader' : 'standby',
      ...loss,
      instances: members.count,
      id: this.#id,
      ...(leader !== undefined && { leader }),
      partitions,
      assigned: Object.fromEntries(assigned),
      deadLetters: { stream: names.stream, subjects: names.everyDead },
    };
  }

  #resume(id: string, listener: Listener): LocalListener | undefined {
    const local = this.#locals.get(id);
    local?.resume(listener);
    if (local) this.#publishFilter(local);
    return local;
  }

  #begin(id: string, listener: Listener): LocalListener {
    const { clock, client, errors, log } = this.options;
    const circumstances = (): ClusterCircumstances => ({
      nats: client.state,
      leads: this.isLeading,
      instances: this.#instances.shown,
    });
    const share = (one: LocalListener): void => {
      // Rejects only after the end.
      const shared = this.#share(one).catch((error: unknown) =>
        log.debug(`A listener is not shared: ${kindOf(error)}`),
      );
      runInBackground(shared, log, 'Sharing a listener');
    };
    const local = new LocalListener(id, listener, clock, log, errors, circumstances, share);
    this.#locals.set(id, local);
    share(local);
    return local;
  }

  /** Shares the listener's events with the other instances. */
  async #share(local: LocalListener): Promise<void> {
    const { clock, log } = this.options;
    const cluster = await this.#join();
    const { nats, members, listeners } = cluster;
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
    await this.#ownStore.publish(cluster, local, this.#closing.signal);
    consumers.useFilter(await listeners.set(sharedPartOf(local.id, local.listener)));
    if (local.ended.aborted) return consumers.stop();
    const queue = this.#deliveries.open(local, consumers.store, () => members.isIn());
    consumers.start(queue);
    local.begin({ queue, useFilter: (version) => consumers.useFilter(version), stop: () => consumers.stop() });
  }

  #publishFilter(local: LocalListener): void {
    const set = this.#cluster?.listeners.set(sharedPartOf(local.id, local.listener));
    // Rejects only after the end.
    const used = set?.then((version) => local.useFilter(version)).catch(() => undefined);
    if (used) runInBackground(used, this.options.log, 'Publishing a filter');
  }

  async #end(local: LocalListener, isRemoved: boolean): Promise<void> {
    await local.end();
    if (this.#locals.has(local.id)) return;
    this.#cluster?.listeners.leave(local.id);
    if (isRemoved) await this.#cluster?.listeners.remove(local.id);
  }

  #join(): Promise<Cluster> {
    this.#joining ??= this.#connect();
    return this.#joining;
  }

  async #connect(): Promise<Cluster> {
    const { client, log, onError } = this.options;
    const nats = await client.ready();
    this.#closing.signal.throwIfAborted();
    const cluster = new Cluster(nats, {
      ...this.options,
      instance: this.#id,
      inbox: this.#inbox,
      records: this.#records,
      serverTime: () => this.#serverTime,
      onChange: () => this.#onChange(),
      onListener: (id, listener) => this.#onListener(id, listener),
      onUnpublished: (reason, count) => this.#onUnpublished(reason, count),
      onRemoved: (count) => onError(ChatAppError.of('RECOVERY_FAILED', 'removed', { count })),
      onFailure: (error) => client.reportFailure(error),
    });
    this.#cluster = cluster;
    await this.#inbox.ready();
    await cluster.start(this.#closing.signal);
    runInBackground(
      this.#ownStore.copyRegularly(cluster, this.#closing.signal),
      log,
      'Copying what the instances know together',
    );
    return cluster;
  }

  /** An instance has this listener; `undefined` if none has it any more. */
  #onListener(id: string, listener: SharedListener | undefined): void {
    const { log, onWanted } = this.options;
    const stop = this.#received.get(id);
    if (!listener) {
      this.#received.delete(id);
      return stop?.('removed');
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

  #queueOf({ id }: Subscriber): SubscriberQueue {
    if (!this.#cluster) throw new TypeError('Listeners are received when this instance has joined the cluster');
    return this.#cluster.queueOf(id);
  }

  /** The role of this instance has changed, or others have come or gone. */
  #onChange(): void {
    const { client, log } = this.options;
    const { members } = this.#cluster ?? {};
    if (members) this.#instances.update(members.count);
    this.showAll();
    if (!this.isLeading || !members) return;
    const set = client.setKeepHours(members.maxKeepHours).catch(() => undefined);
    runInBackground(set, log, 'Setting how long events are kept');
  }

  #onUnpublished(reason: UnpublishedReason, count: number): void {
    const error = ChatAppError.of('RECOVERY_FAILED', reason, { count, limit: MAX_WAITING });
    for (const local of this.#locals.values()) local.reportError(error);
  }

  #inTime(job: Promise<unknown> | undefined): Promise<unknown> {
    const { clock } = this.options;
    const limit = Math.min(CLOSE_WITHIN, Math.max(0, this.#endAt - clock.monotonic()));
    return within(clock, limit, job ?? Promise.resolve()).catch(() => undefined);
  }
}

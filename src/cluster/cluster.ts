import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';
import type { Feed } from './feed/feed';
import type { Listener, Stop } from '../inbox/listener';
import { Reception } from './feed/reception';
import { completeUntil } from './feed/saved-positions';
import { runInBackground, type Log } from '../log';
import { bucketStore, type BucketStore } from './bucket-store';
import { Engine } from './engine';
import { LocalListener, type Circumstances } from './local-listener';
import { Membership } from './membership';
import { ClusterNames } from './names';
import type { ClusterSettings } from './settings';
import { Share } from './share';
import { parseDeliveryToken } from '../delivery/delivery-token';

export interface ClusterOptions {
  readonly settings: ClusterSettings;
  /** The connection's id, which is the same on all copies. */
  readonly connectionId: string;
  /** The name of the positions in the store. */
  readonly positions: string;
  /** Tells the account from others. */
  readonly account: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** `CLUSTER_FAILED`, once an outage. */
  readonly onError: (error: ChatAppError) => void;
  /** Present once the connection is made. */
  readonly feed: () => Feed | undefined;
  /** Somebody listens: the socket has to be there. */
  readonly onWanted: () => void;
  /** Whether it is. */
  readonly isConnected: () => boolean;
}

/**
 * Makes one of several copies out of a connection: they share what must be remembered, and the work for listeners of
 * the same id.
 */
export class Cluster {
  /** What all copies remember. */
  readonly store: BucketStore;
  readonly #engine: Engine;
  readonly #locals = new Map<string, LocalListener>();
  #membership: Membership | undefined;
  /** Resolves once NATS was reached; there from the first listener on. */
  #joining: Promise<Membership> | undefined;

  constructor(private readonly options: ClusterOptions) {
    const names = new ClusterNames(options.connectionId, options.account);
    this.#engine = new Engine({ ...options, names, onState: () => this.#showAll() });
    this.store = bucketStore(this.#engine, {
      leads: () => this.leads,
      settled: async () => this.#membership?.settled(),
      onOvertaken: () => this.#membership?.overtaken(),
    });
    this.#engine.start();
  }

  /** True for the copy that publishes, and fetches what all have missed. */
  get leads(): boolean {
    return this.#membership?.leads ?? false;
  }

  /**
   * Listens on behalf of this copy.
   * @throws RangeError where an id of the channel is malformed, or the listener has none of its own
   */
  listen(listener: Listener): Stop {
    const { id } = listener;
    if (id === undefined) throw new RangeError('One of several copies knows its listeners by their ids');
    const reception = new Reception(listener);
    if (!reception.choice) void reception.channelName;

    const known = this.#locals.get(id);
    const local = known ?? new LocalListener(listener, this.options.clock, () => this.#circumstances);
    this.#locals.set(id, local);
    if (known) known.comeBack(listener);
    const { log } = this.options;
    // Rejects only when the connection is closed before NATS was reached.
    this.#begin(id, local).catch(() => log.debug('A listener was closed before NATS was reached'));
    local.show();
    const remove = (isForgotten: boolean): void =>
      runInBackground(this.#remove(id, local, isForgotten), log, 'Removing a listener');
    return (how = 'now') => {
      // A listener that came back under its id has made this one void.
      if (local.listener !== listener || this.#locals.get(id) !== local) return;
      if (how === 'restarting') local.leave(() => remove(false));
      else remove(how === 'forGood');
    };
  }

  /** Settles a try by its delivery token; false where nothing waits for it any more. */
  settle(deliveryToken: string, outcome: 'done' | 'failed'): boolean {
    return (
      this.#locals.get(parseDeliveryToken(deliveryToken)?.subscriber ?? '')?.settle(deliveryToken, outcome) ?? false
    );
  }

  /** Takes no more, and gives back what is in hand. What was heard can still be published and remembered. */
  async leave(): Promise<void> {
    const locals = [...this.#locals.values()];
    this.#locals.clear();
    await Promise.all(locals.map((local) => local.end()));
  }

  /** Lets another copy lead, and lets go of NATS. */
  async close(): Promise<void> {
    await this.#membership?.end();
    await this.#engine.close();
  }

  async #begin(id: string, local: LocalListener): Promise<void> {
    const { wishes, engine } = await this.#join();
    if (this.#locals.get(id) !== local) return;
    const { clock, log } = this.options;
    // The consumers first: from then on what is published waits for this listener.
    await local.begin(
      () =>
        new Share(engine, {
          listener: id,
          clock,
          log,
          onDelivery: (delivery) => local.deliver(delivery),
          onError: (error) => local.listener.onError(error),
        }),
    );
    if (this.#locals.get(id) === local) wishes.own(id, local.listener);
  }

  async #remove(id: string, local: LocalListener, isForgotten: boolean): Promise<void> {
    this.#locals.delete(id);
    await local.end();
    if (this.#locals.has(id)) return;
    if (isForgotten) this.#membership?.wishes.remove(id);
    else this.#membership?.wishes.disown(id);
  }

  /** This copy is one of them from its first listener on. */
  #join(): Promise<Membership> {
    this.#joining ??= this.#engine.ready().then((engine): Membership => {
      const { positions, clock, random, log, onWanted, isConnected } = this.options;
      const feed = this.options.feed();
      if (!feed) throw new TypeError('A cluster needs what receives its events');
      const membership = new Membership(engine, feed, {
        clock,
        random,
        log,
        onWanted,
        isConnected,
        savedAt: () => this.#savedAt(positions),
        onRole: () => this.#showAll(),
        onStatus: (id, status) => this.#locals.get(id)?.onOwnStatus(status),
        has: (id) => this.#locals.has(id),
        onError: (id, error) => this.#locals.get(id)?.listener.onError(error),
        onBacklog: (id, count) => this.#locals.get(id)?.onBacklog(count),
      });
      this.#membership = membership;
      membership.begin();
      return membership;
    });
    return this.#joining;
  }

  /** Until when the positions tell what was published, by the clock of NATS. */
  async #savedAt(positions: string): Promise<Date | undefined> {
    const written = await this.store.changed(positions);
    const complete = written && completeUntil(await this.store.read(positions));
    return complete === undefined ? written : new Date(complete);
  }

  get #circumstances(): Circumstances {
    return { engine: this.#engine.state, leads: this.leads };
  }

  #showAll(): void {
    for (const local of this.#locals.values()) local.show();
  }
}

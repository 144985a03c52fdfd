import { giveWay, type Clock } from '../clock';
import type { ErrorLog } from '../error-log';
import { runInBackground, type Log } from '../log';
import type { Channels } from './channels';
import { ChosenChannels } from './chosen-channels';
import type { InboxState } from './inbox-state';
import type { Listener, Stop } from './listener';
import type { PendingStore } from './pending-event';
import { Subscriber, type SubscriberQueue } from './subscriber';

export interface SubscribersOptions {
  readonly state: InboxState;
  readonly channels: Channels;
  readonly chosen: ChosenChannels;
  readonly makeQueue: (subscriber: Subscriber, store: PendingStore) => SubscriberQueue;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  /** False while nothing may be recorded. */
  readonly mayRecord: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly errors: Pick<ErrorLog, 'note'>;
  /** The subscriber takes events from now on. */
  readonly onAttached: (subscriber: Subscriber) => void;
  /** Others listen than before. */
  readonly onChange: () => void;
  /** The last one has gone. */
  readonly onEmpty: () => void;
  /** So many pending events were dropped with the subscriber for which they waited: none or several. */
  readonly onDropped: (count: number) => void;
}

/** The subscribers of an inbox: those that listen, and those that may come back in this run. */
export class Subscribers {
  readonly #present = new Map<string, Subscriber>();
  /** What is pending for these waits. */
  readonly #left = new Map<string, Subscriber>();
  /** True once it is known what an earlier run has left. */
  #isOpen = false;

  constructor(private readonly options: SubscribersOptions) {}

  get isEmpty(): boolean {
    return this.#present.size === 0;
  }

  /** Those that listen. */
  get present(): Subscriber[] {
    return [...this.#present.values()];
  }

  isPresent({ id }: Subscriber): boolean {
    return this.#present.has(id);
  }

  /** True if the one with this id listens, or may come back. */
  has(id: string): boolean {
    return this.find(id) !== undefined;
  }

  /** Gives all what an earlier run has left for them. Nothing may be received before that resolves: it would overtake. */
  async open(): Promise<void> {
    const breathe = giveWay(this.options.clock);
    // Also those that are added meanwhile.
    for (const subscriber of this.#present.values()) await this.#restore(subscriber, breathe);
    this.#isOpen = true;
  }

  /**
   * Adds a listener, or goes on with the one that was there under its id.
   * @throws RangeError if an id is malformed
   */
  add(listener: Listener): Stop {
    const names = ChosenChannels.namedBy(listener.channel);
    const subscriber = this.#resume(listener, names) ?? this.#begin(listener, names);
    const { id, queue } = subscriber;
    this.options.onChange();
    queue.attach(listener);
    this.options.onAttached(subscriber);
    return (how = 'now') => {
      // A later listener with this id has taken its place.
      if (this.find(id) !== subscriber || subscriber.listener !== listener) return;
      if (how === 'restarting') {
        queue.detach();
        subscriber.leaveForDeploy();
        return;
      }
      this.#leaveChannels(subscriber, how === 'removed');
      if (how === 'removed') this.options.onDropped(this.#forget(subscriber));
      else this.#leave(subscriber);
      if (how === 'disabled') {
        // It gets nothing of the time until it is back.
        subscriber.forget();
        this.save(subscriber);
      }
      this.options.onChange();
      if (this.isEmpty) this.options.onEmpty();
    };
  }

  /** What all of them have got and not acknowledged belongs to another account: they start from nothing. */
  clear(): void {
    const { chosen } = this.options;
    for (const subscriber of this.present) {
      const { channels } = subscriber;
      chosen.join(subscriber, new Set());
      subscriber.queue.clear();
      subscriber.forget();
      chosen.join(subscriber, channels);
    }
  }

  save(subscriber: Subscriber): void {
    const { state, log } = this.options;
    // What an earlier run has stored must not be replaced before it is read.
    if (this.#isOpen) runInBackground(state.save(subscriber), log, 'Storing a subscriber');
  }

  /** Resolves when what is pending in memory only is on disk, or cannot be stored. */
  async store(): Promise<void> {
    await Promise.all(this.#all.map(({ queue }) => queue.store()));
  }

  /** Nothing is delivered any more; what is pending is stored. */
  async close(): Promise<void> {
    const all = this.#all;
    for (const subscriber of this.present) this.#leaveChannels(subscriber, false);
    for (const { queue } of all) queue.detach();
    this.#present.clear();
    this.#left.clear();
    this.options.onChange();
    await Promise.all(all.map(({ queue }) => queue.store()));
    for (const { queue } of all) queue.close();
  }

  get #all(): Subscriber[] {
    return [...this.#present.values(), ...this.#left.values()];
  }

  /** The one with this id that listens, or may come back. */
  find(id: string): Subscriber | undefined {
    return this.#present.get(id) ?? this.#left.get(id);
  }

  #begin(listener: Listener, names: ReadonlySet<string> | undefined): Subscriber {
    const { state, chosen, makeQueue, errors, log } = this.options;
    const subscriber = new Subscriber(listener, (one) => makeQueue(one, state.store), errors);
    this.#present.set(subscriber.id, subscriber);
    if (this.#isOpen) runInBackground(this.#restore(subscriber), log, 'Restoring a subscriber');
    chosen.add(subscriber, names);
    return subscriber;
  }

  /** The subscriber of this id goes on with the new listener; `undefined` if there is none for this channel. */
  #resume(listener: Listener, names: ReadonlySet<string> | undefined): Subscriber | undefined {
    const { channels, chosen, serverTime, mayRecord } = this.options;
    const subscriber = listener.id === undefined ? undefined : this.find(listener.id);
    if (!subscriber) return undefined;
    if (!isSameChannel(subscriber.listener, listener)) {
      this.#leaveChannels(subscriber, true);
      this.#forget(subscriber);
      return undefined;
    }
    subscriber.replace(listener, mayRecord() ? Math.floor(serverTime()) : undefined);
    for (const name of subscriber.channels) channels.update(name);
    this.#present.set(subscriber.id, subscriber);
    if (this.#left.delete(subscriber.id)) chosen.add(subscriber, names);
    this.save(subscriber);
    return subscriber;
  }

  #leaveChannels(subscriber: Subscriber, isForgotten: boolean): void {
    for (const name of subscriber.channels) this.options.channels.leave(subscriber, name, isForgotten);
    subscriber.channels = new Set();
  }

  /** It listens no more. What is pending for it waits. */
  #leave(subscriber: Subscriber): void {
    const { id, queue, listener } = subscriber;
    // Nobody can come back without a name.
    if (listener.id === undefined) {
      this.#forget(subscriber);
      return;
    }
    this.#present.delete(id);
    this.#left.set(id, subscriber);
    queue.detach();
    subscriber.leaveForDeploy();
    runInBackground(queue.store(), this.options.log, 'Storing pending events');
  }

  /** A later subscriber with this id starts from nothing. Returns how many events were pending. */
  #forget({ id, queue }: Subscriber): number {
    const { state, log } = this.options;
    this.#present.delete(id);
    this.#left.delete(id);
    const count = queue.clear();
    queue.close();
    runInBackground(state.forget(id), log, 'Removing a subscriber');
    return count;
  }

  /**
   * Gives a subscriber what an earlier run has left for it.
   * @param breathe gives way to other work if it is time to; by default, all is done at once
   */
  async #restore(subscriber: Subscriber, breathe?: () => Promise<void>): Promise<void> {
    const { state } = this.options;
    state.restore(subscriber);
    for (const event of state.store.takePending(subscriber.id)) {
      // It may have been delivered before the earlier run ended.
      event.attempt += 1;
      subscriber.queue.add(event);
      if (breathe) await breathe();
    }
  }
}

function isSameChannel({ channel }: Listener, other: Listener): boolean {
  const parts = (choice: Listener['channel']): string => JSON.stringify(Object.entries(choice).sort());
  return parts(channel) === parts(other.channel);
}

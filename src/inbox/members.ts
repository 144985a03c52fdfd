import { giveWay, type Clock } from '../clock';
import { runInBackground, type Log } from '../log';
import type { InboxState } from './inbox-state';
import type { Listener } from './listener';
import type { PendingEvent, PendingStore } from './pending-event';
import { Subscriber } from './subscriber';

/** Where the events of one subscriber wait, across deploys of its node. */
export interface SubscriberQueue {
  add(event: PendingEvent): void;
  /** The listener takes events from now on: what is pending first. */
  attach(listener: Listener): void;
  /** The listener takes none for now: they stay pending. */
  detach(): void;
  /** Drops what is pending: nobody wants it any more. Returns how many events that were. */
  clear(): number;
  /** Resolves when what is in memory only is on disk, or cannot be stored. */
  store(): Promise<void>;
  /** Delivers nothing any more; what is in the store stays there. */
  close(): void;
}

export interface Member {
  readonly subscriber: Subscriber;
  readonly queue: SubscriberQueue;
}

export interface MembersOptions {
  readonly state: InboxState;
  readonly makeQueue: (subscriber: Subscriber, store: PendingStore) => SubscriberQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/** The subscribers of an inbox and their queues: those that listen, and those that may come back in this run. */
export class Members {
  readonly #present = new Map<string, Member>();
  /** What is pending for these waits. */
  readonly #left = new Map<string, Member>();
  /** True once it is known what an earlier run has left. */
  #isOpen = false;

  constructor(private readonly options: MembersOptions) {}

  get isEmpty(): boolean {
    return this.#present.size === 0;
  }

  get subscribers(): Subscriber[] {
    return [...this.#present.values()].map(({ subscriber }) => subscriber);
  }

  /** Those that listen. */
  get present(): Member[] {
    return [...this.#present.values()];
  }

  isPresent({ id }: Subscriber): boolean {
    return this.#present.has(id);
  }

  /** The one with this id, be it there or not. */
  find(id: string | undefined): Member | undefined {
    return id === undefined ? undefined : (this.#present.get(id) ?? this.#left.get(id));
  }

  /** Gives all what an earlier run has left for them. Nothing may be received before that resolves: it would overtake. */
  async open(): Promise<void> {
    const breathe = giveWay(this.options.clock);
    // Also those that are added meanwhile.
    for (const member of this.#present.values()) await this.#restore(member, breathe);
    this.#isOpen = true;
  }

  add(listener: Listener): Member {
    const subscriber = new Subscriber(listener, { add: (event) => member.queue.add(event) });
    const { state, makeQueue } = this.options;
    const member: Member = { subscriber, queue: makeQueue(subscriber, state.store) };
    this.#present.set(subscriber.id, member);
    if (this.#isOpen) runInBackground(this.#restore(member), this.options.log, 'Restoring a subscriber');
    return member;
  }

  /** True if it had left: then its channels are gone. */
  return(member: Member): boolean {
    this.#present.set(member.subscriber.id, member);
    return this.#left.delete(member.subscriber.id);
  }

  /** It listens no more. What is pending for it waits. */
  leave(member: Member): void {
    const { subscriber, queue } = member;
    // Nobody can come back without a name.
    if (subscriber.listener.id === undefined) {
      this.forget(member);
      return;
    }
    this.#present.delete(subscriber.id);
    this.#left.set(subscriber.id, member);
    queue.detach();
    subscriber.leaveForDeploy();
    runInBackground(queue.store(), this.options.log, 'Storing pending events');
  }

  /** A later subscriber with this id starts from nothing. Returns how many events were pending. */
  forget({ subscriber, queue }: Member): number {
    const { state, log } = this.options;
    this.#present.delete(subscriber.id);
    this.#left.delete(subscriber.id);
    const count = queue.clear();
    queue.close();
    runInBackground(state.forget(subscriber.id), log, 'Removing a subscriber');
    return count;
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
    for (const { queue } of all) queue.detach();
    this.#present.clear();
    this.#left.clear();
    await Promise.all(all.map(({ queue }) => queue.store()));
    for (const { queue } of all) queue.close();
  }

  get #all(): Member[] {
    return [...this.#present.values(), ...this.#left.values()];
  }

  /**
   * Gives a subscriber what an earlier run has left for it.
   * @param breathe gives way to other work if it is time to; by default, all is done at once
   */
  async #restore({ subscriber, queue }: Member, breathe?: () => Promise<void>): Promise<void> {
    const { state } = this.options;
    state.restore(subscriber);
    for (const { attempt, ...event } of state.store.takePending(subscriber.id)) {
      // It may have been delivered before the earlier run ended.
      queue.add({ ...event, attempt: attempt + 1 });
      if (breathe) await breathe();
    }
  }
}

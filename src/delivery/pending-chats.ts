import type { Timer } from '../clock';
import type { Delivery } from '../inbox/delivery';
import type { PendingEvent } from '../inbox/pending-event';

/** How many bodies wait in memory. Further ones are read from the store when their turn comes. */
const MAX_IN_MEMORY = 1_000;

/** A pending event in the queue. */
export interface Entry {
  /** Identifies it within its queue, also after a restart if it was stored before it was added. */
  readonly id: number;
  readonly event: PendingEvent;
  /** What happens to it; `out` if it is not in the queue. Only the first event of a chat is more than `queued`. */
  state: 'out' | 'queued' | 'loading' | 'inFlight' | 'delayed';
  /** The number of the attempt that failed last in this run, and why, as far as that is known. */
  lastAttempt?: number;
  cause?: string | undefined;
  /** What arrived, and when, in ms since the epoch; known once it was delivered. */
  arrival?: Pick<Delivery, 'event' | 'receivedAt'>;
  /** Ends the attempt or the wait for the next one. */
  timer?: Timer | undefined;
  /** When the wait ends, in ms (monotonic). */
  due?: number;
  /** Since when it waits, in ms (monotonic). */
  since: number;
  /** Its size, as far as that matters: for limits. */
  bytes: number;
  isSecured: boolean;
  /** It was delivered, acknowledged or dropped. */
  isOver: boolean;
}

interface Chat {
  readonly order: string;
  readonly entries: Entry[];
}

/** Pending events by what has to keep its order: a chat with `ack: 'done'`, otherwise all of them. */
export class PendingChats {
  #isOrdered: boolean;
  readonly #chats = new Map<string, Chat>();
  /** The chats whose first event is queued, those that waited longest first. */
  readonly #ready = new Set<Chat>();
  readonly #delayed = new Set<Entry>();
  /** What may be acknowledged, since it was delivered at least once. */
  readonly #attempted = new Map<number, Entry>();
  #size = 0;
  #inFlight = 0;
  #inMemory = 0;
  #nextId: number;

  /**
   * @param isOrdered see `setOrdered`
   * @param random from 0 up to, not including, 1: ids of an earlier queue must not mean events of this one
   */
  constructor(isOrdered: boolean, random: () => number) {
    this.#isOrdered = isOrdered;
    // Far above all sequences.
    this.#nextId = Number.MAX_SAFE_INTEGER - Math.floor(random() * 2 ** 52);
  }

  get size(): number {
    return this.#size;
  }

  /** How many are being delivered: loaded from the store, or unacknowledged. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Since when the oldest is there, in ms (monotonic) or, if an earlier run has stored it, in unix seconds. */
  get oldest(): { readonly since: number; readonly storedTime?: number } | undefined {
    let oldest: Entry | undefined;
    // Each chat has its oldest first.
    for (const { entries } of this.#chats.values()) {
      const [first] = entries;
      if (first && (!oldest || isOlder(first, oldest))) oldest = first;
    }
    const storedTime = oldest?.event.storedTime;
    return oldest && { since: oldest.since, ...(storedTime !== undefined && { storedTime }) };
  }

  get nextAttempt(): number | undefined {
    let next = Infinity;
    for (const { due = Infinity } of this.#delayed) next = Math.min(next, due);
    return next === Infinity ? undefined : next;
  }

  entryOf(event: PendingEvent): Entry {
    const id = event.sequence ?? this.#nextId--;
    return { id, event, state: 'out', since: 0, bytes: 0, isSecured: false, isOver: false };
  }

  /** All of them, those of each chat in order. */
  *entries(): Generator<Entry, void> {
    for (const { entries } of this.#chats.values()) yield* entries;
  }

  /** With `isOrdered`, chats do not wait for each other, and each has one event in flight. */
  setOrdered(isOrdered: boolean): void {
    if (this.#isOrdered === isOrdered) return;
    const entries = [...this.entries()];
    this.#empty();
    this.#isOrdered = isOrdered;
    for (const entry of entries) {
      // The flow has got it, and gets it once more.
      if (entry.state === 'inFlight') entry.event.attempt += 1;
      this.add(entry);
    }
  }

  add(entry: Entry): void {
    const { event, id } = entry;
    const chat = this.#chatOf(entry);
    chat.entries.push(entry);
    entry.state = 'queued';
    this.#size += 1;
    if (event.delivery) this.#inMemory += 1;
    if (event.attempt > 1) this.#attempted.set(id, entry);
    this.#spill(entry);
    if (chat.entries.length === 1) this.#ready.add(chat);
  }

  /** Puts entries, in their order, before all others that are queued. */
  addFirst(entries: readonly Entry[]): void {
    for (const entry of entries.toReversed()) {
      const chat = this.#chatOf(entry);
      const isBusy = chat.entries.length > 0 && !this.#ready.has(chat);
      chat.entries.splice(isBusy ? 1 : 0, 0, entry);
      entry.state = 'queued';
      this.#size += 1;
      if (entry.event.delivery) this.#inMemory += 1;
      if (!isBusy) this.#ready.add(chat);
    }
  }

  /** The first entry of the chat whose turn it is; the chat waits until something else is said of this entry. */
  next(): Entry | undefined {
    for (const chat of this.#ready) {
      this.#ready.delete(chat);
      return chat.entries[0];
    }
    return undefined;
  }

  /** Its body is being read from the store. */
  startLoading(entry: Entry): void {
    this.#become(entry, 'loading');
  }

  /** Its attempt begins, and ends with `deadline`. A stored body is left to the store. */
  begin(entry: Entry, deadline: Timer): void {
    this.#become(entry, 'inFlight', deadline);
    this.#attempted.set(entry.id, entry);
    if (entry.event.sequence !== undefined) this.#dropBody(entry);
  }

  /** Its chat waits for its next attempt until `due`. */
  delay(entry: Entry, timer: Timer, due: number): void {
    this.#become(entry, 'delayed', timer);
    entry.due = due;
    this.#delayed.add(entry);
  }

  /** It can be delivered now. */
  requeue(entry: Entry): void {
    this.#become(entry, 'queued');
    this.#ready.add(this.#chatOf(entry));
  }

  attempted(id: number): Entry | undefined {
    return this.#attempted.get(id);
  }

  /** Takes an entry out; the next one of its chat is ready if it was the first. */
  remove(entry: Entry): void {
    if (entry.state === 'out') return;
    this.#become(entry, 'out');
    this.#attempted.delete(entry.id);
    this.#size -= 1;
    if (entry.event.delivery) this.#inMemory -= 1;
    const chat = this.#chatOf(entry);
    const index = chat.entries.indexOf(entry);
    // Long lists are shortened at their beginning, which is cheap.
    if (index > 0) chat.entries.splice(index, 1);
    else {
      chat.entries.shift();
      if (chat.entries.length > 0) this.#ready.add(chat);
      else {
        this.#chats.delete(chat.order);
        this.#ready.delete(chat);
      }
    }
  }

  /** Its record in the store has this sequence. */
  stored(entry: Entry, sequence: number): void {
    entry.event.sequence = sequence;
    if (entry.state !== 'out') this.#spill(entry);
  }

  /** Takes out and returns everything. */
  clear(): Entry[] {
    const entries = [...this.entries()];
    this.#empty();
    this.#attempted.clear();
    for (const entry of entries) entry.state = 'out';
    return entries;
  }

  cancelTimers(): void {
    for (const { entries } of this.#chats.values()) entries[0]?.timer?.cancel();
  }

  #empty(): void {
    this.cancelTimers();
    this.#chats.clear();
    this.#ready.clear();
    this.#delayed.clear();
    this.#size = this.#inMemory = this.#inFlight = 0;
  }

  #become(entry: Entry, state: Entry['state'], timer?: Timer): void {
    entry.timer?.cancel();
    entry.timer = timer;
    this.#inFlight += Number(isInFlight(state)) - Number(isInFlight(entry.state));
    this.#delayed.delete(entry);
    entry.state = state;
  }

  #chatOf({ event }: Entry): Chat {
    const order = this.#isOrdered ? event.order : '';
    const chat = this.#chats.get(order) ?? { order, entries: [] };
    this.#chats.set(order, chat);
    return chat;
  }

  #dropBody({ event }: Entry): void {
    if (event.delivery) this.#inMemory -= 1;
    event.delivery = undefined;
  }

  /** Leaves the body to the store if many are in memory. */
  #spill(entry: Entry): void {
    if (this.#inMemory > MAX_IN_MEMORY && entry.event.sequence !== undefined) this.#dropBody(entry);
  }
}

function isOlder({ event, since }: Entry, other: Entry): boolean {
  const time = event.storedTime ?? Infinity;
  const otherTime = other.event.storedTime ?? Infinity;
  return time === otherTime ? since < other.since : time < otherTime;
}

/** A flow works on it, or is about to. */
export function isInFlight(state: Entry['state']): boolean {
  return state === 'loading' || state === 'inFlight';
}

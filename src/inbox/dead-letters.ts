import type { Clock, Timer } from '../clock';
import { Budget, MEGABYTE, type Retained, type Limit, type Retention } from './retention';

/** How many dead letters a connection keeps. */
export const DEAD_LETTERS: Limit = { events: 1_000, bytes: 50 * MEGABYTE };
/** How often it is looked for old ones, in ms; what was dropped meanwhile is reported together. */
const CHECK_EVERY = 60_000;

export interface DeadLettersOptions {
  readonly limit: Limit;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly remove: (sequence: number) => void;
  /** So many were removed within a minute. */
  readonly onRemoved: (count: number) => void;
}

/** What is known of an event that was given up, without its content. */
export interface DeadLetterFacts {
  /** The subscriber that should have received it. */
  readonly subscriber: string;
  /** How many attempts were made. */
  readonly attempts?: number;
  /** `attempts`: the last one failed. `gaveUp`: a flow said that another one would fail in the same way. */
  readonly reason?: 'attempts' | 'gaveUp';
  /** The HTTP status or the system code of the last failure, if a flow has reported one. */
  readonly status?: string;
}

export interface DeadLetter extends DeadLetterFacts {
  /** Its sequence in the store. */
  readonly id: number;
  /** How long it is kept by now, in ms. */
  readonly age: number;
}

/** The events that were given up. The oldest are removed if there are too many, and each after the hours that it is kept. */
export class DeadLetters {
  /** By their sequences, the oldest first. */
  readonly #letters = new Map<number, Retained & { readonly bytes: number; readonly facts: DeadLetterFacts }>();
  readonly #budget: Budget;
  #removed = 0;
  #timer: Timer | undefined;

  constructor(private readonly options: DeadLettersOptions) {
    this.#budget = new Budget(options.limit);
  }

  /** @param storedTime present if an earlier run has stored it and the time is known */
  add(sequence: number, bytes: number, facts: DeadLetterFacts, storedTime?: number): void {
    const since = this.options.clock.monotonic();
    this.#letters.set(sequence, { bytes, since, facts, ...(storedTime !== undefined && { storedTime }) });
    this.#budget.add(bytes);
    for (const oldest of this.#letters.keys()) {
      if (this.#budget.used <= 1) break;
      this.#remove(oldest);
    }
    this.#timer ??= this.options.clock.after(CHECK_EVERY, () => this.#check());
  }

  get all(): DeadLetter[] {
    const { retention } = this.options;
    return [...this.#letters].map(([id, letter]) => ({ ...letter.facts, id, age: retention.ageOf(letter) }));
  }

  /** Forgets one, without removing it. False if it is not there. */
  take(sequence: number): boolean {
    const letter = this.#letters.get(sequence);
    if (letter) this.#budget.remove(letter.bytes);
    return this.#letters.delete(sequence);
  }

  /** Forgets all, without removing them. */
  clear(): void {
    for (const { bytes } of this.#letters.values()) this.#budget.remove(bytes);
    this.#letters.clear();
  }

  /** Reports what was removed, and does nothing by itself any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#report();
  }

  #check(): void {
    for (const [sequence, letter] of this.#letters) if (this.options.retention.isOver(letter)) this.#remove(sequence);
    this.#report();
    const isDone = this.#letters.size === 0;
    this.#timer = isDone ? undefined : this.options.clock.after(CHECK_EVERY, () => this.#check());
  }

  #remove(sequence: number): void {
    this.take(sequence);
    this.options.remove(sequence);
    this.#removed += 1;
  }

  #report(): void {
    if (this.#removed > 0) this.options.onRemoved(this.#removed);
    this.#removed = 0;
  }
}

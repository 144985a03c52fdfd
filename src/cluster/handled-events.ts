import { isRecord, parseJson } from '../events/json';
import { isConflict } from './failure';
import { token } from './names';
import type { ReadyNats } from './nats-client';

/** Changes with the form of the values: those of other versions are not read. */
const VERSION = 1;
const ANSWER_WITHIN = 1_000;
/** How many sequences above the floor are remembered, and how many of them are stored: the latest. */
const MAX_REMEMBERED = 50_000;
const MAX_STORED = 20_000;
/** With more than this, it is stored less often. */
const MANY = 2_000;
const [SAVE_EVERY, SAVE_MANY_EVERY] = [1_000, 10_000];

/**
 * Which events of a partition were handled. NATS does not know for certain: a server that is killed forgets the last
 * acknowledgements, and has delivered the whole history of a consumer again, with no mark on any event.
 */
export class HandledEvents {
  /** Every event up to this sequence was handled: NATS had all acknowledgements. */
  #floor = 0;
  readonly #above = new Set<number>();
  /** The latest attempts of events that are not handled; the first one only if a flow worked on it when the owner changed. */
  readonly #attempts = new Map<number, number>();
  /** Which instance has the partition, as far as it is stored; empty for none. */
  #owner = '';
  /**
   * A former owner may have handled events up to this one without a trace. It is stored: NATS may deliver them to a later
   * owner only.
   */
  #uncertainUntil = 0;
  #revision = 0;
  #isChanged = false;
  #savedAt = -Infinity;

  /**
   * @param stream when the stream was created: sequences of another one mean nothing
   */
  constructor(
    private readonly nats: Pick<ReadyNats, 'kv'>,
    private readonly listener: string,
    private readonly partition: number,
    private readonly stream: string,
    private readonly instance: string,
  ) {}

  get floor(): number {
    return this.#floor;
  }

  has(sequence: number): boolean {
    return sequence <= this.#floor || this.#above.has(sequence);
  }

  add(sequence: number): void {
    this.#isChanged = true;
    this.#attempts.delete(sequence);
    this.#above.add(sequence);
    if (this.#above.size > MAX_REMEMBERED) for (const oldest of this.#above) return void this.#above.delete(oldest);
  }

  /** NATS has acknowledgements of all events up to this one. */
  raiseFloor(sequence: number): void {
    if (sequence <= this.#floor) return;
    this.#isChanged = true;
    this.#floor = sequence;
    for (const handled of this.#above) if (handled <= sequence) this.#above.delete(handled);
    for (const [attempted] of this.#attempts) if (attempted <= sequence) this.#attempts.delete(attempted);
  }

  /** The latest attempt that was noted; 0 if none was. */
  attemptOf(sequence: number): number {
    return this.#attempts.get(sequence) ?? 0;
  }

  noteAttempt(sequence: number, attempt: number): void {
    this.#isChanged = true;
    this.#attempts.set(sequence, attempt);
  }

  /**
   * True if an owner that has ended without releasing the partition may have handled the event: NATS may have forgotten the
   * acknowledgement, and the owner had no time to store it.
   */
  mayBeRepeated(sequence: number): boolean {
    return sequence <= this.#uncertainUntil;
  }

  /**
   * This instance has the partition from now on. True if another one may have had it since this one did.
   * @param last the latest sequence of the stream
   */
  async own(last: number): Promise<boolean> {
    await this.load();
    const isNew = this.#owner !== this.instance;
    if (this.#owner !== '' && this.#owner !== this.instance) this.#uncertainUntil = last;
    this.#owner = this.instance;
    this.#isChanged = true;
    await this.#save(true);
    return isNew;
  }

  /** Another instance may have the partition now, and finds all here that was handled. */
  async release(): Promise<void> {
    this.#owner = '';
    this.#isChanged = true;
    await this.save();
  }

  /** Adds what other instances have stored. Says if that was found, and if not, whether there was another stream before. */
  async load(): Promise<'found' | 'otherStream' | 'none'> {
    const entry = await this.nats.kv.get(this.#key);
    this.#revision = entry?.revision ?? 0;
    const value = entry?.operation === 'PUT' ? parseJson(entry.string()) : undefined;
    if (!isRecord(value) || value.version !== VERSION) return 'none';
    if (value.stream !== this.stream) return 'otherStream';
    this.#owner = typeof value.owner === 'string' ? value.owner : '';
    if (typeof value.uncertain === 'number') this.#uncertainUntil = Math.max(this.#uncertainUntil, value.uncertain);
    const floor = typeof value.floor === 'number' ? value.floor : 0;
    let sequence = floor;
    for (const step of numbersIn(value.above)) {
      sequence += step;
      if (sequence > this.#floor) this.#above.add(sequence);
    }
    for (const pair of Array.isArray(value.attempts) ? value.attempts : []) {
      const [attempted, attempt] = numbersIn(pair);
      if (attempted === undefined || attempt === undefined || this.has(attempted)) continue;
      this.#attempts.set(attempted, Math.max(attempt, this.attemptOf(attempted)));
    }
    if (floor > this.#floor) this.raiseFloor(floor);
    return 'found';
  }

  /** Nothing up to `sequence` is for this listener, unless another instance has begun before. */
  async begin(sequence: number): Promise<void> {
    this.#floor = sequence;
    try {
      await this.#put();
    } catch (error) {
      this.#floor = 0;
      if (!isConflict(error)) throw error;
      await this.load();
    }
  }

  /** Stores what has changed, if it was not done within the last second. @param now in ms (monotonic) */
  async saveAt(now: number): Promise<void> {
    const every = this.#above.size > MANY ? SAVE_MANY_EVERY : SAVE_EVERY;
    if (!this.#isChanged || now - this.#savedAt < every) return;
    this.#savedAt = now;
    await this.save();
  }

  /** Stores what has changed. Rejects if NATS cannot do that. */
  save(): Promise<void> {
    return this.#save(false);
  }

  /** @param isTaking this instance becomes the owner, in place of any other; otherwise an owner that is stored stays */
  async #save(isTaking: boolean, isRepeated = false): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    try {
      await this.#put();
    } catch (error) {
      this.#isChanged = true;
      if (!isConflict(error) || isRepeated) throw error;
      // Another owner has stored more than was known, or an answer got lost.
      const owner = this.#owner;
      await this.load();
      if (isTaking) this.#owner = owner;
      await this.#save(isTaking, true);
    }
  }

  get #key(): string {
    return handledKey(this.listener, this.partition);
  }

  async #put(): Promise<void> {
    const stored = [...this.#above].slice(-MAX_STORED);
    const above = stored.map((sequence, index) => sequence - (stored[index - 1] ?? this.#floor));
    const value = {
      version: VERSION,
      stream: this.stream,
      owner: this.#owner,
      floor: this.#floor,
      above,
      ...(this.#uncertainUntil > this.#floor && { uncertain: this.#uncertainUntil }),
      attempts: [...this.#attempts],
    };
    const options = { previousSeq: this.#revision, timeout: ANSWER_WITHIN };
    this.#revision = await this.nats.kv.put(this.#key, JSON.stringify(value), options);
  }
}

/** The key of what was handled of a partition. */
export function handledKey(listener: string, partition: number): string {
  return `handled.${token(listener)}.${partition}`;
}

function numbersIn(value: unknown): number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((entry) => typeof entry === 'number');
}

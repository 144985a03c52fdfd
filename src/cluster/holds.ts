import type { MemberListener } from './heartbeat';

/** A partition of a member that is gone: what it had received is delivered again before another one consumes. */
interface Hold {
  readonly listener: string;
  readonly partition: number;
  /** In ms (monotonic). */
  readonly until: number;
}

/** The partitions that nobody may consume yet. */
export class Holds {
  #holds: Hold[] = [];

  has(listener: string, partition: number): boolean {
    return this.#holds.some((hold) => hold.listener === listener && hold.partition === partition);
  }

  /** Holds all partitions that a member has claimed, until a time in ms (monotonic). */
  add(listeners: ReadonlyMap<string, MemberListener>, until: number): void {
    for (const [listener, { claims }] of listeners) {
      this.#holds.push(...claims.map((partition) => ({ listener, partition, until })));
    }
  }

  /** Holds all of them until this time. */
  extend(until: number): void {
    this.#holds = this.#holds.map((hold) => ({ ...hold, until }));
  }

  /** True if some have ended. */
  removeEnded(now: number): boolean {
    const holds = this.#holds.filter(({ until }) => until > now);
    const isChanged = holds.length < this.#holds.length;
    this.#holds = holds;
    return isChanged;
  }
}

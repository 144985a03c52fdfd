import type { NumberedEvent } from './numbers';

export interface Sent {
  readonly number: number;
  readonly event: NumberedEvent;
  readonly channel: string;
  readonly chat: string;
  /** In ms since the epoch. */
  readonly at: number;
}

/** What became of the traffic of one run. */
export interface Figures {
  readonly sent: number;
  readonly received: number;
  /**
   * Messages that never came, and other events that never came though there was no outage: number, event, channel, and
   * when it was announced, in ms after the fault was over.
   */
  readonly lost: readonly string[];
  /** Events without a history that were announced while there was an outage, and never came. */
  readonly missed: number;
  readonly doubled: number;
  /** Messages that came after a later one of their chat. */
  readonly outOfOrder: number;
  /** Until an event came that was announced after the fault, in ms; undefined: not within the run. */
  readonly again: number | undefined;
  /** The same, until every channel had brought one. */
  readonly allAgain: number | undefined;
}

interface Got {
  copies: number;
  /** When the first copy came, in ms since the epoch. */
  readonly at: number;
}

/** Keeps what was announced, and what came of it. */
export class Tally {
  readonly #sent = new Map<number, Sent>();
  readonly #got = new Map<number, Got>();
  readonly #newest = new Map<string, number>();
  /** The last number that came, by channel. */
  readonly #latest = new Map<string, number>();
  /** The same, when the fault began. */
  #latestBefore: ReadonlyMap<string, number> = new Map();
  #outOfOrder = 0;
  /** When the last event came, in ms since the epoch. */
  lastCame = 0;

  announced(sent: Sent): void {
    this.#sent.set(sent.number, sent);
  }

  /** From now on there is an outage: what is on its way, however long that takes on a busy machine, is part of it. */
  faultBegins(): void {
    this.#latestBefore = new Map(this.#latest);
  }

  /** `at`: when it came, in ms since the epoch. */
  came(number: number, at: number): void {
    const sent = this.#sent.get(number);
    if (!sent) throw new Error(`Number ${number} came, but was never announced`);
    this.lastCame = at;
    const known = this.#got.get(number);
    if (known) {
      known.copies += 1;
      return;
    }
    this.#got.set(number, { copies: 1, at });
    this.#latest.set(sent.channel, Math.max(number, this.#latest.get(sent.channel) ?? -1));
    if (sent.event !== 'message') return;
    const newest = this.#newest.get(sent.chat) ?? -1;
    if (number < newest) this.#outOfOrder += 1;
    else this.#newest.set(sent.chat, number);
  }

  /** How many events have not come. */
  get missing(): number {
    return this.#missing().length;
  }

  /** How many messages have not come. */
  get messagesMissing(): number {
    return this.#missing().filter(({ event }) => event === 'message').length;
  }

  /**
   * When each channel first brought an event that was announced after `over`; undefined where it did not. What was announced
   * within the same millisecond may have come before a fault that was over as soon as it had happened.
   */
  flowsAgain(over: number): Map<string, number | undefined> {
    const flows = new Map<string, number | undefined>();
    for (const { channel, number, at } of this.#sent.values()) {
      const came = at > over ? this.#got.get(number)?.at : undefined;
      const first = flows.get(channel);
      flows.set(channel, came === undefined || first === undefined ? (came ?? first) : Math.min(came, first));
    }
    return flows;
  }

  /**
   * The figures of a fault that was over at `over`, in ms since the epoch. With `repeats` the fault is that events come
   * several times: then those that have no key count as often as they are announced.
   */
  figures({ over, repeats }: { over: number; repeats: boolean }): Figures {
    const flows = this.flowsAgain(over);
    const isExcused = ({ event, channel, number, at }: Sent): boolean => {
      const isSince = number > (this.#latestBefore.get(channel) ?? -1);
      return event !== 'message' && isSince && at <= (flows.get(channel) ?? Infinity);
    };
    const missing = this.#missing();
    const lost = missing.filter((event) => !isExcused(event));
    const counted = [...this.#got].filter(([number]) => !repeats || this.#sent.get(number)?.event !== 'chatTag');
    const delays = [...flows.values()].map((at) => (at === undefined ? Infinity : Math.max(0, at - over)));
    return {
      sent: this.#sent.size,
      received: this.#got.size,
      lost: lost.map(({ number, event, channel, at }) => `${number} ${event} on ${channel} at ${at - over} ms`),
      missed: missing.length - lost.length,
      doubled: counted.reduce((sum, [, { copies }]) => sum + copies - 1, 0),
      outOfOrder: this.#outOfOrder,
      again: finite(Math.min(...delays)),
      allAgain: finite(Math.max(...delays)),
    };
  }

  #missing(): Sent[] {
    return [...this.#sent.values()].filter(({ number }) => !this.#got.has(number));
  }
}

function finite(ms: number): number | undefined {
  return Number.isFinite(ms) ? ms : undefined;
}

import type { Clock } from '../../clock';
import { hasHistory, itemFacts, readEnvelopes, type EventKey } from '../../events';
import type { Deduplicator } from '../../inbox/deduplicator';
import type { Positions } from './positions';

/** Of how many messages of a channel it is known when they were delivered. */
const MAX_TIMES = 10_000;

/** An event as it came in. */
export interface RawEvent {
  readonly event: string;
  readonly data: unknown;
  readonly receivedAt: number;
}

/** The same for all channels of a connection. */
export interface NewsOptions {
  readonly clock: Clock;
  readonly keys: Deduplicator;
  /** Several instances share the positions, if they are shared. */
  readonly positions: Positions;
}

/** Knows which items of a channel are news, and which have been before. */
export class News {
  /** When what instances share was delivered, in ms since the epoch, by the id of its key. */
  readonly #deliveredAt = new Map<number, number>();
  /** What was delivered before need not have got anywhere; ms since the epoch. */
  #certainFrom = -Infinity;

  constructor(
    private readonly channel: string,
    private readonly options: NewsOptions,
  ) {}

  /** Notes an item that came live; false if it has been before. */
  isNew({ event }: RawEvent, key: EventKey | undefined): boolean {
    return !key || (this.options.keys.add(this.channel, event, key, 'socket') && this.#note(key));
  }

  /** Notes a message that was fetched after a gap; false if it was delivered already in this run. */
  wasMissed(event: string, key: EventKey | undefined): boolean {
    if (!key) return true;
    const { keys } = this.options;
    const isCertain = (this.#deliveredAt.get(key.id) ?? -Infinity) >= this.#certainFrom;
    if (!isCertain) keys.forget(this.channel, event, key);
    return keys.add(this.channel, event, key, 'history') && this.#note(key);
  }

  /** What was delivered before `time`, in ms since the epoch, is news again if the history has it. */
  trustFrom(time: number): void {
    this.#certainFrom = time;
  }

  #note({ id }: EventKey): true {
    if (!this.options.positions.areShared) return true;
    this.#deliveredAt.delete(id);
    this.#deliveredAt.set(id, this.options.clock.now());
    const [oldest] = this.#deliveredAt.size > MAX_TIMES ? this.#deliveredAt.keys() : [];
    if (oldest !== undefined) this.#deliveredAt.delete(oldest);
    return true;
  }
}

/** The chats of the messages among these events. */
export function chatsOf(events: readonly RawEvent[]): Set<string> {
  const messages = events.filter(({ event }) => hasHistory(event));
  const ids = messages.flatMap(({ event, data }) =>
    readEnvelopes(data).envelopes.flatMap((envelope) => envelope.items.map((item) => itemFacts(event, item).chatId)),
  );
  return new Set(ids.filter((id) => id !== undefined));
}

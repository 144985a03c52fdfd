import type { Clock } from '../clock';
import { hasHistory, itemFacts, readEnvelopes, type Item, type ItemIdentity, type Meta } from '../events';
import { Memory } from './memory';
import { Pairs, type Door } from './pairs';
import type { Progress } from './progress';

/** An event as it came in. */
export interface RawEvent {
  readonly event: string;
  readonly data: unknown;
  readonly receivedAt: number;
  readonly door: Door;
  /** Whether the other door may bring a copy of it. */
  readonly isCopyDue: boolean;
}

/** Knows which items of a channel are news, and which have been before. */
export class News {
  readonly #memory: Memory;
  /** Made when something first comes by webhook, or may. */
  #pairs: Pairs | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly progress: Progress,
  ) {
    this.#memory = new Memory(clock);
  }

  /** Notes an item that came by a door; false where it has been before. */
  isNew({ event, door, isCopyDue }: RawEvent, item: Item, meta: Meta, identity: ItemIdentity | undefined): boolean {
    if (identity) {
      // A callback may be a repeat of what an earlier run has delivered.
      if (door === 'webhook' && this.progress.hasTwin(meta, identity)) return false;
      return this.#memory.isNew(identity, item, false);
    }
    if (door === 'socket' && !isCopyDue && !this.#pairs) return true;
    this.#pairs ??= new Pairs(this.clock);
    return this.#pairs.isNew(door, event, item, isCopyDue);
  }

  /** Notes a message that was fetched after a gap; false where it was delivered already in this run. */
  wasMissed(item: Item, identity: ItemIdentity | undefined): boolean {
    return !identity || this.#memory.isNew(identity, item, true);
  }

  /** What was delivered before `time`, in ms since the epoch, is news again where the history has it. */
  trustFrom(time: number): void {
    this.#memory.trustFrom(time);
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

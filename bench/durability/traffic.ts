import type { Delivery } from '../../test/scenarios/harness/delivered';
import type { ChatAppServer } from '../../test/scenarios/server/chatapp';
import type { Line } from '../../test/scenarios/server/history';

const EVERY = 10;
const MAX_ON_THEIR_WAY = 1_000;

/** What became of the messages that were written. */
export interface Tally {
  readonly written: number;
  readonly lost: readonly string[];
  /** One for each delivery after the first. */
  readonly doubled: readonly Delivery[];
  /** Those of them that say neither `recovered` nor an `attempt` above 1. */
  readonly unmarked: readonly Delivery[];
}

/** Customers who write at a steady rate, in turn in each chat. */
export class Traffic {
  readonly texts: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly chatapp: ChatAppServer,
    private readonly line: Line,
    private readonly chats: number,
  ) {}

  write(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const text = `number ${this.texts.length}`;
      const chat = `chat-${this.texts.length % this.chats}`;
      this.texts.push(text);
      this.chatapp.write({ line: this.line, chat, text });
    }
  }

  /** Customers pause while too many messages are on their way: a busy machine would never catch up. */
  start(perSecond: number, deliveries: readonly Delivery[]): void {
    let last = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      due += ((now - last) / 1_000) * perSecond;
      last = now;
      const room = MAX_ON_THEIR_WAY - (this.texts.length - deliveries.length);
      const count = Math.min(Math.floor(due), Math.max(0, room));
      due -= Math.floor(due);
      this.write(count);
    }, EVERY);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  isComplete(deliveries: readonly Delivery[]): boolean {
    return new Set(deliveries.map(({ text }) => text)).size >= this.texts.length;
  }

  tally(deliveries: readonly Delivery[]): Tally {
    const seen = new Set<string>();
    const doubled: Delivery[] = [];
    for (const delivery of deliveries) {
      if (seen.has(delivery.text)) doubled.push(delivery);
      seen.add(delivery.text);
    }
    return {
      written: this.texts.length,
      lost: this.texts.filter((text) => !seen.has(text)),
      doubled,
      unmarked: doubled.filter(({ recovered, attempt = 1 }) => !recovered && attempt === 1),
    };
  }
}

/** The index of the message with this text. */
export function numberIn(text: string): number {
  return Number(text.replace('number ', ''));
}

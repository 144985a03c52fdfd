import { setImmediate as turn } from 'node:timers/promises';
import type { Entry } from './pending-chats';

interface Sent {
  readonly entry: Entry;
  readonly isDelivered: () => boolean;
}

export interface SentEventsOptions {
  readonly onDelivered: (entry: Entry) => void;
  /** A deploy has closed the next nodes before they got these: none or several. */
  readonly onUndelivered: (entries: readonly Entry[]) => void;
}

/** Events that were sent. One turn of the event loop later it is known whether the next nodes have got them. */
export class SentEvents {
  #unconfirmed: Sent[] = [];
  #undelivered: Entry[] = [];
  #isHeld = false;

  constructor(private readonly options: SentEventsOptions) {}

  /** While something is undelivered, or may be, no other event may be sent: it would overtake. */
  get isBlocked(): boolean {
    return this.#isHeld || this.#undelivered.length > 0;
  }

  /** The node was recreated: what its predecessor sent in this turn may be undelivered. */
  hold(): void {
    this.#isHeld = this.#unconfirmed.length > 0;
  }

  /** Resolves once it is known of all that was sent before. */
  async settled(): Promise<void> {
    if (this.#unconfirmed.length > 0) await turn();
  }

  add(entry: Entry, isDelivered: () => boolean): void {
    const sent = { entry, isDelivered };
    this.#unconfirmed.push(sent);
    // One for each: the turn of the first would come before Node-RED passes on the last.
    setImmediate(this.#confirm, sent);
  }

  /** Takes out and returns everything. */
  clear(): Entry[] {
    const entries = [...this.#undelivered, ...this.#unconfirmed.map(({ entry }) => entry)];
    this.#unconfirmed = [];
    this.#undelivered = [];
    this.#isHeld = false;
    return entries;
  }

  readonly #confirm = (sent: Sent): void => {
    if (this.#unconfirmed[0] !== sent) return;
    this.#unconfirmed.shift();
    if (sent.isDelivered()) this.options.onDelivered(sent.entry);
    else this.#undelivered.push(sent.entry);
    // Those that were sent behind it may be undelivered too.
    if (!this.isBlocked || this.#unconfirmed.length > 0) return;
    this.#isHeld = false;
    this.options.onUndelivered(this.#undelivered.splice(0));
  };
}

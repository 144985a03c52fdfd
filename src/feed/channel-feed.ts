import type { Clock } from '../clock';
import { ChatAppError } from '../errors';
import { readEnvelopes, type Envelope } from '../events';
import type { Log } from '../log';
import { deliveriesOf, type Arrival, type Delivery } from './delivery';
import type { Reception } from './reception';

/** There are some 30 events; a server that makes up names without end shall not fill the memory. */
const MOST_EVENTS = 500;

/** Brings the events of one channel to the listeners that want them. */
export class ChannelFeed {
  readonly #receptions = new Set<Reception>();
  /** Who wants which event; made when the event is first seen, so that listeners that do not want it cost nothing. */
  readonly #wanting = new Map<string, readonly Reception[]>();

  constructor(
    private readonly channel: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get receptions(): ReadonlySet<Reception> {
    return this.#receptions;
  }

  get isEmpty(): boolean {
    return this.#receptions.size === 0;
  }

  add(reception: Reception): void {
    this.#receptions.add(reception);
    this.#wanting.clear();
  }

  remove(reception: Reception): void {
    this.#receptions.delete(reception);
    this.#wanting.clear();
  }

  /** Takes one event off the socket. Where nobody wants it, its data is not even parsed. */
  receive(event: string, data: unknown): void {
    const receptions = this.#wantedBy(event);
    if (receptions.length === 0) return;
    const { envelopes, problems } = readEnvelopes(data);
    for (const problem of problems) {
      const error = ChatAppError.of('PAYLOAD_INVALID', 'unreadable', { event, channel: this.channel, problem });
      for (const { listener } of receptions) listener.onError(error);
    }
    const arrival = { event, channel: this.channel, receivedAt: this.clock.now(), recovered: false };
    for (const envelope of envelopes) this.#deliver(arrival, envelope, receptions);
  }

  #wantedBy(event: string): readonly Reception[] {
    const known = this.#wanting.get(event);
    if (known) return known;
    const wanting = [...this.#receptions].filter(({ listener: { events } }) => {
      return events.length === 0 || events.includes(event);
    });
    if (this.#wanting.size >= MOST_EVENTS) this.#wanting.clear();
    this.#wanting.set(event, wanting);
    return wanting;
  }

  #deliver(arrival: Arrival, envelope: Envelope, receptions: readonly Reception[]): void {
    // All copies are made before the first is handed over: what one flow changes, no other may see.
    const owned = new Set<object>();
    const shares = receptions.flatMap((reception) =>
      deliveriesOf(arrival, envelope, reception.listener).map((delivery) => ({
        reception,
        delivery: ownCopy(delivery, owned),
      })),
    );
    for (const { reception, delivery } of shares) this.#hand(reception, delivery);
  }

  #hand(reception: Reception, delivery: Delivery): void {
    try {
      reception.deliver(delivery);
    } catch (error) {
      // A flow that throws must not keep the others from their events, nor end the process.
      const name = error instanceof Error ? error.name : 'error';
      this.log.warn(`A listener of ${this.channel} failed on an event: ${name}`);
    }
  }
}

/** The delivery with item and meta of its own: the first to ask gets the originals, the others copies. */
function ownCopy(delivery: Delivery, owned: Set<object>): Delivery {
  return { ...delivery, item: own(delivery.item, owned), meta: own(delivery.meta, owned) };
}

function own<T extends object>(value: T, owned: Set<object>): T {
  if (owned.has(value)) return structuredClone(value);
  owned.add(value);
  return value;
}

import { shownTime, type Clock } from './clock';
import { isKnownEvent } from './events';
import type { Writable } from './events/facts';
import { COUNTED_SOURCES, type CountedSource, type EventTotals, type Histogram, type Totals } from './health';

/** The upper limits of the classes of the latency, in s. */
const LATENCIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 600, Infinity] as const;

type Counts = Writable<Pick<EventTotals, 'received' | 'duplicates' | 'backfilled' | 'delivered' | 'deadLettered'>>;

type Counted = Readonly<Record<CountedSource, Counts>>;

/** Counts the events of a connection by name and source. This runs for each event: a look-up and an addition. */
export class EventCounters {
  readonly #counts = new Map<string, Counted>();
  readonly #other = noCounts();
  readonly #latencies = LATENCIES.map(() => 0);
  #latencySum = 0;

  constructor(private readonly clock: Clock) {}

  /** To be counted up. All names that the catalogue does not have share one. */
  of(event: string, source: CountedSource): Counts {
    return (this.#counts.get(event) ?? this.#begin(event))[source];
  }

  /** @param receivedAt in ms since the epoch */
  noteDelivered(event: string, source: CountedSource, receivedAt: number): void {
    this.of(event, source).delivered += 1;
    // Only shown: a clock that was set in between spoils one value.
    const latency = Math.max(0, shownTime(this.clock) - receivedAt) / 1_000;
    const index = LATENCIES.findIndex((limit) => latency <= limit);
    this.#latencies[index] = (this.#latencies[index] ?? 0) + 1;
    this.#latencySum += latency;
  }

  get totals(): Totals {
    return { events: [...this.#counts, ['other', this.#other] as const].flatMap(totalsOf), latency: this.#latency };
  }

  get #latency(): Histogram {
    const buckets = LATENCIES.map((le, index) => ({ le, count: this.#latencies[index] ?? 0 }));
    return { buckets, sum: this.#latencySum, count: buckets.reduce((sum, { count }) => sum + count, 0) };
  }

  #begin(event: string): Counted {
    if (!isKnownEvent(event)) return this.#other;
    const counts = noCounts();
    this.#counts.set(event, counts);
    return counts;
  }
}

function noCounts(): Counted {
  const none = (): Counts => ({ received: 0, duplicates: 0, backfilled: 0, delivered: 0, deadLettered: 0 });
  return { socket: none(), webhook: none(), history: none(), store: none() };
}

/** Those sources that have brought something. */
function totalsOf([event, counted]: readonly [string, Counted]): EventTotals[] {
  const all = COUNTED_SOURCES.map((source) => ({ event, source, ...counted[source] }));
  return all.filter(({ received, delivered, deadLettered }) => received + delivered + deadLettered > 0);
}

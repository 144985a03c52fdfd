import { ChatAppError } from '../../errors';
import {
  eventKeyOf,
  hasHistory,
  metaFacts,
  readEnvelopes,
  type Envelope,
  type EnvelopeProblem,
  type EventKey,
  type Item,
  type LineIds,
  type Meta,
  type MetaFacts,
} from '../../events';
import { isTooDeep } from '../../events/json';
import type { Log } from '../../log';
import { channelFacts, deliveriesOf, separate, type Arrival, type Delivery } from '../../inbox/delivery';
import { LiveEvents } from './live-events';
import { News, type NewsOptions, type RawEvent } from './news';
import type { Progress } from './progress';
import type { Reception } from './reception';

/** There are some 30 events; a server that makes up names without end shall not fill the memory. */
const MOST_EVENTS = 500;

/** A message that was fetched after a gap. */
export interface RecoveredItem {
  readonly event: string;
  readonly item: Item;
  readonly meta: Meta;
}

/** The same for all channels. */
export interface ChannelFeedOptions extends NewsOptions {
  readonly log: Log;
}

/** Brings the events of one channel to the listeners that want them, each once and in order. */
export class ChannelFeed {
  /** What comes live, once it is known to be wanted. */
  readonly live = new LiveEvents((raw) => this.#read(raw));
  readonly #receptions = new Set<Reception>();
  /** Who wants which event; made when the event is first seen, so that listeners that do not want it cost nothing. */
  readonly #wanting = new Map<string, readonly Reception[]>();
  readonly #news: News;
  readonly #facts: MetaFacts;
  /** Present on a messenger channel, which is one line's. */
  readonly #line: LineIds | undefined;

  constructor(
    /** The channel's name. */
    readonly channel: string,
    private readonly options: ChannelFeedOptions,
    private readonly progress: Progress,
  ) {
    this.#news = new News(channel, options);
    this.#facts = channelFacts(channel);
    this.#line = this.#facts.licenseId === undefined ? undefined : this.#facts;
  }

  get receptions(): ReadonlySet<Reception> {
    return this.#receptions;
  }

  get isEmpty(): boolean {
    return this.#receptions.size === 0;
  }

  /** True where someone wants messages, which are the events that can be fetched when they were missed. */
  get wantsHistory(): boolean {
    return [...this.#receptions].some(({ listener: { events } }) => events.length === 0 || events.some(hasHistory));
  }

  add(reception: Reception): void {
    this.#receptions.add(reception);
    this.#wanting.clear();
  }

  remove(reception: Reception): void {
    this.#receptions.delete(reception);
    this.#wanting.clear();
  }

  isWanted(event: string): boolean {
    return this.#wantedBy(event).length > 0;
  }

  /** Takes one event that somebody wants. */
  receive(event: string, data: unknown): void {
    this.live.receive({ event, data, receivedAt: this.options.clock.now() });
  }

  /** What was delivered before `time`, in ms since the epoch, is news again where the history has it. */
  trustFrom(time: number): void {
    this.#news.trustFrom(time);
  }

  /** Delivers a message that was fetched after a gap to those who were there already. True where it was news. */
  recover({ event, item, meta }: RecoveredItem): boolean {
    if (isTooDeep(item)) {
      this.#complain(event, 'it is nested too deeply');
      return false;
    }
    const { channel, progress } = this;
    const receptions = this.#wantedBy(event).filter((reception) => reception.wasThere(channel, Number(item.time)));
    const key = eventKeyOf(event, item, this.#line ?? meta);
    if (key && progress.has(meta, key)) return false;
    const wasMissed = this.#news.wasMissed(event, key);
    if (receptions.length === 0) return false;
    if (wasMissed) {
      const arrival = this.#arrival(event, meta, this.options.clock.now(), true);
      this.#deliver(arrival, { items: [item], meta }, receptions);
    }
    // What came while another copy led was delivered as well, without moving that copy's positions.
    progress.delivered(event, item, meta, key);
    return wasMissed;
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

  #read(raw: RawEvent): void {
    const { event, data, receivedAt } = raw;
    const { progress } = this;
    const receptions = this.#wantedBy(event);
    const { envelopes, problems } = readEnvelopes(data);
    for (const problem of problems) this.#complain(event, problem);
    for (const { items, meta } of envelopes) {
      const fresh: Item[] = [];
      const keys: (EventKey | undefined)[] = [];
      for (const item of items) {
        const key = eventKeyOf(event, item, this.#line ?? meta);
        if (!this.#news.isNew(raw, key)) continue;
        fresh.push(item);
        keys.push(key);
      }
      this.#deliver(this.#arrival(event, meta, receivedAt, false), { items: fresh, meta }, receptions);
      for (const [index, item] of fresh.entries()) progress.delivered(event, item, meta, keys[index]);
    }
  }

  /** Something came in of which not even the event is known. */
  reject(problem: EnvelopeProblem | 'its meta names no event'): void {
    const error = ChatAppError.of('PAYLOAD_INVALID', 'unreadable', {
      event: '?',
      channel: this.channel,
      problem,
    });
    for (const { listener } of this.#receptions) listener.onError(error);
  }

  #complain(event: string, problem: EnvelopeProblem): void {
    const error = ChatAppError.of('PAYLOAD_INVALID', 'unreadable', { event, channel: this.channel, problem });
    for (const { listener } of this.#wantedBy(event)) listener.onError(error);
  }

  #arrival(event: string, meta: Meta, receivedAt: number, recovered: boolean): Arrival {
    const { channel } = this;
    return { event, channel, facts: metaFacts(meta, this.#facts), receivedAt, recovered };
  }

  #deliver(arrival: Arrival, envelope: Envelope, receptions: readonly Reception[]): void {
    const shares: { readonly reception: Reception; readonly delivery: Delivery }[] = [];
    for (const reception of receptions) {
      for (const delivery of deliveriesOf(arrival, envelope, reception.listener)) shares.push({ reception, delivery });
    }
    // All copies are made before the first is handed over: what one flow changes, no other may see.
    separate(shares.map(({ delivery }) => delivery));
    for (const { reception, delivery } of shares) {
      // What the first does may be to end the second.
      if (this.#receptions.has(reception)) this.#hand(reception, delivery);
    }
  }

  #hand(reception: Reception, delivery: Delivery): void {
    try {
      reception.deliver(delivery);
    } catch (error) {
      // A flow that throws must not keep the others from their events, nor end the process.
      const name = error instanceof Error ? error.name : 'error';
      this.options.log.warn(`A listener of ${this.channel} failed on an event: ${name}`);
    }
  }
}

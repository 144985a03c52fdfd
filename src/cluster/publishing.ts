import { setMaxListeners } from 'node:events';
import { byTime } from './feed/missed';
import { Lane, type Entry, type LaneOptions, type LaneOwner } from './lane';
import { partitionOf, type ClusterNames } from './names';
import type { Published } from './published';
import type { EventStream } from './stream';
import { markOf, type Mark } from './wire';

export interface PublishingOptions extends LaneOptions {
  readonly names: ClusterNames;
}

interface Parked {
  readonly entry: Entry;
  readonly publish: () => void;
}

/** What is published while this copy leads: from when it begins to lead until it does no more. */
export class Publishing {
  readonly #end = new AbortController();
  /** By subject. */
  readonly #lanes = new Map<string, Lane>();
  /** Live events of the channels whose history is being fetched. */
  readonly #parked = new Map<string, Parked[]>();

  constructor(
    private readonly stream: EventStream,
    private readonly published: Published,
    filling: ReadonlyMap<string, Promise<void>>,
    private readonly options: PublishingOptions,
    private readonly owner: LaneOwner,
  ) {
    // There may be hundreds of lanes, and each listens.
    setMaxListeners(0, this.#end.signal);
    for (const [channel, filled] of filling) {
      this.#parked.set(channel, []);
      const release = (): void => this.#release(channel);
      filled.then(release, release);
    }
  }

  /** Publishes an entry, unless it was published before. */
  take(entry: Entry): void {
    const { listener, delivery } = entry;
    const subject = this.options.names.events(listener, partitionOf(delivery));
    const mark = this.#markOf(entry);
    if (!mark) return;
    if (this.published.has(subject, mark)) return this.owner.onPublished(entry);
    const publish = (): void => this.#laneOf(subject).add(entry, mark);
    const parked = this.#parked.get(delivery.channel);
    if (!parked) return publish();
    if (!delivery.recovered) return void parked.push({ entry, publish });
    this.#parked.set(delivery.channel, releaseOlder(parked, entry));
    publish();
  }

  /** Publishes no more. What is on its way may still come through. */
  end(): void {
    this.#end.abort(new Error('ended'));
    this.#parked.clear();
  }

  #release(channel: string): void {
    const parked = this.#parked.get(channel) ?? [];
    this.#parked.delete(channel);
    for (const { publish } of parked) publish();
  }

  #markOf(entry: Entry): Mark | undefined {
    try {
      return markOf(entry.delivery);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.owner.onUnfit(entry);
      return undefined;
    }
  }

  #laneOf(subject: string): Lane {
    const known = this.#lanes.get(subject);
    if (known) return known;
    const lane = new Lane(subject, this.stream, this.options, this.owner, this.#end.signal);
    this.#lanes.set(subject, lane);
    return lane;
  }
}

/** Publishes what came live in the chat before a message that was missed was written; the rest is parked still. */
function releaseOlder(parked: readonly Parked[], missed: Entry): Parked[] {
  const isOfChat = ({ entry }: Parked): boolean =>
    entry.listener === missed.listener && entry.delivery.chatId === missed.delivery.chatId;
  const last = parked.findLastIndex((one) => isOfChat(one) && byTime(one.entry.delivery, missed.delivery) < 0);
  const isOlder = (one: Parked, index: number): boolean => index <= last && isOfChat(one);
  for (const one of parked.filter(isOlder)) one.publish();
  return parked.filter((one, index) => !isOlder(one, index));
}

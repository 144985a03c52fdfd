import type { Item } from '../../src/events';
import type { Delivery } from '../../src/inbox/delivery';
import { Positions } from '../../src/cluster/feed/positions';
import { silentLog } from '../../src/log';
import type { Store } from '../../src/store';
import type { FeedStage } from './feed-stage';
import type { Heard } from './heard';
import { CHANNEL, HistoryLine, listener, META } from './history-line';

/** How long a copy that stands by keeps what it heard, and how far back it reads what was published; ms. */
const KEEPS = 15_000;
const TAIL = 30_000;

interface Kept {
  readonly delivery: Delivery;
  /** ms since the epoch */
  readonly at: number;
}

/** Several copies of a flow that hear one line. What the one that leads publishes stands in `stream`. */
export class Copies {
  readonly line = new HistoryLine();
  readonly stream: Kept[] = [];
  readonly all = new Set<Copy>();

  /** What was published, in order. */
  get published(): string[] {
    return this.stream.map(({ delivery: { item, recovered } }) => `${String(item.id)}${recovered ? ' recovered' : ''}`);
  }

  /** Something of another line is published, so that what was before is not the last any more. */
  publishElsewhere(): void {
    const delivery = { event: 'chatRead', channel: 'another', item: { id: 'elsewhere' }, meta: {}, recovered: false };
    const at = this.line.clock.now();
    this.stream.push({ delivery: { ...delivery, receivedAt: at }, at });
  }

  /** Another copy, which stands by. */
  async start(heard = listener()): Promise<Copy> {
    const copy = new Copy(this, heard);
    this.all.add(copy);
    await copy.stage.open();
    return copy;
  }

  /** Somebody writes: all copies hear it that are not deaf. */
  say(id: string, more: object = {}): void {
    const item = this.line.write(id, more);
    for (const copy of this.all) if (!copy.isDeaf) copy.hear(item);
  }

  /** Lets `ms` go by; where a copy leads, the others see its signs. */
  async pass(ms: number): Promise<void> {
    await this.line.clock.pass(ms);
    if ([...this.all].some(({ leads }) => leads)) for (const copy of this.all) if (!copy.leads) copy.onSign();
  }
}

/** One of them: its feed, and what it heard and did not publish. */
export class Copy {
  readonly stage: FeedStage;
  leads = false;
  /** Nothing reaches it, and it does not know. */
  isDeaf = false;
  /** It publishes nothing, and does not know. */
  isStuck = false;
  outbox: Kept[] = [];
  #published: readonly Kept[] = [];
  #parked = new Set<string>();
  #lastSign: number | undefined;

  constructor(
    private readonly copies: Copies,
    readonly heard: Heard,
  ) {
    const { clock, store } = copies.line;
    // Positions are saved once all that was heard before is published.
    const write: Store['write'] = (name, text) =>
      this.outbox.length > 0 ? Promise.reject(new Error('not published')) : store.write(name, text);
    const positions = new Positions({ read: (name) => store.read(name), write }, 'positions', clock, silentLog);
    this.stage = copies.line.start({ leads: () => this.leads, positions });
    heard.onItem = (delivery) => {
      heard.deliveries.push(delivery);
      this.outbox.push({ delivery, at: this.#now });
      this.publish();
    };
    this.stage.feed.add(heard);
  }

  hear(item: Item): void {
    this.stage.feed.onEvent(CHANNEL, 'message', structuredClone({ data: [item], meta: META }));
  }

  onSign(): void {
    this.#lastSign = this.#now;
    this.outbox = this.outbox.filter(({ at }) => at >= this.#now - KEEPS);
  }

  /** Leads from now on; resolves once it publishes. */
  async takeOver(): Promise<ReadonlyMap<string, Promise<void>>> {
    const newest = this.copies.stream.at(-1)?.at ?? 0;
    this.#published = this.copies.stream.filter(({ at }) => at >= newest - TAIL);
    this.leads = true;
    const filling = await this.stage.feed.takeOver(this.#lastSign === undefined ? -Infinity : this.#lastSign - KEEPS);
    for (const [channel, released] of filling) {
      this.#parked.add(channel);
      void released.then(() => {
        this.#parked.delete(channel);
        this.publish();
      });
    }
    this.publish();
    return filling;
  }

  /** Leads no longer. */
  standBy(): void {
    this.leads = false;
    this.stage.feed.standBy();
  }

  /** Ends without a word. */
  die(): void {
    this.leads = false;
    this.copies.all.delete(this);
    this.stage.feed.standBy();
    this.stage.feed.clear();
  }

  publish(): void {
    if (!this.leads || this.isStuck) return;
    const isParked = ({ delivery }: Kept): boolean => !delivery.recovered && this.#parked.has(delivery.channel);
    const due = this.outbox.filter((kept) => !isParked(kept));
    this.outbox = this.outbox.filter(isParked);
    const isNew = ({ delivery: { item } }: Kept): boolean =>
      !this.#published.some(({ delivery }) => delivery.item.id === item.id);
    this.copies.stream.push(...due.filter(isNew).map(({ delivery }) => ({ delivery, at: this.#now })));
  }

  get #now(): number {
    return this.stage.clock.now();
  }
}

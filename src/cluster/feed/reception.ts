import { randomUUID } from 'node:crypto';
import type { AccountLine, Line } from '../../api/lines';
import { ChatAppError } from '../../errors';
import { channelName } from '../../events';
import type { Status } from '../../status';
import { isWanted, type Delivery } from '../../inbox/delivery';
import type { LineChoice, Listener } from '../../inbox/listener';
import { sameStatus, statusOf, type ListenerCircumstances } from '../../channels/listener-status';

/** How many items are kept for a listener that restarts. */
const MOST_KEPT = 10_000;

/** One listener at work: the channels that its choice has come to, and what it was last told. */
export class Reception {
  /** The names of its channels. */
  channels: ReadonlySet<string> = new Set();
  /** Since when it listens to each channel, in unix seconds. */
  readonly #since = new Map<string, number>();
  #lastEvent: number | undefined;
  #status: Status | undefined;
  #toldNoLine = false;
  /** What came while the listener was away; absent while it is there. */
  #kept: Delivery[] | undefined;
  #dropped = 0;

  /** Its name across restarts; one that has none is a new one each time. */
  readonly id: string;

  constructor(public listener: Listener) {
    this.id = listener.id ?? randomUUID();
  }

  /** Present where the channels follow from the account's lines. */
  get choice(): LineChoice | undefined {
    const { channel } = this.listener;
    const isOpen = channel.type === 'messenger' && !(channel.licenseId && channel.messengerType);
    return isOpen ? channel : undefined;
  }

  /** The name of the one channel that was chosen; throws RangeError where an id is malformed. */
  get channelName(): string {
    const { channel } = this.listener;
    if (channel.type !== 'messenger') return channelName(channel);
    const { licenseId = '', messengerType = '' } = channel;
    return channelName({ type: 'messenger', licenseId, messengerType });
  }

  /**
   * The channels among `lines` that fit the choice. If none does, the error is reported once. A line that is not active
   * only fits if it was chosen by its id.
   */
  channelsAmong(lines: readonly AccountLine[], choice: LineChoice): Set<string> {
    const { licenseId, messengerType } = choice;
    const fitting = this.fitting(licenseId ? lines : lines.filter(({ isInactive }) => !isInactive), choice);
    if (fitting.size === 0 && !this.#toldNoLine) {
      const wanted = [licenseId && `line ${licenseId}`, messengerType].filter(Boolean).join(', ') || 'the choice';
      const reason = this.fitting(lines, choice).size > 0 ? 'inactive' : 'noLine';
      this.listener.onError(ChatAppError.of('CHANNEL_REFUSED', reason, { wanted }));
    }
    this.#toldNoLine = fitting.size === 0;
    return fitting;
  }

  /** The channels of those lines that fit the choice. */
  fitting(lines: readonly Line[], { licenseId, messengerType }: LineChoice): Set<string> {
    const fitting = lines.filter(
      (line) =>
        (!licenseId || line.licenseId === licenseId) && (!messengerType || line.messengerType === messengerType),
    );
    return new Set(fitting.map((line) => channelName({ type: 'messenger', ...line })));
  }

  /** Notes since when it listens to a channel; `since` tells it for a listener with an id, once. */
  joins(channel: string, since: (id: string) => number): void {
    if (!this.#since.has(channel)) this.#since.set(channel, since(this.id));
  }

  /** True where it listened to the channel at this time, in unix seconds. */
  wasThere(channel: string, time: number): boolean {
    return time >= (this.#since.get(channel) ?? Infinity);
  }

  /** Hands an item over. */
  deliver(delivery: Delivery): void {
    if (this.#kept) return this.#keep(delivery, this.#kept);
    this.#lastEvent = delivery.receivedAt;
    if (this.#status?.kind === 'listening') this.#tell({ ...this.#status, lastEvent: delivery.receivedAt });
    this.listener.onItem(delivery);
  }

  /** The listener restarts: what comes for it is kept. */
  leave(): void {
    this.#kept = [];
  }

  /** The listener is there again, maybe with other wishes: it gets what was kept and is still wanted. */
  comeBack(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    this.#status = undefined;
    for (const delivery of kept) {
      if (this.channels.has(delivery.channel) && isWanted(delivery, this.listener)) this.deliver(delivery);
    }
    if (this.#dropped === 0) return;
    this.listener.onError(ChatAppError.of('RECOVERY_FAILED', 'overflow', { limit: MOST_KEPT, count: this.#dropped }));
    this.#dropped = 0;
  }

  /** Works the status out anew and tells it, if it is another one. */
  show(circumstances: Omit<ListenerCircumstances, 'lastEvent'>): void {
    this.#tell(statusOf({ ...circumstances, ...(this.#lastEvent !== undefined && { lastEvent: this.#lastEvent }) }));
  }

  #keep(delivery: Delivery, kept: Delivery[]): void {
    kept.push(delivery);
    if (kept.length <= MOST_KEPT) return;
    kept.shift();
    this.#dropped += 1;
  }

  #tell(status: Status): void {
    if (this.#kept || sameStatus(this.#status, status)) return;
    this.#status = status;
    this.listener.onStatus(status);
  }
}

import type { Line } from '../api/lines';
import { ChatAppError } from '../errors';
import { channelName } from '../events';
import type { Status } from '../status';
import type { Delivery } from './delivery';
import type { LineChoice, Listener } from './listener';
import { sameStatus, statusOf, type ListenerCircumstances } from './status-of';

/** One listener at work: the channels that its choice has come to, and what it was last told. */
export class Reception {
  /** The names of its channels. */
  channels: ReadonlySet<string> = new Set();
  #lastEvent: number | undefined;
  #status: Status | undefined;
  #toldNoLine = false;

  constructor(readonly listener: Listener) {}

  /** Present where the channels follow from the account's lines. */
  get choice(): LineChoice | undefined {
    const { channel } = this.listener;
    const isOpen = channel.type === 'messenger' && !(channel.licenseId && channel.messengerType);
    return isOpen ? channel : undefined;
  }

  /** The channels among `lines` that fit the choice. Where none does, the listener is told, once. */
  channelsAmong(lines: readonly Line[], { licenseId, messengerType }: LineChoice): Set<string> {
    const fitting = lines.filter(
      (line) =>
        (licenseId === undefined || line.licenseId === licenseId) &&
        (messengerType === undefined || line.messengerType === messengerType),
    );
    if (fitting.length === 0 && !this.#toldNoLine) {
      const wanted = [licenseId && `line ${licenseId}`, messengerType].filter(Boolean).join(', ') || 'the choice';
      this.listener.onError(ChatAppError.of('CHANNEL_REFUSED', 'noLine', { wanted }));
    }
    this.#toldNoLine = fitting.length === 0;
    return new Set(fitting.map((line) => channelName({ type: 'messenger', ...line })));
  }

  /** Hands an item over. */
  deliver(delivery: Delivery): void {
    this.#lastEvent = delivery.receivedAt;
    if (this.#status?.kind === 'listening') this.#tell({ ...this.#status, lastEvent: delivery.receivedAt });
    this.listener.onItem(delivery);
  }

  /** Works the status out anew and tells it, if it is another one. */
  show(circumstances: Omit<ListenerCircumstances, 'lastEvent'>): void {
    this.#tell(statusOf({ ...circumstances, ...(this.#lastEvent !== undefined && { lastEvent: this.#lastEvent }) }));
  }

  #tell(status: Status): void {
    if (sameStatus(this.#status, status)) return;
    this.#status = status;
    this.listener.onStatus(status);
  }
}

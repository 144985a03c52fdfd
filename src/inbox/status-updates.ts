import type { Clock, Timer } from '../clock';
import type { SupervisorState } from '../socket/supervisor';
import type { Channels, WebhookOptions } from './channels';
import type { ChosenChannels } from './chosen-channels';
import type { Subscriber } from './subscriber';
import type { Subscribers } from './subscribers';

/** A status that depends on more channels than this is worked out at most every so often, in ms: it looks at all of them. */
const MANY_CHANNELS = 20;
const SHOW_EVERY = 250;

export interface StatusUpdatesOptions {
  readonly channels: Channels;
  readonly chosen: ChosenChannels;
  readonly subscribers: Pick<Subscribers, 'isPresent'>;
  readonly socket: () => SupervisorState;
  /** True while nothing can be stored: the statuses show it. */
  readonly isUnstored: () => boolean;
  /** Present if events come by webhook. */
  readonly webhook?: WebhookOptions;
  readonly clock: Clock;
}

/** Shows subscribers their status. */
export class StatusUpdates {
  readonly #due = new Set<Subscriber>();
  #timer: Timer | undefined;

  constructor(private readonly options: StatusUpdatesOptions) {}

  /** One of the subscriber's channels has changed. With a thousand of them, the next one follows within moments. */
  showSoon(subscriber: Subscriber): void {
    if (subscriber.channels.size <= MANY_CHANNELS) return this.show(subscriber);
    this.#due.add(subscriber);
    this.#timer ??= this.options.clock.after(SHOW_EVERY, () => {
      this.#timer = undefined;
      for (const one of this.#due) this.show(one);
    });
  }

  show(subscriber: Subscriber): void {
    this.#due.delete(subscriber);
    const { channels: all, chosen, subscribers, socket, webhook, isUnstored } = this.options;
    // A subscriber that has left gets no status, not even while its channels are being closed.
    if (!subscribers.isPresent(subscriber)) return;
    const channels = [...subscriber.channels].flatMap((name) => all.get(name) ?? []);
    const recovered = channels.flatMap((channel) => channel.recovered ?? []);
    subscriber.show({
      socket: socket(),
      isUnstored: isUnstored(),
      subscriptions: channels.map(({ subscription }) => subscription),
      ...(webhook && { receive: webhook.receive, callbacks: channels.map(({ callback }) => callback) }),
      ...(recovered.length > 0 && { recovered: recovered.reduce((sum, count) => sum + count, 0) }),
      ...(subscriber.choice && { lines: chosen.lines }),
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#due.clear();
  }
}

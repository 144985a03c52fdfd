import type { Line } from '../api/lines';
import type { ErrorReporter } from '../channels/error-reporter';
import { channelName } from '../events';
import type { SupervisorState } from '../socket/supervisor';
import { Callbacks, type CallbacksOptions } from '../webhook/callbacks';
import { Channel, type ChannelOptions } from './channel';
import type { Subscriber } from './subscriber';

/** What a connection with webhooks needs of ChatApp. */
export type WebhookOptions = Pick<CallbacksOptions, 'baseUrl' | 'secret' | 'receive' | 'read' | 'set' | 'remove'>;

export interface ChannelsOptions extends Omit<ChannelOptions, 'hasWebhooks' | 'onState'> {
  /** Present if events come by webhook. */
  readonly webhook?: WebhookOptions;
  readonly reporter: ErrorReporter;
  /** Called when a channel's state changes. */
  readonly onState: (channel: Channel) => void;
}

/** The channels that somebody listens to: each is there from its first subscriber to its last, and follows the socket. */
export class Channels {
  /** Present if events come by webhook. */
  readonly callbacks: Callbacks | undefined;
  readonly #channels = new Map<string, Channel>();
  readonly #channelOptions: ChannelOptions;
  #socket: SupervisorState = { kind: 'idle' };

  constructor(private readonly options: ChannelsOptions) {
    const { webhook, reporter } = options;
    this.#channelOptions = { ...options, hasWebhooks: webhook !== undefined };
    this.callbacks =
      webhook &&
      new Callbacks({
        ...options,
        ...webhook,
        onState: (line, state) => this.ofLine(line)?.onCallback(state),
        onFailure: (error) => reporter.failed('webhooks', error),
        onSuccess: () => reporter.recovered('webhooks'),
      });
  }

  get socket(): SupervisorState {
    return this.#socket;
  }

  get(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  get all(): Channel[] {
    return [...this.#channels.values()];
  }

  get names(): string[] {
    return [...this.#channels.keys()];
  }

  /** The lines that somebody listens to. */
  get lines(): Line[] {
    return [...this.#channels.values()].flatMap(({ inbox }) => inbox.line ?? []);
  }

  /** The channel of a line, if somebody listens to it. */
  ofLine(line: Line): Channel | undefined {
    return this.#channels.get(channelName({ type: 'messenger', ...line }));
  }

  /** The socket has changed its state: subscriptions follow it. Busy channels first, since most events wait for them. */
  onSocket(state: SupervisorState): void {
    const wasOpen = this.#socket.kind === 'open';
    this.#socket = state;
    const busyFirst = [...this.#channels.values()].sort((one, other) => other.lastEventAt - one.lastEventAt);
    for (const channel of busyFirst) {
      if (state.kind === 'open') channel.open(state.socket);
      else if (wasOpen) channel.close();
    }
  }

  /** From now on this instance records, or another one. */
  setRecording(isRecording: boolean): void {
    for (const channel of this.#channels.values()) {
      if (isRecording) channel.resume();
      else channel.pause();
    }
  }

  /** The subscriber listens to the channel. */
  join(subscriber: Subscriber, name: string): void {
    const channel = this.#channels.get(name) ?? this.#begin(name);
    channel.add(subscriber);
    this.#want(channel);
  }

  /** The subscriber wants other events of the channel than before. */
  update(name: string): void {
    const channel = this.#channels.get(name);
    channel?.inbox.update();
    if (channel) this.#want(channel);
  }

  /** The subscriber does not listen to the channel any more. If it `isForgotten`, a later one gets nothing from before. */
  leave(subscriber: Subscriber, name: string, isForgotten: boolean): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    channel.remove(subscriber);
    if (channel.inbox.subscribers.size > 0) return this.#want(channel);
    this.#channels.delete(name);
    channel.stop();
    if (isForgotten) {
      this.options.gaps.forget(name);
      this.options.seenChats.forget(name);
    }
    const { line } = channel.inbox;
    if (line) this.callbacks?.leave(line, isForgotten);
  }

  #begin(name: string): Channel {
    const channel = new Channel(name, this.#channelOptions);
    this.#channels.set(name, channel);
    if (this.#socket.kind === 'open') channel.open(this.#socket.socket);
    return channel;
  }

  /** Lets ChatApp send what the channel's subscribers want now. */
  #want(channel: Channel): void {
    const { line } = channel.inbox;
    if (line) this.callbacks?.want(line, channel.webhookEvents);
  }
}

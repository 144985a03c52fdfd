import type { Line } from '../api/lines';
import type { Timer } from '../clock';
import { channelName, parseChannelName } from '../events';
import type { SupervisorState } from '../socket/supervisor';
import type { CallbackState } from '../webhook/callback-state';
import { Callbacks, type CallbacksOptions } from '../webhook/callbacks';
import { Channel, type ChannelOptions } from './channel';
import type { Reception } from './reception';
import type { Trouble } from './trouble';

/** How often it is noted until when the channels were heard, in ms. */
const NOTE_EVERY = 60_000;

export interface ChannelsOptions extends ChannelOptions {
  /** Present where events come by webhook. */
  readonly webhook?: Pick<CallbacksOptions, 'baseUrl' | 'secret' | 'read' | 'set' | 'remove'>;
}

/** The channels that somebody listens to: each is there from its first listener to its last, and follows the socket. */
export class Channels {
  /** By name. */
  readonly #channels = new Map<string, Channel>();
  /** Present where events come by webhook. */
  readonly callbacks: Callbacks | undefined;
  #socket: SupervisorState = { kind: 'idle' };
  #noteTimer: Timer | undefined;

  constructor(
    private readonly options: ChannelsOptions,
    private readonly trouble: Trouble,
    /** A channel stands otherwise than before. */
    private readonly onState: (channel: Channel) => void,
  ) {
    this.callbacks =
      options.webhook &&
      new Callbacks({
        ...options,
        ...options.webhook,
        onState: (line, state) => this.#onCallback(line, state),
        onFailure: (error) => trouble.failed('webhooks', error),
        onSuccess: () => trouble.over('webhooks'),
      });
  }

  get socket(): SupervisorState {
    return this.#socket;
  }

  get(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** The lines that somebody listens to. */
  get lines(): Line[] {
    const addresses = [...this.#channels.keys()].map((name) => parseChannelName(name));
    return addresses.flatMap((address) => (address?.type === 'messenger' ? [address] : []));
  }

  /** The channel of a line, where somebody listens to it. */
  ofLine(line: Line): Channel | undefined {
    return this.#channels.get(channelName({ type: 'messenger', ...line }));
  }

  /** The socket has changed its state: subscriptions follow it. */
  onSocket(state: SupervisorState): void {
    const wasOpen = this.#socket.kind === 'open';
    this.#socket = state;
    for (const channel of this.#busyFirst) {
      if (state.kind === 'open') channel.open(state.socket);
      else if (wasOpen) channel.close();
    }
    this.#noteRegularly();
  }

  /** True where each is heard, or cannot be, with nothing missing since `time`, in ms since the epoch. */
  areWhole(time: number): boolean {
    return [...this.#channels.values()].every((channel) => channel.isRefused || channel.isWhole(time));
  }

  /** This copy leads from now on: see `Feed.takeOver`. */
  takeOver(heardBy: number): Map<string, Promise<void>> {
    const filling = new Map<string, Promise<void>>();
    // Those whose live events wait are looked up before the others.
    for (const channel of this.#busyFirst.sort((a, b) => Number(a.isWhole(heardBy)) - Number(b.isWhole(heardBy)))) {
      const released = channel.takeOver(heardBy);
      if (released) filling.set(channel.name, released);
    }
    return filling;
  }

  /** Another copy leads from now on. */
  standBy(): void {
    for (const channel of this.#channels.values()) channel.standBy();
  }

  join(reception: Reception, name: string): void {
    const channel = this.#channels.get(name) ?? this.#begin(name);
    channel.add(reception);
    this.#want(channel);
  }

  /** The listener wants the channel no more; for good where it `isForgotten`, else it may come back after a restart. */
  leave(reception: Reception, name: string, isForgotten: boolean): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    const isLast = channel.receptions.size === 1 && channel.receptions.has(reception);
    if (isLast) this.#end(channel, isForgotten);
    channel.remove(reception, isForgotten);
    if (!isLast) this.#want(channel);
  }

  /** The busy ones first: they wait for the fewest others to be authorised and looked up in the history. */
  get #busyFirst(): Channel[] {
    return [...this.#channels.values()].sort((a, b) => b.lastHeard - a.lastHeard);
  }

  #begin(name: string): Channel {
    const channel = new Channel(name, this.options, this.trouble, this.onState);
    this.#channels.set(name, channel);
    if (this.#socket.kind === 'open') channel.open(this.#socket.socket);
    if (!this.#noteTimer) this.#noteRegularly();
    return channel;
  }

  #end(channel: Channel, isForgotten: boolean): void {
    this.#channels.delete(channel.name);
    channel.stop();
    this.trouble.over(webhookSource(channel));
    const address = parseChannelName(channel.name);
    if (address?.type === 'messenger') this.callbacks?.leave(address, isForgotten);
  }

  /** Lets ChatApp send what the channel's listeners want now. */
  #want(channel: Channel): void {
    const address = parseChannelName(channel.name);
    if (this.callbacks && address?.type === 'messenger') this.callbacks.want(address, channel.wanted);
  }

  #onCallback(line: Line, state: CallbackState): void {
    const channel = this.ofLine(line);
    if (!channel) return;
    const source = webhookSource(channel);
    if (state.kind === 'failed' && state.error.code !== 'WEBHOOK_FAILED') this.trouble.failed(source, state.error);
    else this.trouble.over(source);
    channel.onCallback(state);
    this.onState(channel);
  }

  #noteRegularly(): void {
    this.#noteTimer?.cancel();
    this.#noteTimer = undefined;
    if (this.#socket.kind !== 'open' && !(this.callbacks && this.#channels.size > 0)) return;
    this.#noteTimer = this.options.clock.after(NOTE_EVERY, () => {
      for (const channel of this.#channels.values()) channel.noteHeard();
      this.#noteRegularly();
    });
  }
}

/** As what its webhook's trouble is told. */
function webhookSource({ name }: Channel): string {
  return `webhook of ${name}`;
}

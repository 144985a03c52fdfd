import type { Line } from '../../api/lines';
import type { ErrorReporter } from '../../channels/error-reporter';
import type { Timer } from '../../clock';
import { channelName, parseChannelName } from '../../events';
import { Deduplicator } from '../../inbox/deduplicator';
import type { SupervisorState } from '../../socket/supervisor';
import { Channel, type ChannelOptions } from './channel';
import type { Reception } from './reception';

/** How often it is noted until when the channels were heard, in ms. */
const NOTE_EVERY = 60_000;

export type ChannelsOptions = Omit<ChannelOptions, 'keys'>;

/** The channels that somebody listens to: each is there from its first listener to its last, and follows the socket. */
export class Channels {
  /** By name. */
  readonly #channels = new Map<string, Channel>();
  readonly #channelOptions: ChannelOptions;
  #socket: SupervisorState = { kind: 'idle' };
  #noteTimer: Timer | undefined;

  constructor(
    private readonly options: ChannelsOptions,
    private readonly reporter: ErrorReporter,
    /** A channel stands otherwise than before. */
    private readonly onState: (channel: Channel) => void,
  ) {
    const { clock, log } = options;
    const keys = new Deduplicator({
      clock,
      hasWebhooks: false,
      recoverHours: options.hours,
      onLimit: (limit) => log.warn(`More than ${limit} recent events: late repeats of the oldest are not recognised`),
    });
    this.#channelOptions = { ...options, keys };
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
  }

  /** The listener wants the channel no more; for good where it `isForgotten`, else it may come back after a restart. */
  leave(reception: Reception, name: string, isForgotten: boolean): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    const isLast = channel.receptions.size === 1 && channel.receptions.has(reception);
    if (isLast) this.#end(channel);
    channel.remove(reception, isForgotten);
  }

  /** The busy ones first: they wait for the fewest others to be authorised and looked up in the history. */
  get #busyFirst(): Channel[] {
    return [...this.#channels.values()].sort((a, b) => b.lastHeard - a.lastHeard);
  }

  #begin(name: string): Channel {
    const channel = new Channel(name, this.#channelOptions, this.reporter, this.onState);
    this.#channels.set(name, channel);
    if (this.#socket.kind === 'open') channel.open(this.#socket.socket);
    if (!this.#noteTimer) this.#noteRegularly();
    return channel;
  }

  #end(channel: Channel): void {
    this.#channels.delete(channel.name);
    channel.stop();
  }

  #noteRegularly(): void {
    this.#noteTimer?.cancel();
    this.#noteTimer = undefined;
    if (this.#socket.kind !== 'open') return;
    this.#noteTimer = this.options.clock.after(NOTE_EVERY, () => {
      for (const channel of this.#channels.values()) channel.noteHeard();
      this.#noteRegularly();
    });
  }
}

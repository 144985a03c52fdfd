import type { Line } from '../api/lines';
import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';
import { channelName } from '../events';
import type { Log } from '../log';
import type { SupervisorState } from '../socket/supervisor';
import { ChannelFeed } from './channel-feed';
import { LineWatch } from './line-watch';
import type { LineChoice, Listener } from './listener';
import { Reception } from './reception';
import { Subscription } from './subscription';
import { Trouble } from './trouble';

export interface FeedOptions {
  /** Gets the signature to subscribe `channel` with on the socket `socketId`. */
  readonly authorise: (socketId: string, channel: string, isWanted: () => boolean) => Promise<string>;
  readonly readLines: () => Promise<Line[]>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** What concerns the whole connection; once for each incident. */
  readonly onError: (error: ChatAppError) => void;
}

interface Channel {
  readonly feed: ChannelFeed;
  readonly subscription: Subscription;
  /** What its listeners were told when it was refused. */
  refusal?: ChatAppError | undefined;
}

/** Brings events from the socket to listeners: one subscription for each channel, however many listen to it. */
export class Feed {
  readonly #channels = new Map<string, Channel>();
  readonly #receptions = new Set<Reception>();
  readonly #lines: LineWatch;
  readonly #trouble: Trouble;
  #socket: SupervisorState = { kind: 'idle' };

  constructor(private readonly options: FeedOptions) {
    this.#trouble = new Trouble(options.clock, options.onError);
    this.#lines = new LineWatch({
      ...options,
      read: options.readLines,
      onChange: () => this.#onLines(),
      onFailure: (error) => this.#trouble.failed('lines', error),
      onSuccess: () => this.#trouble.over('lines'),
    });
  }

  get isEmpty(): boolean {
    return this.#receptions.size === 0;
  }

  /** Adds a listener; the result removes it. */
  add(listener: Listener): () => void {
    const reception = new Reception(listener);
    this.#receptions.add(reception);
    if (reception.choice) this.#choose(reception, reception.choice);
    else this.#join(reception, new Set([nameOf(listener)]));
    this.#show(reception);
    return () => this.#remove(reception);
  }

  /** Removes every listener. */
  clear(): void {
    for (const reception of this.#receptions) this.#remove(reception);
  }

  /** The socket has changed its state: subscriptions follow it. */
  onSocket(state: SupervisorState): void {
    const wasOpen = this.#socket.kind === 'open';
    this.#socket = state;
    for (const { subscription } of this.#channels.values()) {
      if (state.kind === 'open') subscription.open(state.socket);
      else if (wasOpen) subscription.close();
    }
    if (state.kind === 'open') this.#watchLines();
    else this.#lines.stop();
    for (const reception of this.#receptions) this.#show(reception);
  }

  onSubscribed(channel: string): void {
    this.#channels.get(channel)?.subscription.confirm();
  }

  onRefused(channel: string): void {
    this.#channels.get(channel)?.subscription.refuse();
  }

  onEvent(channel: string, event: string, data: unknown): void {
    this.#channels.get(channel)?.feed.receive(event, data);
  }

  #remove(reception: Reception): void {
    this.#receptions.delete(reception);
    this.#join(reception, new Set());
    this.#watchLines();
  }

  /** Reads the account's lines while there is a socket and someone whose channels follow from them. */
  #watchLines(): void {
    const isWanted = [...this.#receptions].some(({ choice }) => choice);
    if (isWanted && this.#socket.kind === 'open') this.#lines.start();
    else this.#lines.stop();
  }

  #onLines(): void {
    for (const reception of this.#receptions) {
      if (!reception.choice) continue;
      this.#choose(reception, reception.choice);
      this.#show(reception);
    }
  }

  #choose(reception: Reception, choice: LineChoice): void {
    const { state } = this.#lines;
    if (state.kind === 'known') this.#join(reception, reception.channelsAmong(state.lines, choice));
    else this.#watchLines();
  }

  /** Makes `names` the channels of the listener: joins the new ones, leaves the old ones. */
  #join(reception: Reception, names: ReadonlySet<string>): void {
    const before = reception.channels;
    reception.channels = names;
    for (const name of names) {
      if (before.has(name)) continue;
      const { feed, refusal } = this.#channel(name);
      feed.add(reception);
      if (refusal) reception.listener.onError(refusal);
    }
    for (const name of before) if (!names.has(name)) this.#leave(reception, name);
  }

  #leave(reception: Reception, name: string): void {
    const channel = this.#channels.get(name);
    channel?.feed.remove(reception);
    if (!channel?.feed.isEmpty) return;
    this.#channels.delete(name);
    channel.subscription.stop();
    this.#trouble.over(name);
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name);
    if (known) return known;
    const { clock, log } = this.options;
    const channel: Channel = { feed: new ChannelFeed(name, clock, log), subscription: this.#subscription(name) };
    this.#channels.set(name, channel);
    if (this.#socket.kind === 'open') channel.subscription.open(this.#socket.socket);
    return channel;
  }

  #subscription(channel: string): Subscription {
    return new Subscription({
      ...this.options,
      channel,
      onState: () => this.#showAll(channel),
      onFailure: (error) => this.#onFailure(channel, error),
      onSuccess: () => this.#onSuccess(channel),
    });
  }

  /** A refusal is told to the channel's listeners; every other trouble is the connection's. */
  #onFailure(name: string, error: ChatAppError): void {
    const channel = this.#channels.get(name);
    if (error.code !== 'CHANNEL_REFUSED') return this.#trouble.failed(name, error);
    this.#trouble.over(name);
    if (!channel || channel.refusal) return;
    channel.refusal = error;
    for (const { listener } of channel.feed.receptions) listener.onError(error);
  }

  #onSuccess(name: string): void {
    const channel = this.#channels.get(name);
    if (channel) channel.refusal = undefined;
    this.#trouble.over(name);
  }

  #showAll(name: string): void {
    for (const reception of this.#channels.get(name)?.feed.receptions ?? []) this.#show(reception);
  }

  #show(reception: Reception): void {
    const subscriptions = [...reception.channels].flatMap((name) => this.#channels.get(name)?.subscription.state ?? []);
    reception.show({ socket: this.#socket, subscriptions, ...(reception.choice && { lines: this.#lines.state }) });
  }
}

function nameOf({ channel }: Listener): string {
  return channel.type === 'messenger'
    ? channelName({ type: 'messenger', licenseId: channel.licenseId ?? '', messengerType: channel.messengerType ?? '' })
    : channelName(channel);
}

import type { Line } from '../api/lines';
import type { Timer } from '../clock';
import type { ChatAppError } from '../errors';
import { channelName, parseChannelName } from '../events';
import type { SupervisorState } from '../socket/supervisor';
import type { CallbackState } from '../webhook/callback-state';
import { Callbacks, type CallbacksOptions } from '../webhook/callbacks';
import type { Reception as Standing } from '../webhook/door';
import { Channel, type ChannelOptions } from './channel';
import { LineWatch } from './line-watch';
import type { LineChoice, Listener, Stop } from './listener';
import { Reception } from './reception';
import { Trouble } from './trouble';

/** How often it is noted until when the channels were heard, in ms. */
const NOTE_EVERY = 60_000;
/** How long a listener that restarts may be away, in ms: as long as a deploy may take. */
const AWAY = 10_000;

/** How events come in. */
export type Receive = 'socket' | 'both' | 'webhook';

export interface FeedOptions extends ChannelOptions {
  readonly readLines: () => Promise<Line[]>;
  /** Present where events come by webhook. */
  readonly webhook?: Pick<CallbacksOptions, 'baseUrl' | 'secret' | 'read' | 'set' | 'remove'> & {
    readonly receive: Exclude<Receive, 'socket'>;
  };
  /** What concerns the whole connection; once for each incident. */
  readonly onError: (error: ChatAppError) => void;
}

/** A listener that restarts, and the channels whose positions wait for it. */
interface Away {
  readonly reception: Reception;
  readonly channels: ReadonlySet<string>;
  readonly timer: Timer;
}

/** Brings events from the socket to listeners: one subscription for each channel, however many listen to it. */
export class Feed {
  readonly #channels = new Map<string, Channel>();
  readonly #receptions = new Set<Reception>();
  readonly #away = new Map<string, Away>();
  readonly #lines: LineWatch;
  readonly #trouble: Trouble;
  /** Present where events come by webhook. */
  readonly callbacks: Callbacks | undefined;
  #socket: SupervisorState = { kind: 'idle' };
  #noteTimer: Timer | undefined;

  constructor(
    private readonly options: FeedOptions,
    /** The last listener is gone. */
    private readonly onEmpty: () => void,
  ) {
    this.#trouble = new Trouble(options.clock, options.onError);
    this.#lines = new LineWatch({
      ...options,
      read: options.readLines,
      onChange: () => this.#onLines(),
      onFailure: (error) => this.#trouble.failed('lines', error),
      onSuccess: () => this.#trouble.over('lines'),
    });
    this.callbacks =
      options.webhook &&
      new Callbacks({
        ...options,
        ...options.webhook,
        onState: (line, state) => this.#onCallback(line, state),
        onFailure: (error) => this.#trouble.failed('webhooks', error),
        onSuccess: () => this.#trouble.over('webhooks'),
      });
  }

  /** Adds a listener; throws RangeError where an id is malformed. One that was away under the same id first gets what came meanwhile. */
  add(listener: Listener): Stop {
    const fresh = new Reception(listener);
    const names = fresh.choice ? undefined : this.#namesOf(listener);
    const away = this.#endAway(listener.id);
    const reception = away?.reception ?? fresh;
    reception.listener = listener;
    this.#receptions.add(reception);
    if (names) this.#join(reception, names, true);
    else if (reception.choice) this.#choose(reception, reception.choice, true);
    if (away) this.#comeBack(away);
    this.#watchLines();
    this.#show(reception);
    return (how = 'now') => {
      // A listener that came back under its id has made this one void.
      if (reception.listener !== listener || !this.#receptions.has(reception)) return;
      if (how === 'restarting') this.#goAway(reception);
      else this.#remove(reception, how === 'forGood');
    };
  }

  /** Removes every listener. The callbacks stay as they are. */
  clear(): void {
    this.callbacks?.stop();
    for (const reception of this.#receptions) this.#remove(reception, false);
  }

  /** The socket has changed its state: subscriptions follow it. */
  onSocket(state: SupervisorState): void {
    const wasOpen = this.#socket.kind === 'open';
    this.#socket = state;
    // The busy ones first: they wait for the fewest others to be authorised and looked up in the history.
    for (const channel of [...this.#channels.values()].sort((a, b) => b.lastHeard - a.lastHeard)) {
      if (state.kind === 'open') channel.open(state.socket);
      else if (wasOpen) channel.close();
    }
    this.#watchLines();
    this.#noteRegularly();
    for (const reception of this.#receptions) this.#show(reception);
  }

  onSubscribed(channel: string): void {
    this.#channels.get(channel)?.confirm();
  }

  onRefused(channel: string): void {
    this.#channels.get(channel)?.refuse();
  }

  /** True where somebody wants this event. The channel counts as heard either way. */
  isWanted(channel: string, event: string): boolean {
    return this.#channels.get(channel)?.hears(event) ?? false;
  }

  onEvent(channel: string, event: string, data: unknown): void {
    this.#channels.get(channel)?.receive(event, data);
  }

  /** What becomes of a callback for this line. */
  hasLine(line: Line): Standing {
    if (this.#channels.has(channelName({ type: 'messenger', ...line }))) return 'taken';
    const isOpen = [...this.#receptions].some(({ choice }) => choice) && this.#lines.state.kind !== 'known';
    return isOpen || this.#receptions.size === 0 ? 'notYet' : 'unknown';
  }

  /** Takes what a callback brought. */
  receiveCallback(line: Line, body: unknown): Standing {
    this.#channels.get(channelName({ type: 'messenger', ...line }))?.receiveCallback(body);
    return this.hasLine(line);
  }

  #onCallback(line: Line, state: CallbackState): void {
    const channel = this.#channels.get(channelName({ type: 'messenger', ...line }));
    if (!channel) return;
    const source = `webhook of ${channel.name}`;
    if (state.kind === 'failed' && state.error.code !== 'WEBHOOK_FAILED') this.#trouble.failed(source, state.error);
    else this.#trouble.over(source);
    channel.onCallback(state);
    for (const reception of channel.receptions) this.#show(reception);
  }

  /** Lets ChatApp send what the channel's listeners want now. */
  #want(channel: Channel): void {
    const address = parseChannelName(channel.name);
    if (this.callbacks && address?.type === 'messenger') this.callbacks.want(address, channel.wanted);
  }

  #namesOf(listener: Listener): ReadonlySet<string> {
    try {
      return new Set([nameOf(listener)]);
    } catch (error) {
      // Ids that are none: nobody may have come.
      if (this.#receptions.size === 0) this.onEmpty();
      throw error;
    }
  }

  /** Keeps the listener's place, and what comes for it, for a while. */
  #goAway(reception: Reception): void {
    reception.leave();
    for (const name of reception.channels) this.#channels.get(name)?.leaveOpen();
    const timer = this.options.clock.after(AWAY, () => this.#remove(reception, false));
    this.#away.set(reception.id, { reception, timer, channels: reception.channels });
  }

  #comeBack({ reception, channels }: Away): void {
    reception.comeBack();
    for (const name of channels) this.#channels.get(name)?.settle();
  }

  #endAway(id: string | undefined): Away | undefined {
    const away = id === undefined ? undefined : this.#away.get(id);
    away?.timer.cancel();
    this.#away.delete(id ?? '');
    return away;
  }

  #remove(reception: Reception, isForgotten: boolean): void {
    const away = this.#endAway(reception.id);
    this.#receptions.delete(reception);
    for (const name of reception.channels) this.#leave(reception, name, isForgotten);
    for (const name of away?.channels ?? []) this.#channels.get(name)?.settle();
    this.#watchLines();
    if (this.#receptions.size === 0) this.onEmpty();
  }

  /** Reads the account's lines while there is a socket and someone whose channels follow from them. */
  #watchLines(): void {
    const isWanted = [...this.#receptions].some(({ choice }) => choice);
    // Where there are webhooks, the lines are needed whether there is a socket or not.
    if (isWanted && (this.#socket.kind === 'open' || this.callbacks)) this.#lines.start();
    else this.#lines.stop();
  }

  #onLines(): void {
    for (const reception of this.#receptions) {
      if (!reception.choice) continue;
      this.#choose(reception, reception.choice, false);
      this.#show(reception);
    }
  }

  #choose(reception: Reception, choice: LineChoice, isNew: boolean): void {
    const { state } = this.#lines;
    if (state.kind === 'known') this.#join(reception, reception.channelsAmong(state.lines, choice), isNew);
  }

  /** Makes `names` the channels of the listener: joins the new ones, all where it `isNew`, and leaves the old ones. */
  #join(reception: Reception, names: ReadonlySet<string>, isNew: boolean): void {
    const before = reception.channels;
    reception.channels = names;
    for (const name of names) {
      if (!isNew && before.has(name)) continue;
      const channel = this.#channel(name);
      channel.add(reception);
      this.#want(channel);
    }
    for (const name of before) if (!names.has(name)) this.#leave(reception, name, true);
  }

  #leave(reception: Reception, name: string, isForgotten: boolean): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    if (channel.receptions.size === 1 && channel.receptions.has(reception)) {
      this.#channels.delete(name);
      channel.stop();
      this.#trouble.over(`webhook of ${name}`);
      const address = parseChannelName(name);
      if (address?.type === 'messenger') this.callbacks?.leave(address, isForgotten);
    }
    channel.remove(reception, isForgotten);
    if (this.#channels.has(name)) this.#want(channel);
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name);
    if (known) return known;
    const channel = new Channel(name, this.options, this.#trouble, ({ receptions }) => {
      for (const reception of receptions) this.#show(reception);
    });
    this.#channels.set(name, channel);
    if (this.#socket.kind === 'open') channel.open(this.#socket.socket);
    if (!this.#noteTimer) this.#noteRegularly();
    return channel;
  }

  #show(reception: Reception): void {
    // Who has left is told nothing any more, not even that the channel is given up.
    if (!this.#receptions.has(reception)) return;
    const channels = [...reception.channels].flatMap((name) => this.#channels.get(name) ?? []);
    const recovered = channels.flatMap((channel) => channel.recovered ?? []);
    reception.show({
      socket: this.#socket,
      subscriptions: channels.map(({ state }) => state),
      ...(this.options.webhook && { receive: this.options.webhook.receive, callbacks: callbacksOf(channels) }),
      ...(recovered.length > 0 && { recovered: recovered.reduce((sum, count) => sum + count, 0) }),
      ...(reception.choice && { lines: this.#lines.state }),
    });
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

/** How the webhooks of messenger channels stand; other channels have none. */
function callbacksOf(channels: readonly Channel[]): (CallbackState | undefined)[] {
  return channels.map(({ callback }) => callback);
}

function nameOf({ channel }: Listener): string {
  return channel.type === 'messenger'
    ? channelName({ type: 'messenger', licenseId: channel.licenseId ?? '', messengerType: channel.messengerType ?? '' })
    : channelName(channel);
}

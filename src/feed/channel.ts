import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';
import type { Log } from '../log';
import type { Socket } from '../socket/socket';
import { ChannelFeed } from './channel-feed';
import { Progress } from './progress';
import type { Reception } from './reception';
import { Recovery, type RecoveryOptions } from './recovery';
import { Subscription, type SubscriptionOptions, type SubscriptionState } from './subscription';
import type { Trouble } from './trouble';

export interface ChannelOptions
  extends
    Pick<RecoveryOptions, 'readHistory' | 'serverTime' | 'hours' | 'positions'>,
    Pick<SubscriptionOptions, 'authorise'> {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** One channel that somebody listens to: its subscription, its listeners, and what it missed. */
export class Channel {
  readonly #feed: ChannelFeed;
  readonly #progress: Progress;
  readonly #recovery: Recovery;
  readonly #subscription: Subscription;
  /** When its last event came, wanted or not, ms since the epoch. */
  lastHeard = 0;
  /** What its listeners were told when it was refused. */
  #refusal: ChatAppError | undefined;

  constructor(
    readonly name: string,
    private readonly options: ChannelOptions,
    private readonly trouble: Trouble,
    onState: (channel: Channel) => void,
  ) {
    const inform = (): void => onState(this);
    this.#progress = new Progress(name, options.positions, options.serverTime);
    this.#feed = new ChannelFeed({ ...options, channel: name, progress: this.#progress });
    this.#recovery = new Recovery({
      ...options,
      channel: name,
      feed: this.#feed,
      progress: this.#progress,
      onState: inform,
      onFailure: (error) => trouble.failed(this.#historySource, error),
      onSuccess: () => trouble.over(this.#historySource),
      onLoss: (error) => this.#tell(error),
    });
    this.#subscription = new Subscription({
      ...options,
      channel: name,
      onState: inform,
      onFailure: (error) => this.#onFailure(error),
      onSuccess: () => this.#onSuccess(),
    });
  }

  get state(): SubscriptionState {
    return this.#subscription.state;
  }

  /** How many missed messages were fetched so far; absent while none are being fetched. */
  get recovered(): number | undefined {
    return this.#recovery.recovered;
  }

  get receptions(): ReadonlySet<Reception> {
    return this.#feed.receptions;
  }

  add(reception: Reception): void {
    this.#feed.add(reception);
    if (this.state.kind === 'subscribed') void this.#recovery.admit(reception);
    if (this.#refusal) reception.listener.onError(this.#refusal);
  }

  /** Removes a listener that goes away for good, or, `isForgotten` being false, may come back after a restart. */
  remove(reception: Reception, isForgotten: boolean): void {
    this.#feed.remove(reception);
    if (isForgotten) this.options.positions.leave(this.name, reception.id);
  }

  /** The listener does not take what it is given for the moment: it counts as not delivered. */
  leaveOpen(): void {
    this.#progress.pause();
  }

  /** The listener has taken what was kept for it, or is gone. */
  settle(): void {
    this.#progress.resume();
  }

  open(socket: Socket): void {
    this.#subscription.open(socket);
  }

  close(): void {
    if (this.state.kind === 'subscribed') this.#recovery.unheard();
    this.#subscription.close();
  }

  confirm(): void {
    this.#subscription.confirm();
  }

  refuse(): void {
    this.#subscription.refuse();
  }

  /** Notes that the channel is busy; true where somebody wants the event. */
  hears(event: string): boolean {
    this.lastHeard = this.options.clock.now();
    return this.#feed.isWanted(event);
  }

  receive(event: string, data: unknown): void {
    if (this.hears(event)) this.#feed.receive(event, data);
  }

  noteHeard(): void {
    if (this.state.kind === 'subscribed') this.#recovery.noteHeard();
  }

  /** Nobody listens any more. */
  stop(): void {
    this.noteHeard();
    this.#recovery.stop();
    this.#subscription.stop();
    this.trouble.over(this.name);
    this.trouble.over(this.#historySource);
  }

  get #historySource(): string {
    return `history of ${this.name}`;
  }

  /** A refusal is told to the channel's listeners; every other trouble is the connection's. */
  #onFailure(error: ChatAppError): void {
    if (error.code !== 'CHANNEL_REFUSED') return this.trouble.failed(this.name, error);
    this.trouble.over(this.name);
    if (this.#refusal) return;
    this.#refusal = error;
    this.#tell(error);
  }

  #onSuccess(): void {
    this.#refusal = undefined;
    this.trouble.over(this.name);
    void this.#recovery.fill();
  }

  #tell(error: ChatAppError): void {
    for (const { listener } of this.receptions) listener.onError(error);
  }
}

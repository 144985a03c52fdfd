import type { ErrorReporter } from '../../channels/error-reporter';
import { Subscription, type SubscriptionOptions, type SubscriptionState } from '../../channels/subscription';
import type { ChatAppError } from '../../errors';
import type { Socket } from '../../socket/socket';
import { ChannelFeed, type ChannelFeedOptions } from './channel-feed';
import { Progress } from './progress';
import type { Reception } from './reception';
import { Recovery, type RecoveryOptions } from './recovery';

/** The same for all channels of a connection. */
export interface ChannelOptions extends ChannelFeedOptions, RecoveryOptions, SubscriptionOptions {}

/** One channel that somebody listens to: its subscription, its listeners, and what it missed. */
export class Channel {
  readonly #progress: Progress;
  readonly #feed: ChannelFeed;
  readonly #recovery: Recovery;
  readonly #subscription: Subscription;
  /** When its last event came, wanted or not, ms since the epoch. */
  lastHeard = 0;
  /** What its listeners were told when it was refused. */
  #refusal: ChatAppError | undefined;

  constructor(
    readonly name: string,
    private readonly options: ChannelOptions,
    private readonly reporter: ErrorReporter,
    onState: (channel: Channel) => void,
  ) {
    const inform = (): void => onState(this);
    this.#progress = new Progress(name, options.positions, options.serverTime);
    this.#feed = new ChannelFeed(name, options, this.#progress);
    this.#recovery = new Recovery(this.#feed, this.#progress, options, {
      onState: inform,
      onFailure: (error) => reporter.failed(this.#historySource, error),
      onSuccess: () => reporter.recovered(this.#historySource),
      onLoss: (error) => this.tell(error),
      isGapless: () => this.isSubscribed,
    });
    this.#subscription = new Subscription(name, options, {
      onState: inform,
      onFailure: (error) => this.#onFailure(error),
      onSuccess: () => this.#onSuccess(),
    });
  }

  get state(): SubscriptionState {
    return this.#subscription.state;
  }

  /** True where the socket brings its events. */
  get isSubscribed(): boolean {
    return this.state.kind === 'subscribed';
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
    if (this.isSubscribed) this.#recovery.admit(reception);
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
    if (this.isSubscribed) {
      this.#recovery.unheard();
      this.#recovery.onDisconnected();
    }
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

  /** Takes an event off the socket. */
  receive(event: string, data: unknown): void {
    if (this.hears(event)) this.#feed.receive(event, data);
  }

  /** True where it has been heard since `time`, in ms since the epoch, with nothing missing. */
  isWhole(time: number): boolean {
    return this.isSubscribed && this.#recovery.isWhole(time);
  }

  /** True where ChatApp lets nobody hear it. */
  get isRefused(): boolean {
    return this.state.kind === 'refused';
  }

  /** This copy leads from now on: see `Feed.takeOver`. */
  takeOver(heardBy: number): Promise<void> | undefined {
    this.#feed.trustFrom(heardBy);
    return this.isSubscribed ? this.#recovery.takeOver(heardBy) : undefined;
  }

  /** Another copy leads from now on. */
  standBy(): void {
    this.#recovery.standBy();
  }

  noteHeard(): void {
    if (this.isSubscribed) this.#recovery.noteHeard();
  }

  /** Nobody listens any more. */
  stop(): void {
    this.noteHeard();
    this.#recovery.stop();
    this.#subscription.stop();
    this.reporter.recovered(this.name);
    this.reporter.recovered(this.#historySource);
  }

  /** Tells all of its listeners. */
  tell(error: ChatAppError): void {
    for (const { listener } of this.receptions) listener.onError(error);
  }

  get #historySource(): string {
    return `history of ${this.name}`;
  }

  /** A refusal is reported to the channel's listeners, every other error to the connection. */
  #onFailure(error: ChatAppError): void {
    if (error.code !== 'CHANNEL_REFUSED') return this.reporter.failed(this.name, error);
    this.reporter.recovered(this.name);
    if (this.#refusal) return;
    this.#refusal = error;
    this.tell(error);
  }

  #onSuccess(): void {
    this.#refusal = undefined;
    this.reporter.recovered(this.name);
    this.#recovery.fill();
  }
}

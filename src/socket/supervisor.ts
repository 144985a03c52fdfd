import { shownTime, type Clock, type Timer } from '../clock';
import { failureOf } from '../error-log';
import type { ChatAppError } from '../errors';
import type { SocketHealth } from '../health';
import type { Log } from '../log';
import { retryDelay } from '../retry-delay';
import { errorOf, lost, type SocketEnd } from './end';
import { Outage } from './outage';
import type { Socket, SocketHandlers, SocketReceiver } from './socket';

/** An outage that lasts longer is reported as an error, in ms; shorter ones show in the status only. */
const TELL_AFTER = 15_000;
/** How often a server that refuses permanently is asked again, in ms. */
const REFUSED_RETRY = 5 * 60_000;
/** A server that refuses a socket after this uptime, in ms, may only be restarting: it is asked again soon, once. */
const HEALTHY_AFTER = 5_000;
const QUICK_RETRY = 1_000;
/** The least time between two quick retries, in ms: a server that refuses each socket after a while is not asked more often. */
const QUICK_RETRY_EVERY = 60_000;
/** A retry that is due sooner is not brought forward, in ms. */
const SOON = 2_000;

export type SupervisorState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'waiting'; readonly nextTry: number }
  | { readonly kind: 'refused'; readonly nextTry: number };

export type SocketState = SupervisorState['kind'];

export interface SupervisorOptions {
  readonly open: (handlers: SocketHandlers) => Socket;
  /** Named in errors and logs. */
  readonly host: string;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly onState: (state: SupervisorState) => void;
  /** `CONNECTION_LOST` or `CONNECTION_REFUSED`, once an outage. */
  readonly onError: (error: ChatAppError) => void;
  readonly receiver: SocketReceiver;
}

/** Keeps one socket open for as long as it is wanted, whatever happens. The only place that decides to reconnect. */
export class SocketSupervisor {
  #state: SupervisorState = { kind: 'idle' };
  #socket: Socket | undefined;
  #timer: Timer | undefined;
  #tellTimer: Timer | undefined;
  #lastEnd: SocketEnd | undefined;
  #outage = new Outage();
  /** When the next retry is due, since when the socket is open, and when the last quick retry was, in ms of the monotonic clock. */
  #retryAt = 0;
  #openSince: number | undefined;
  /** Since when it is open, or idle, or neither, in ms (monotonic). */
  #since: number;
  #quickRetryAt = -Infinity;

  constructor(private readonly options: SupervisorOptions) {
    this.#since = options.clock.monotonic();
  }

  get state(): SupervisorState {
    return this.#state;
  }

  get health(): SocketHealth {
    const state = this.#state;
    const { clock } = this.options;
    const now = clock.monotonic();
    const pong = state.kind === 'open' ? state.socket.pong : undefined;
    const failure = state.kind === 'open' || state.kind === 'idle' ? undefined : this.#error;
    return {
      state: state.kind,
      since: shownTime(clock, this.#since - now),
      ...('nextTry' in state && { nextTry: state.nextTry }),
      ...(failure && { failure: failureOf(failure) }),
      ...(pong && { pongAt: shownTime(clock, pong.at - now), pongAfter: Math.round(pong.after) }),
    };
  }

  /** Opens the socket, unless it is open or on its way. */
  start(): void {
    if (this.#state.kind === 'idle') this.#connect();
  }

  /** Connects now if the socket waits for a later retry: someone may have fixed what was wrong. */
  retryNow(): void {
    const { kind } = this.#state;
    if (kind !== 'waiting' && kind !== 'refused') return;
    if (this.#retryAt - this.options.clock.monotonic() <= SOON) return;
    this.#timer?.cancel();
    this.#connect();
  }

  /** Closes the socket and forgets about it. */
  stop(): void {
    this.#timer?.cancel();
    this.#tellTimer?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
    this.#openSince = undefined;
    this.#lastEnd = undefined;
    this.#outage = new Outage();
    this.#become({ kind: 'idle' });
  }

  #connect(): void {
    const socket: Socket = this.options.open({
      receiver: this.options.receiver,
      onEstablished: () => this.#onEstablished(socket),
      onEnd: (end) => this.#onEnd(end),
    });
    this.#socket = socket;
    this.#become({ kind: 'connecting' });
  }

  #onEstablished(socket: Socket): void {
    const { clock, host, log } = this.options;
    const now = clock.monotonic();
    this.#outage.up(now);
    this.#openSince = now;
    this.#tellTimer?.cancel();
    log.info(`Connected to ${host}`);
    this.#become({ kind: 'open', socket });
  }

  #onEnd(cause: SocketEnd): void {
    const { clock, random } = this.options;
    const now = clock.monotonic();
    const isQuick = cause.final && this.#mayRetryQuickly();
    const end = isQuick ? lost(cause.detail) : cause;
    this.#socket = undefined;
    this.#openSince = undefined;
    this.#lastEnd = end;
    if (this.#outage.down(now)) this.#onLoss(now);
    this.#reportRefusal(end);
    const usual = end.final ? REFUSED_RETRY : this.#outage.nextDelay(now, random);
    const wait = isQuick ? retryDelay(0, QUICK_RETRY, QUICK_RETRY, random) : usual;
    this.#retryAt = now + wait;
    this.#timer = clock.after(wait, () => this.#connect());
    this.#become({ kind: end.refusal ? 'refused' : 'waiting', nextTry: shownTime(clock, wait) });
  }

  /** True, once in a while, if the socket that ends now has worked. */
  #mayRetryQuickly(): boolean {
    const now = this.options.clock.monotonic();
    const uptime = this.#openSince === undefined ? 0 : now - this.#openSince;
    if (uptime < HEALTHY_AFTER || now - this.#quickRetryAt < QUICK_RETRY_EVERY) return false;
    this.#quickRetryAt = now;
    return true;
  }

  /** Says each thing once an outage, however long it lasts. */
  #onLoss(now: number): void {
    const { clock, host, log } = this.options;
    log.warn(`No connection to ${host} (${this.#lastEnd?.detail ?? ''}): trying until it works`);
    const quietFor = Math.max(0, TELL_AFTER - this.#outage.length(now));
    this.#tellTimer = clock.after(quietFor, () => this.#tellLoss());
  }

  #tellLoss(): void {
    const end = this.#lastEnd ?? lost('');
    // A refusal has been reported already, and says more.
    if (end.refusal || !this.#outage.isUnreported('lost')) return;
    this.options.onError(this.#errorOf(end));
  }

  #reportRefusal({ refusal }: SocketEnd): void {
    if (refusal && this.#outage.isUnreported(refusal.message)) this.options.onError(refusal);
  }

  /** Why there is no socket; absent if none has ended yet. */
  get #error(): ChatAppError | undefined {
    return this.#lastEnd && this.#errorOf(this.#lastEnd);
  }

  #errorOf(end: SocketEnd): ChatAppError {
    const { clock, host } = this.options;
    return errorOf(end, host, shownTime(clock, -this.#outage.downFor(clock.monotonic())));
  }

  #become(state: SupervisorState): void {
    const isOther = [state, this.#state].some(({ kind }) => kind === 'open' || kind === 'idle');
    if (isOther) this.#since = this.options.clock.monotonic();
    this.#state = state;
    this.options.onState(state);
  }
}

import type { Clock, Timer } from '../clock';
import type { ChatAppError } from '../errors';
import type { Log } from '../log';
import { errorOf, lost, type SocketEnd } from './end';
import { Outage } from './outage';
import type { Socket, SocketHandlers } from './socket';

/** An outage that lasts longer is told as an error; shorter ones mend themselves and show in the status, in ms. */
const TELL_AFTER = 15_000;
/** How often a server that refuses for good is asked again, in ms. */
const REFUSED_RETRY = 5 * 60_000;

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
  readonly handlers: Omit<SocketHandlers, 'onEstablished' | 'onEnd'>;
}

/** Keeps one socket open for as long as it is wanted, whatever happens. The only place that decides to reconnect. */
export class SocketSupervisor {
  #state: SupervisorState = { kind: 'idle' };
  #socket: Socket | undefined;
  #timer: Timer | undefined;
  #tellTimer: Timer | undefined;
  #lastEnd: SocketEnd | undefined;
  #outage = new Outage();

  constructor(private readonly options: SupervisorOptions) {}

  get state(): SupervisorState {
    return this.#state;
  }

  /** Opens the socket, unless it is open or on its way. */
  start(): void {
    if (this.#state.kind === 'idle') this.#connect();
  }

  /** Closes the socket and forgets about it. */
  stop(): void {
    this.#timer?.cancel();
    this.#tellTimer?.cancel();
    this.#socket?.close();
    this.#socket = undefined;
    this.#outage = new Outage();
    this.#become({ kind: 'idle' });
  }

  #connect(): void {
    const socket: Socket = this.options.open({
      ...this.options.handlers,
      onEstablished: () => this.#onEstablished(socket),
      onEnd: (end) => this.#onEnd(end),
    });
    this.#socket = socket;
    this.#become({ kind: 'connecting' });
  }

  #onEstablished(socket: Socket): void {
    const { clock, host, log } = this.options;
    this.#outage.up(clock.now());
    this.#tellTimer?.cancel();
    log.info(`Connected to ${host}`);
    this.#become({ kind: 'open', socket });
  }

  #onEnd(end: SocketEnd): void {
    const { clock, random } = this.options;
    const now = clock.now();
    this.#socket = undefined;
    this.#lastEnd = end;
    if (this.#outage.down(now)) this.#onLoss(now);
    this.#tellRefusal(end);
    const wait = end.final ? REFUSED_RETRY : this.#outage.nextDelay(now, random);
    this.#timer = clock.after(wait, () => this.#connect());
    this.#become({ kind: end.refusal ? 'refused' : 'waiting', nextTry: now + wait });
  }

  /** Says each thing once an outage, however long it lasts. */
  #onLoss(now: number): void {
    const { clock, host, log } = this.options;
    log.warn(`No connection to ${host} (${this.#lastEnd?.detail ?? ''}): trying until it works`);
    const mendsUntil = Math.max(0, TELL_AFTER - this.#outage.length(now));
    this.#tellTimer = clock.after(mendsUntil, () => this.#tellLoss());
  }

  #tellLoss(): void {
    const { clock, host, onError } = this.options;
    const end = this.#lastEnd ?? lost('');
    // A refusal has been told already, and says more.
    if (end.refusal || !this.#outage.isNews('lost')) return;
    onError(errorOf(end, host, this.#outage.since ?? clock.now()));
  }

  #tellRefusal({ refusal }: SocketEnd): void {
    if (refusal && this.#outage.isNews(refusal.message)) this.options.onError(refusal);
  }

  #become(state: SupervisorState): void {
    this.#state = state;
    this.options.onState(state);
  }
}

import { ApiError } from '../api/api-error';
import { shownTime, type Clock, type Timer } from '../clock';
import { ChatAppError, TOKEN_FAILURES } from '../errors';
import { runInBackground, type Log } from '../log';
import { retryDelay } from '../retry-delay';
import type { Socket } from '../socket/socket';

/** How long the server may take to answer a subscription, in ms. */
const ANSWER_WITHIN = 10_000;
/** Delays between retries after temporary errors, in ms. The maximum limits what an API outage adds to 5 s. */
const FIRST_RETRY = 500;
const MAX_RETRY = 4_000;
/** Delay between retries of a refused channel, in ms. */
const REFUSED_RETRY = 5 * 60_000;

export type SubscriptionState =
  | { readonly kind: 'idle' | 'authorising' | 'subscribed' }
  | { readonly kind: 'waiting' | 'refused' | 'tokenInvalid'; readonly nextTry: number };

/** The same for all channels. */
export interface SubscriptionOptions {
  /** Returns the signature for this socket and channel. It may return early once `isWanted` returns false. */
  readonly authorise: (socketId: string, channel: string, isWanted: () => boolean) => Promise<string>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export interface SubscriptionCallbacks {
  readonly onState: () => void;
  /** Called after each failed attempt with the reason. */
  readonly onFailure: (error: ChatAppError) => void;
  readonly onSuccess: () => void;
}

/** Subscribes to one channel on whatever socket is open, and retries until it succeeds. */
export class Subscription {
  #state: SubscriptionState = { kind: 'idle' };
  #socket: Socket | undefined;
  /** Counts attempts: the answer to an earlier one is ignored. */
  #attempt = 0;
  #failures = 0;
  #failure: ChatAppError | undefined;
  /** True from the beginning of an attempt to its outcome. */
  #isAnswerDue = false;
  #timer: Timer | undefined;

  constructor(
    private readonly channel: string,
    private readonly options: SubscriptionOptions,
    private readonly callbacks: SubscriptionCallbacks,
  ) {}

  get state(): SubscriptionState {
    return this.#state;
  }

  /** Why the last attempt on this socket failed; absent if it did not. */
  get failure(): ChatAppError | undefined {
    return this.#failure;
  }

  /** A socket is open: subscribes on it. */
  open(socket: Socket): void {
    this.#socket = socket;
    this.#failures = 0;
    this.#start(socket);
  }

  /** The socket is closed. */
  close(): void {
    this.#newAttempt();
    this.#failure = undefined;
    this.#socket = undefined;
    this.#setState({ kind: 'idle' });
  }

  /** The channel is no longer wanted. */
  stop(): void {
    this.#socket?.unsubscribe(this.channel);
    this.close();
  }

  /** The server has confirmed the subscription. */
  confirm(): void {
    this.#newAttempt();
    this.#failures = 0;
    this.#failure = undefined;
    this.#setState({ kind: 'subscribed' });
    this.callbacks.onSuccess();
  }

  /** The server has rejected the signature, or ended the subscription. */
  refuse(): void {
    // A repeat says nothing new, and must not count as another failure.
    if (!this.#isAnswerDue && this.#state.kind !== 'subscribed') return;
    this.#newAttempt();
    this.#onFailure(ChatAppError.of('CHANNEL_REFUSED', 'signature', { channel: this.channel }));
  }

  #start(socket: Socket): void {
    runInBackground(this.#subscribe(socket), this.options.log, `Subscribing to ${this.channel}`);
  }

  async #subscribe(socket: Socket): Promise<void> {
    const attempt = this.#newAttempt();
    this.#isAnswerDue = true;
    const isWanted = (): boolean => attempt === this.#attempt;
    const { channel } = this;
    const { authorise, clock } = this.options;
    // A refused channel keeps its status during a retry: only the outcome changes it.
    if (!isRefused(this.#state)) this.#setState({ kind: 'authorising' });
    try {
      const signature = await authorise(socket.socketId, channel, isWanted);
      if (!isWanted()) return;
      socket.subscribe(channel, signature);
      this.#timer = clock.after(ANSWER_WITHIN, () => {
        socket.unsubscribe(channel);
        this.#onFailure(ApiError.timeout('The socket server', ANSWER_WITHIN));
      });
    } catch (error) {
      if (isWanted()) this.#onFailure(error);
    }
  }

  #onFailure(cause: unknown): void {
    const { clock, random } = this.options;
    const error = asSubscriptionError(cause, this.channel);
    const kind = stateAfter(error);
    // A recent change at ChatApp may not have reached all of its servers: retry the first refusal soon.
    const isSlow = kind !== 'waiting' && this.#failures > 0;
    const usual = retryDelay(this.#failures, FIRST_RETRY, MAX_RETRY, random);
    const requested = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    const wait = isSlow ? REFUSED_RETRY : Math.max(usual, requested);
    this.#failures += 1;
    this.#isAnswerDue = false;
    this.#failure = error;
    this.#timer = clock.after(wait, () => this.#socket && this.#start(this.#socket));
    this.#setState({ kind: kind === 'refused' && !isSlow ? 'waiting' : kind, nextTry: shownTime(clock, wait) });
    if (kind !== 'refused' || isSlow) this.callbacks.onFailure(error);
  }

  #newAttempt(): number {
    this.#isAnswerDue = false;
    this.#timer?.cancel();
    return ++this.#attempt;
  }

  #setState(state: SubscriptionState): void {
    this.#state = state;
    this.callbacks.onState();
  }
}

/** If ChatApp refuses this channel, the error says so; all other errors stay as they are. */
function asSubscriptionError(cause: unknown, channel: string): ChatAppError {
  if (cause instanceof ApiError) {
    const isRefusal = !cause.passing && cause.reason === 'refused';
    return isRefusal ? ChatAppError.of('CHANNEL_REFUSED', 'forbidden', { channel }) : cause;
  }
  if (cause instanceof ChatAppError) return cause;
  return ChatAppError.of('API_FAILED', 'unreachable', { host: 'ChatApp', status: 'internal error' });
}

function stateAfter({ code }: ChatAppError): 'waiting' | 'refused' | 'tokenInvalid' {
  if (code === 'CHANNEL_REFUSED') return 'refused';
  return TOKEN_FAILURES.has(code) ? 'tokenInvalid' : 'waiting';
}

/** True if the next attempt is due in minutes, unless someone acts. */
function isRefused({ kind }: SubscriptionState): boolean {
  return kind === 'refused' || kind === 'tokenInvalid';
}

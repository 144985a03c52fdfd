import { ApiError } from '../api/api-error';
import type { Clock, Timer } from '../clock';
import { ChatAppError, TOKEN_TROUBLES } from '../errors';
import { retryDelay } from '../retry-delay';
import type { Socket } from '../socket/socket';

/** How long the server may take to answer a subscription, in ms. */
const ANSWER_WITHIN = 10_000;
/** Retries of what mends itself, in ms: the longest keeps an outage of the API from costing more than 5 s extra. */
const FIRST_RETRY = 500;
const LONGEST_RETRY = 4_000;
/** How often a refused channel is asked for again, in ms. */
const REFUSED_RETRY = 5 * 60_000;

export type SubscriptionState =
  | { readonly kind: 'idle' | 'authorising' | 'subscribed' }
  | { readonly kind: 'waiting' | 'refused' | 'tokenInvalid'; readonly nextTry: number };

/** The same for all channels. */
export interface SubscriptionOptions {
  /** Gets the signature for this socket and channel; gives up early when `isWanted` has become false. */
  readonly authorise: (socketId: string, channel: string, isWanted: () => boolean) => Promise<string>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Who is told how it goes with one subscription. */
interface Told {
  readonly onState: () => void;
  /** What keeps the channel from being subscribed. Called at each failed try. */
  readonly onFailure: (error: ChatAppError) => void;
  readonly onSuccess: () => void;
}

/** One channel's way from wanted to subscribed, on whatever socket there is. It never gives up. */
export class Subscription {
  #state: SubscriptionState = { kind: 'idle' };
  #socket: Socket | undefined;
  /** Counts tries; an answer that belongs to an earlier one is dropped. */
  #turn = 0;
  #failures = 0;
  #timer: Timer | undefined;

  constructor(
    private readonly channel: string,
    private readonly options: SubscriptionOptions,
    private readonly told: Told,
  ) {}

  get state(): SubscriptionState {
    return this.#state;
  }

  /** There is a socket: asks for the channel. */
  open(socket: Socket): void {
    this.#socket = socket;
    this.#failures = 0;
    void this.#ask(socket);
  }

  /** The socket is gone. */
  close(): void {
    this.#newTurn();
    this.#socket = undefined;
    this.#become({ kind: 'idle' });
  }

  /** The channel is not wanted any more. */
  stop(): void {
    this.#socket?.unsubscribe(this.channel);
    this.close();
  }

  /** The server says: subscribed. */
  confirm(): void {
    this.#newTurn();
    this.#failures = 0;
    this.#become({ kind: 'subscribed' });
    this.told.onSuccess();
  }

  /** The server does not accept the signature. */
  refuse(): void {
    this.#newTurn();
    this.#failed(ChatAppError.of('CHANNEL_REFUSED', 'signature', { channel: this.channel }));
  }

  async #ask(socket: Socket): Promise<void> {
    const turn = this.#newTurn();
    const isWanted = (): boolean => turn === this.#turn;
    const { channel } = this;
    const { authorise, clock } = this.options;
    // A slow retry of a refused channel shows its outcome, not the attempt.
    if (!isStuck(this.#state)) this.#become({ kind: 'authorising' });
    try {
      const signature = await authorise(socket.socketId, channel, isWanted);
      if (!isWanted()) return;
      socket.subscribe(channel, signature);
      this.#timer = clock.after(ANSWER_WITHIN, () => {
        socket.unsubscribe(channel);
        this.#failed(ApiError.timeout('The socket server', ANSWER_WITHIN));
      });
    } catch (error) {
      if (isWanted()) this.#failed(error);
    }
  }

  #failed(cause: unknown): void {
    const { clock, random } = this.options;
    const error = asRefusal(cause, this.channel);
    const kind = kindOf(error);
    // The first refusal may be due to a change on ChatApp's side that is not everywhere yet: one quick try more.
    const slow = kind !== 'waiting' && this.#failures > 0;
    const quick = retryDelay(this.#failures, FIRST_RETRY, LONGEST_RETRY, random);
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    const wait = slow ? REFUSED_RETRY : Math.max(quick, asked);
    this.#failures += 1;
    this.#timer = clock.after(wait, () => this.#socket && void this.#ask(this.#socket));
    const nextTry = clock.now() + wait;
    this.#become({ kind: kind === 'refused' && !slow ? 'waiting' : kind, nextTry });
    if (kind !== 'refused' || slow) this.told.onFailure(error);
  }

  #newTurn(): number {
    this.#timer?.cancel();
    return ++this.#turn;
  }

  #become(state: SubscriptionState): void {
    this.#state = state;
    this.told.onState();
  }
}

/** A no to this channel, told as such; every other trouble as it is. */
function asRefusal(cause: unknown, channel: string): ChatAppError {
  if (cause instanceof ApiError) {
    const isNo = !cause.passing && cause.reason === 'refused';
    return isNo ? ChatAppError.of('CHANNEL_REFUSED', 'forbidden', { channel }) : cause;
  }
  if (cause instanceof ChatAppError) return cause;
  return ChatAppError.of('API_FAILED', 'unreachable', { host: 'ChatApp', status: 'internal error' });
}

function kindOf({ code }: ChatAppError): 'waiting' | 'refused' | 'tokenInvalid' {
  if (code === 'CHANNEL_REFUSED') return 'refused';
  return TOKEN_TROUBLES.has(code) ? 'tokenInvalid' : 'waiting';
}

function isStuck({ kind }: SubscriptionState): boolean {
  return kind === 'refused' || kind === 'tokenInvalid';
}

import type { Clock, Timer } from '../clock';
import type { ChatAppError, ErrorCode } from '../errors';
import { eventsOf, parseChannelName } from '../events';
import type { CallbackState } from '../webhook/callback-state';
import type { Positions } from './positions';
import type { Reception } from './reception';
import type { Recovery } from './recovery';

/** How often a channel that is heard by webhook only is looked up in the history, in ms: a callback gets lost unseen. */
const CHECK_EVERY = 5 * 60_000;

/** What concerns the listeners of a line; every other trouble with its webhook is the connection's. */
const WEBHOOK_ERRORS: ReadonlySet<ErrorCode> = new Set(['WEBHOOK_TAKEN', 'WEBHOOK_FAILED']);

export interface ChannelWebhookOptions {
  /** Present where events come by webhook. */
  readonly webhook?: object;
  readonly clock: Clock;
  readonly positions: Positions;
}

/** The channel that a webhook brings events of. */
interface Owner {
  readonly name: string;
  /** True where the socket brings them too. */
  readonly isSubscribed: boolean;
  /** Tells all of its listeners. */
  tell(error: ChatAppError): void;
}

/** How the webhook of a channel stands, and what follows for the search for missed messages. */
export class ChannelWebhook {
  readonly #isOffered: boolean;
  /** Absent where the channel has none, or nothing is known of it yet. */
  #state: CallbackState | undefined;
  /** What its listeners were told of it. */
  #error: ChatAppError | undefined;
  #checkTimer: Timer | undefined;

  constructor(
    private readonly channel: Owner,
    private readonly options: ChannelWebhookOptions,
    private readonly recovery: Recovery,
  ) {
    this.#isOffered = options.webhook !== undefined && parseChannelName(channel.name)?.type === 'messenger';
  }

  get state(): CallbackState | undefined {
    return this.#state;
  }

  /** What new listeners are to be told too. */
  get error(): ChatAppError | undefined {
    return this.#error;
  }

  get isSet(): boolean {
    return this.#state?.kind === 'set';
  }

  /** True where a callback may come: before ours is known to be set, ChatApp may well call by what was set before. */
  get mayBring(): boolean {
    return this.#isOffered && this.#state?.kind !== 'taken';
  }

  /** It stands otherwise than before. */
  onState(state: CallbackState): void {
    const wasSet = this.isSet;
    const isSet = state.kind === 'set';
    this.#state = state;
    this.#tell('error' in state && WEBHOOK_ERRORS.has(state.error.code) ? state.error : undefined);
    const { isSubscribed } = this.channel;
    if (wasSet && !isSet && !isSubscribed) this.recovery.unheard();
    if (isSet && !wasSet && !isSubscribed) void this.recovery.fill();
    this.checkRegularly();
  }

  /** While only the webhook brings events, the history is looked up now and then. To be called at each change. */
  checkRegularly(): void {
    const isAlone = this.#state !== undefined && !this.channel.isSubscribed;
    if (isAlone) this.options.positions.doubt(this.channel.name);
    const isWanted = isAlone && this.isSet;
    if (isWanted === Boolean(this.#checkTimer)) return;
    this.#checkTimer?.cancel();
    this.#checkTimer = isWanted ? this.options.clock.after(CHECK_EVERY, () => this.#check()) : undefined;
  }

  /** Nobody listens any more. */
  stop(): void {
    this.#checkTimer?.cancel();
    this.#checkTimer = undefined;
    this.#state = undefined;
  }

  #check(): void {
    this.#checkTimer = undefined;
    void this.recovery.check();
    this.checkRegularly();
  }

  #tell(error: ChatAppError | undefined): void {
    const isNews = error !== this.#error;
    this.#error = error;
    if (error && isNews) this.channel.tell(error);
  }
}

/** The events that these listeners of a messenger channel want, out of those that a webhook can bring. */
export function webhookEvents(receptions: ReadonlySet<Reception>): readonly string[] {
  const all = eventsOf('messenger').map(({ name }) => name);
  const choices = [...receptions].map(({ listener: { events } }) => events);
  const wanted = all.filter((name) => choices.some((events) => events.length === 0 || events.includes(name)));
  // Names that are none of a messenger's ChatApp might refuse, and the good ones with them.
  return wanted.length > 0 ? wanted : all;
}

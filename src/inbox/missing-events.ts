import type { Clock } from '../clock';
import { ChatAppError } from '../errors';
import { eventsOf, hasHistory } from '../events';
import type { Log } from '../log';
import { PING_EVERY, PONG_WITHIN } from '../socket/heartbeat';
import type { InboxStore } from './inbox-store';
import { asTime } from './losses';
import type { Subscriber } from './subscriber';

/** Nothing is reported about a shorter gap, in ms. */
const SHORT = 5_000;
/** A socket that answered no ping for so long had been dead before it was given up, in ms. */
const SILENT = PING_EVERY + PONG_WITHIN;
/** The name under which it is stored when Node-RED stopped, in unix seconds. */
const STOPPED = 'stopped';
/** How many events are named. */
const MAX_NAMES = 8;

export interface MissingEventsOptions {
  readonly store: Pick<InboxStore, 'savedValue' | 'put'>;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  readonly clock: Clock;
  readonly log: Log;
  /** True if a webhook brings all events of the channel, whatever becomes of the socket. */
  readonly hasWebhook: (channel: string) => boolean;
}

/** A period in which the socket brought nothing. */
type SocketGap =
  | {
      readonly kind: 'closed';
      /** When it certainly received the last time, and since when it was not there, in ms (monotonic). */
      readonly aliveAt: number;
      readonly closedAt: number;
    }
  /** Node-RED did not run; it has received until then, in unix seconds. */
  | { readonly kind: 'stopped'; readonly from: number };

/** Reports that events which have no history may be missing, once for each gap of the whole connection. */
export class MissingEvents {
  #gap: SocketGap | undefined;
  /** Until when all has arrived, in ms (monotonic); absent while no channel is received. */
  #aliveAt: number | undefined;

  constructor(private readonly options: MissingEventsOptions) {}

  /** Node-RED has started; an earlier run has received until this time, in unix seconds. */
  begin(receivedUntil: number | undefined): void {
    if (receivedUntil === undefined) return;
    const stopped = this.options.store.savedValue(STOPPED);
    this.#gap = { kind: 'stopped', from: Math.max(receivedUntil, typeof stopped === 'number' ? stopped : 0) };
  }

  /** Another instance finds out what may be missing. */
  forget(): void {
    this.#gap = undefined;
    this.#aliveAt = undefined;
  }

  /** The socket was alive when this ping was sent, in ms (monotonic). */
  onAlive(pingedAt: number): void {
    if (this.#aliveAt !== undefined) this.#aliveAt = pingedAt;
  }

  /** The socket is not open. */
  onClosed(): void {
    if (this.#aliveAt === undefined) return;
    this.#gap = { kind: 'closed', aliveAt: this.#aliveAt, closedAt: this.options.clock.monotonic() };
    this.#aliveAt = undefined;
  }

  /** A channel is received: with the first one a gap ends. */
  onSubscribed(subscribers: Iterable<Subscriber>): void {
    if (this.#aliveAt !== undefined) return;
    const gap = this.#gap;
    this.#gap = undefined;
    this.#aliveAt = this.options.clock.monotonic();
    if (gap && this.#isLong(gap)) this.#report(gap, [...subscribers]);
  }

  /** Node-RED is being stopped: until now events were received. */
  async stop(): Promise<void> {
    if (this.#aliveAt !== undefined) await this.options.store.put(STOPPED, Math.floor(this.options.serverTime()));
  }

  #isLong(gap: SocketGap): boolean {
    if (gap.kind === 'stopped') return (this.options.serverTime() - gap.from) * 1_000 > SHORT;
    const now = this.options.clock.monotonic();
    return now - gap.closedAt > SHORT || now - gap.aliveAt > SILENT;
  }

  #report(gap: SocketGap, subscribers: readonly Subscriber[]): void {
    const { clock, serverTime, hasWebhook, log } = this.options;
    const to = serverTime();
    const from = gap.kind === 'stopped' ? gap.from : to - (clock.monotonic() - gap.aliveAt) / 1_000;
    // While Node-RED did not run, webhooks brought nothing either.
    const mayMiss = ({ channels }: Subscriber): boolean =>
      gap.kind === 'stopped' || [...channels].some((channel) => !hasWebhook(channel));
    const concerned = subscribers
      // One that is new has missed nothing.
      .filter((subscriber) => subscriber.beganBefore(to - SHORT / 1_000) && mayMiss(subscriber))
      .map((subscriber) => ({ subscriber, events: wantedBy(subscriber) }))
      .filter(({ events }) => events.some((event) => !hasHistory(event)));
    const withMessages = concerned.filter(({ events }) => events.some(hasHistory));
    const error = errorOf(withMessages, from, to);
    for (const { subscriber } of withMessages) subscriber.reportError(error);
    const others = concerned.filter(({ events }) => !events.some(hasHistory));
    if (others.length > 0) log.warn(errorOf(others, from, to).message);
  }
}

/** The events that a subscriber wants, as far as they are known. */
function wantedBy({ listener: { events, channel } }: Subscriber): readonly string[] {
  const known = eventsOf(channel.type).map(({ name }) => name);
  return events.length === 0 ? known : events.filter((event) => !hasHistory(event) || known.includes(event));
}

function errorOf(concerned: readonly { readonly events: readonly string[] }[], from: number, to: number): ChatAppError {
  const names = [...new Set(concerned.flatMap(({ events }) => events.filter((event) => !hasHistory(event))))];
  const events = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', …' : '');
  return ChatAppError.of('RECOVERY_FAILED', 'noHistory', { events, from: asTime(from), to: asTime(to) });
}

import { randomUUID } from 'node:crypto';
import type { AccountLine, Line } from '../api/lines';
import { sameStatus, statusOf, type ListenerCircumstances } from '../channels/listener-status';
import { detail } from '../error-details';
import type { ErrorLog } from '../error-log';
import { ChatAppError, type ErrorParams } from '../errors';
import { CATALOGUE, channelName, hasHistory } from '../events';
import { entriesOf, isRecord } from '../events/json';
import type { Status, StatusKind } from '../status';
import type { Delivery } from './delivery';
import type { LineChoice, Listener } from './listener';
import type { PendingEvent } from './pending-event';

const MINUTE = 60_000;
/** How many errors are kept for a listener that is away. */
const MAX_ERRORS = 20;

/** Where the events of one subscriber wait, across deploys of its node. */
export interface SubscriberQueue {
  /** Adds an event behind the pending ones of its order. With `ack: 'done'`, store it before. */
  add(event: PendingEvent): void;
  /** The listener takes events from now on: what is pending first. */
  attach(listener: Listener): void;
  /** The listener takes none for now: they stay pending. */
  detach(): void;
  /** Drops what is pending, after `close` also what is added later: nobody wants it any more. Returns how many events that were. */
  clear(): number;
  /** Resolves when what is in memory only is on disk, or cannot be stored. */
  store(): Promise<void>;
  /** Delivers nothing any more; what is in the store stays there. */
  close(): void;
}

/** How much of a queue waits, and when the next of the events that failed is delivered again, in ms since the epoch. */
export type Backlog = Pick<Status, 'backlog' | 'nextAttempt'>;

/** An error, and the delivery that it is about. */
interface ListenerError {
  readonly error: ChatAppError;
  readonly delivery: Delivery | undefined;
}

/** A listener as the inbox knows it, across deploys: its channels, and since when it wants which messages of them. */
export class Subscriber {
  /** Its name across restarts; one that has none is another one each time. */
  readonly id: string;
  /** The names of its channels. */
  channels: ReadonlySet<string> = new Set();
  /** Since when it listens to each channel, in unix seconds. */
  readonly #since = new Map<string, number>();
  /** Events with a history that it wants since a later time, after a change of its filter. */
  readonly #eventsSince = new Map<string, number>();
  /**
   * Events that were added to its filter before ChatApp's time was known, or while Node-RED was not running: it wants them
   * since its first channel begins.
   */
  readonly #addedEvents = new Set<string>();
  /** The events of its filter, as far as it is known since when it wants them. */
  #knownEvents: readonly string[];
  #lastEvent: number | undefined;
  /** What of its queue the status shows. */
  #backlog: Backlog = {};
  /** Its status without the backlog. */
  #status: Status | undefined;
  #reportedStatus: Status | undefined;
  #isNoLineReported = false;
  /** What was not reported yet, since the listener is away; absent while it is there. */
  #errors: ListenerError[] | undefined;

  readonly queue: SubscriberQueue;

  constructor(
    public listener: Listener,
    makeQueue: (subscriber: Subscriber) => SubscriberQueue,
    /** Notes what is reported. */
    private readonly errors?: Pick<ErrorLog, 'note'>,
  ) {
    this.id = listener.id ?? randomUUID();
    this.#knownEvents = listener.events;
    this.queue = makeQueue(this);
  }

  /** True between a deploy that closes its node and the next listener. */
  get isAway(): boolean {
    return this.#errors !== undefined;
  }

  /** Reports nothing until `replace`: nobody would get it. */
  leaveForDeploy(): void {
    this.#errors ??= [];
  }

  /** Reports an error, now or when the listener is there again. */
  reportError(error: ChatAppError, delivery?: Delivery): void {
    this.errors?.note(error, this.id);
    if (!this.#errors) this.listener.onError(error, delivery);
    else if (this.#errors.length < MAX_ERRORS) this.#errors.push({ error, delivery });
  }

  /** Present if the channels follow from the account's lines. */
  get choice(): LineChoice | undefined {
    const { channel } = this.listener;
    const isOpen = channel.type === 'messenger' && !(channel.licenseId && channel.messengerType);
    return isOpen ? channel : undefined;
  }

  /** Its status, as it was reported last. */
  get status(): StatusKind {
    return this.#reportedStatus?.kind ?? 'connecting';
  }

  wantsEvent(event: string): boolean {
    const { events } = this.listener;
    return events.length === 0 || events.includes(event);
  }

  /**
   * The channels among `lines` that fit its choice. If none does, that is reported, once. A line that is not active only
   * fits if it was chosen by its id.
   */
  channelsAmong(lines: readonly AccountLine[], choice: LineChoice): Set<string> {
    const { licenseId } = choice;
    const fitting = this.fitting(licenseId ? lines : lines.filter(({ isInactive }) => !isInactive), choice);
    if (fitting.size === 0 && !this.#isNoLineReported) {
      const reason = this.fitting(lines, choice).size > 0 ? 'inactive' : 'noLine';
      this.reportError(ChatAppError.of('CHANNEL_REFUSED', reason, choiceText(choice)));
    }
    this.#isNoLineReported = fitting.size === 0;
    return fitting;
  }

  /** The channels of those lines that fit its choice. */
  fitting(lines: readonly Line[], { licenseId, messengerType }: LineChoice): Set<string> {
    const fitting = lines.filter(
      (line) =>
        (!licenseId || line.licenseId === licenseId) && (!messengerType || line.messengerType === messengerType),
    );
    return new Set(fitting.map((line) => channelName({ type: 'messenger', ...line })));
  }

  /** The channel is received from `time` on, in unix seconds. True if that is new, and has to be stored. */
  begin(channel: string, time: number): boolean {
    const isNew = !this.#since.has(channel);
    if (isNew) this.#since.set(channel, time);
    const isWider = this.#addedEvents.size > 0;
    for (const event of this.#addedEvents) this.#eventsSince.set(event, time);
    this.#addedEvents.clear();
    this.#knownEvents = this.listener.events;
    return isNew || isWider;
  }

  /** Forgets since when it listens, as if it had never listened. */
  forget(): void {
    this.#since.clear();
    this.#eventsSince.clear();
    this.#addedEvents.clear();
  }

  /** True if it listened to a channel before `time`, in unix seconds. */
  beganBefore(time: number): boolean {
    return [...this.#since.values()].some((since) => since < time);
  }

  /** It does not want the channel any more. */
  leave(channel: string): void {
    this.#since.delete(channel);
  }

  /**
   * The node is there again, with this listener.
   * @param time since when it wants events that are new in its filter, in unix seconds; `undefined` if that is not known yet
   */
  replace(listener: Listener, time: number | undefined): void {
    const isNew = HISTORY_EVENTS.filter((event) => !this.wantsEvent(event));
    this.listener = listener;
    for (const event of isNew.filter((name) => this.wantsEvent(name))) {
      if (time === undefined) this.#addedEvents.add(event);
      else this.#eventsSince.set(event, time);
    }
    if (this.#addedEvents.size === 0) this.#knownEvents = listener.events;
    this.#status = undefined;
    this.#reportedStatus = undefined;
    const errors = this.#errors ?? [];
    this.#errors = undefined;
    for (const { error, delivery } of errors) listener.onError(error, delivery);
  }

  /** True for a message of this time, in unix seconds, that it would have got if it had been received. */
  isWanted(channel: string, event: string, time: number): boolean {
    if (this.#addedEvents.has(event)) return false;
    const since = Math.max(this.#since.get(channel) ?? Infinity, this.#eventsSince.get(event) ?? 0);
    return time >= since;
  }

  /** Notes that an event was delivered at this time, in ms since the epoch. */
  noteDelivery(at: number): void {
    const isSameMinute = Math.floor(at / MINUTE) === Math.floor((this.#lastEvent ?? 0) / MINUTE);
    this.#lastEvent = at;
    // The status shows the minute.
    if (!isSameMinute && this.#status?.kind === 'listening') this.#report({ ...this.#status, lastEvent: at });
  }

  /** Shows what waits in its queue. */
  noteBacklog(backlog: Backlog): void {
    this.#backlog = backlog;
    if (this.#status) this.#report(this.#status);
  }

  /** Works out its status and reports it if it has changed. */
  show(circumstances: Omit<ListenerCircumstances, 'lastEvent'>): void {
    this.#report(statusOf({ ...circumstances, ...(this.#lastEvent !== undefined && { lastEvent: this.#lastEvent }) }));
  }

  toJSON(): object {
    return {
      events: this.#knownEvents,
      since: Object.fromEntries(this.#since),
      eventsSince: Object.fromEntries(this.#eventsSince),
    };
  }

  #report(status: Status): void {
    this.#status = status;
    const shown = status.kind === 'listening' ? { ...status, ...this.#backlog } : status;
    if (this.isAway || sameStatus(this.#reportedStatus, shown)) return;
    this.#reportedStatus = shown;
    this.listener.onStatus(shown);
  }

  /** Takes over what `toJSON` gave in an earlier run. */
  restore(saved: unknown): void {
    if (!isRecord(saved)) return;
    for (const [channel, time] of numbersIn(saved.since)) this.#since.set(channel, time);
    for (const [event, time] of numbersIn(saved.eventsSince)) this.#eventsSince.set(event, time);
    // The flow may have been changed while Node-RED was not running.
    const before: readonly unknown[] = Array.isArray(saved.events) ? saved.events : [];
    const names = before.filter((event) => typeof event === 'string');
    if (names.length === 0) return;
    for (const event of HISTORY_EVENTS)
      if (this.wantsEvent(event) && !names.includes(event)) this.#addedEvents.add(event);
    if (this.#addedEvents.size > 0) this.#knownEvents = names;
  }
}

const HISTORY_EVENTS: readonly string[] = CATALOGUE.map(({ name }) => name).filter(hasHistory);

function numbersIn(value: unknown): [string, number][] {
  return entriesOf(value).flatMap(([name, entry]): [string, number][] =>
    typeof entry === 'number' ? [[name, entry]] : [],
  );
}

function choiceText({ licenseId, messengerType }: LineChoice): ErrorParams {
  if (licenseId) return detail('wanted', 'line', { line: [licenseId, messengerType].filter(Boolean).join(', ') });
  return messengerType ? { wanted: messengerType } : detail('wanted', 'anyLine');
}

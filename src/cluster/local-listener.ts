import { sameStatus } from '../channels/listener-status';
import type { Clock, Timer } from '../clock';
import type { ErrorLog } from '../error-log';
import type { ChatAppError } from '../errors';
import { isWanted, type Delivery } from '../inbox/delivery';
import type { Listener } from '../inbox/listener';
import type { Backlog, SubscriberQueue } from '../inbox/subscriber';
import { runInBackground, type Log } from '../log';
import type { Status, StatusKind } from '../status';
import type { NatsState } from './nats-client';

/** How long a deploy may take, in ms: then other instances get the listener's events. */
const AWAY_FOR = 10_000;
/** How many errors are kept for a listener that is away. */
const MAX_ERRORS = 20;

/** What a listener's status follows from, besides its subscriptions. */
export interface ClusterCircumstances {
  readonly nats: NatsState;
  readonly leads: boolean;
  /** How many instances are alive; `undefined` if that is not to be shown yet. */
  readonly instances: number | undefined;
}

/** How the events of a listener come to this instance. */
export interface ListenerDelivery {
  readonly queue: Pick<SubscriberQueue, 'attach' | 'detach' | 'close'>;
  /** The filter has another version now. */
  useFilter(version: number): void;
  /** Ends it: other instances get what is not acknowledged. */
  stop(): Promise<void>;
}

interface ListenerError {
  readonly error: ChatAppError;
  readonly delivery: Delivery | undefined;
}

/** A listener of this instance, across deploys of its node. */
export class LocalListener {
  /** Absent until NATS was reached, and while the node is away for long. */
  #delivery: ListenerDelivery | undefined;
  #awayTimer: Timer | undefined;
  /** What was not reported yet, since the node is away; absent while it is there. */
  #errors: ListenerError[] | undefined;
  #subscriptionStatus: Status = { kind: 'connecting' };
  #reported: Status | undefined;
  #lastEvent: number | undefined;
  #nextAttempt: number | undefined;
  #waiting = 0;
  readonly #end = new AbortController();
  /** True until `begin`: who makes it, and who calls `onWanted`, begins once. */
  #isBeginning = true;
  #stopping: Promise<unknown> = Promise.resolve();

  constructor(
    readonly id: string,
    public listener: Listener,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly errors: Pick<ErrorLog, 'note'>,
    private readonly circumstances: () => ClusterCircumstances,
    /** Begins to deliver, by `begin`. */
    private readonly onWanted: (local: LocalListener) => void,
  ) {}

  /** Its status, as it was reported last. */
  get status(): StatusKind {
    return this.#reported?.kind ?? 'connecting';
  }

  /** How many of its events wait on all instances together. */
  get waiting(): number {
    return this.#waiting;
  }

  /** True between a deploy that closes its node and the next listener. */
  get isAway(): boolean {
    return this.#errors !== undefined;
  }

  /** True if the node wants an event, as far as its filter says. */
  isWanted(delivery: Delivery): boolean {
    return isWanted(delivery, this.listener);
  }

  /** Aborted when this instance does not have the listener any more. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Delivers from now on, by this. */
  begin(delivery: ListenerDelivery): void {
    this.#isBeginning = false;
    this.#delivery = delivery;
    if (!this.isAway) delivery.queue.attach(this.listener);
  }

  /** The filter of its listener has this version. */
  useFilter(version: number): void {
    this.#delivery?.useFilter(version);
  }

  /** A deploy closes the node. What is pending waits for it; after 10 s, other instances get it. */
  leaveForDeploy(): void {
    this.#errors ??= [];
    this.#delivery?.queue.detach();
    this.#awayTimer?.cancel();
    this.#awayTimer = this.clock.after(AWAY_FOR, () => {
      runInBackground(this.#stopDelivery(), this.log, 'Giving events to other instances');
    });
  }

  /** The node is there again, with this listener. */
  resume(listener: Listener): void {
    this.#awayTimer?.cancel();
    this.listener = listener;
    this.#reported = undefined;
    const errors = this.#errors ?? [];
    this.#errors = undefined;
    for (const { error, delivery } of errors) listener.onError(error, delivery);
    if (this.#delivery) this.#delivery.queue.attach(listener);
    else this.#want();
  }

  /** Ends it on this instance. Others get what is pending. */
  async end(): Promise<void> {
    this.#end.abort(new Error('ended'));
    this.#awayTimer?.cancel();
    await this.#stopDelivery();
  }

  reportError(error: ChatAppError, delivery?: Delivery): void {
    this.errors.note(error, this.id);
    if (!this.#errors) this.listener.onError(error, delivery);
    else if (this.#errors.length < MAX_ERRORS) this.#errors.push({ error, delivery });
  }

  /** Notes that an event was delivered at this time, in ms since the epoch. */
  noteDelivery(at: number): void {
    this.#lastEvent = at;
    this.show();
  }

  /** What of the queue on this instance the status shows: not how much waits there, which is a part of all. */
  noteBacklog({ nextAttempt }: Backlog): void {
    this.#nextAttempt = nextAttempt;
    this.show();
  }

  /** So many of its events wait on all instances together. */
  noteWaiting(count: number): void {
    this.#waiting = count;
    this.show();
  }

  /** The state of its subscriptions on this instance. */
  onSubscriptionStatus(status: Status): void {
    this.#subscriptionStatus = status;
    this.show();
  }

  /** Works out its status and reports it if it has changed. */
  show(): void {
    const status = this.#status();
    if (this.isAway || this.ended.aborted || sameStatus(this.#reported, status)) return;
    this.#reported = status;
    this.listener.onStatus(status);
  }

  /** Once at a time, and not before what it had is given back: both use the same consumers. */
  #want(): void {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    const begun = this.#stopping.then(() => {
      if (!this.ended.aborted) this.onWanted(this);
    });
    runInBackground(begun, this.log, 'Beginning to deliver');
  }

  #stopDelivery(): Promise<void> {
    const delivery = this.#delivery;
    this.#delivery = undefined;
    delivery?.queue.detach();
    const stopped = (delivery?.stop() ?? Promise.resolve()).finally(() => delivery?.queue.close());
    this.#stopping = Promise.allSettled([this.#stopping, stopped]);
    return stopped;
  }

  #status(): Status {
    const { nats, leads, instances } = this.circumstances();
    const own = this.#subscriptionStatus;
    if (nats.kind === 'connecting') return { kind: 'connecting' };
    if (nats.kind === 'lost') return { kind: 'clusterLost', since: nats.since };
    // The socket is opened when it is known which listeners there are.
    if (own.kind === 'stopped') return { kind: 'connecting' };
    if (own.kind !== 'listening') return own;
    return {
      ...own,
      kind: leads ? 'leading' : 'standingBy',
      ...(instances !== undefined && { instances }),
      ...(this.#lastEvent !== undefined && { lastEvent: this.#lastEvent }),
      ...(this.#waiting > 0 && { backlog: this.#waiting }),
      ...(this.#nextAttempt !== undefined && { nextAttempt: this.#nextAttempt }),
    };
  }
}

import type { ErrorCode, ErrorParams } from './errors';
import type { EventSource } from './events';
import type { StatusKind } from './status';

/**
 * The state of a connection, as `connection.health()` gives it: made from what its parts know anyway, without a request to
 * ChatApp. It never holds a token, a password, or a text, name, phone or chat id of a customer. All times are ms since the
 * epoch, to be shown. What is unknown or does not apply is absent.
 */
export interface ConnectionHealth {
  readonly login: LoginHealth;
  /** Absent if events come by webhook only. */
  readonly socket?: SocketHealth;
  readonly store: StoreHealth;
  /** Those that somebody listens to. */
  readonly channels: readonly ChannelHealth[];
  readonly listeners: readonly ListenerHealth[];
  /** Those that have sent something since the connection began. */
  readonly senders: readonly SenderHealth[];
  /** Present if several instances share the account. */
  readonly cluster?: ClusterHealth;
  /** The latest errors, at most 50, oldest first. */
  readonly errors: readonly ReportedError[];
  readonly totals: Totals;
}

/**
 * An error without its words. The text, with the cure, stands in the catalogue under `error.<code>.<reason>` and is filled
 * from `params` (`errorText`). What servers and flows say themselves is left out of `params`: it may hold anything.
 */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly params: ErrorParams;
}

export interface ReportedError extends Failure {
  /** When it was reported last, and how often. */
  readonly at: number;
  readonly count: number;
  /** The ids of the nodes that it concerns, at most 20; empty if it concerns the whole connection. */
  readonly nodes: readonly string[];
}

export interface LoginHealth {
  /** `token`: pasted tokens. `account`: email, password and app id. */
  readonly method: 'token' | 'account';
  /**
   * - `unused`: nobody has needed a token yet
   * - `ok`: the latest token is good, as far as ChatApp has said
   * - `failed`: no token can be had; see `failure`
   */
  readonly state: 'unused' | 'ok' | 'failed';
  /** The id of the account at ChatApp. */
  readonly accountId?: string;
  /** When ChatApp issued the present token, if that was in this run. */
  readonly renewedAt?: number;
  /** When the present token ends. It is renewed when ChatApp refuses it. */
  readonly validUntil?: number;
  readonly failure?: Failure;
  /** When ChatApp may be asked again (`failed`). */
  readonly nextTry?: number;
}

export interface SocketHealth {
  /**
   * - `idle`: nobody listens
   * - `connecting`, `open`
   * - `waiting`: it was lost; the next try comes at `nextTry`
   * - `refused`: the server refuses it permanently; tried slowly
   */
  readonly state: 'idle' | 'connecting' | 'open' | 'waiting' | 'refused';
  /** Since when it is open, or idle, or else: since when there is none. */
  readonly since: number;
  readonly nextTry?: number;
  /** Why it ended the last time (`connecting`, `waiting`, `refused`). */
  readonly failure?: Failure;
  /** When the server answered a ping last, and after how many ms (`open`). It is pinged every 15 s. */
  readonly pongAt?: number;
  readonly pongAfter?: number;
}

export interface StoreHealth {
  /** False while nothing can be stored: events are kept in memory only. */
  readonly isWorking: boolean;
  readonly failure?: Failure;
}

/** One channel: mostly a messenger of a line. */
export interface ChannelHealth {
  /** Its name at ChatApp; unique. */
  readonly channel: string;
  readonly type: 'messenger' | 'company' | 'user' | 'employee';
  readonly licenseId?: string;
  readonly messengerType?: string;
  readonly companyId?: string;
  readonly userId?: string;
  /** What the account calls the line and its messenger; absent until its list of lines was read. */
  readonly lineName?: string;
  readonly messengerName?: string;
  /**
   * - `receiving`: events come, by one source at least
   * - `subscribing`: the channel is being authorised or subscribed
   * - `disconnected`: there is no socket; see `ConnectionHealth.socket`
   * - `waiting`: a failure that may end by itself; tried again at `nextTry`
   * - `refused`: ChatApp refuses the channel; tried slowly
   * - `tokenInvalid`: nobody is logged in; see `ConnectionHealth.login`
   */
  readonly state: 'receiving' | 'subscribing' | 'disconnected' | 'waiting' | 'refused' | 'tokenInvalid';
  /** Why it is not received (`waiting`, `refused`, `tokenInvalid`). */
  readonly failure?: Failure;
  readonly nextTry?: number;
  /** Present if events come by webhook. */
  readonly webhook?: WebhookHealth;
  /** When its last event arrived, wanted or not. */
  readonly lastEvent?: number;
  /**
   * How many events were accepted in each of the last 24 hours, oldest first; the last number is that of the running hour,
   * which began up to an hour ago. Absent if there were none.
   */
  readonly hours?: readonly number[];
  /** The period that is missing; absent if nothing is. */
  readonly gap?: GapHealth;
  /** What was left out in this run, by reason; reasons without any are absent. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** The ids of the nodes that listen to it. */
  readonly listeners: readonly string[];
}

export interface WebhookHealth {
  /**
   * - `set`: ChatApp calls us; with a `failure` if it does not send all wanted events there
   * - `setting`: ChatApp is being asked
   * - `taken`: the webhook is another integration's, on `host`
   * - `failed`: ChatApp did not take ours; tried again at `nextTry`
   */
  readonly state: 'set' | 'setting' | 'taken' | 'failed';
  readonly host?: string;
  readonly failure?: Failure;
  readonly nextTry?: number;
}

export interface GapHealth {
  /** Since when messages may be missing. */
  readonly from: number;
  /** True while they are being fetched; false if the channel is not received, or nothing of it is to be fetched. */
  readonly isFilling: boolean;
  /** How many chats have messages to be fetched, as far as that is known, and how many of them were read. */
  readonly chatsFound: number;
  readonly chatsDone: number;
  /** How many messages were missing and were fetched. */
  readonly messages: number;
  /** How long it takes at the present pace, within ChatApp's limit of requests; absent until a chat was read. */
  readonly secondsLeft?: number;
  /** Why the last reading of lists or messages failed, or was refused: it is tried again. */
  readonly failure?: Failure;
}

/**
 * Why something was left out.
 *
 * `duplicate`   an event had come before, perhaps from another source
 * `unwanted`    no node asked for events of this name
 * `filtered`    the filters of all nodes left the event out: direction, own, groups, edits
 * `unreadable`  an event was malformed
 * `refusedChat` ChatApp refuses the messages of a chat: those of a gap are missing
 * `cutChat`     a chat had more missing messages than are fetched
 * `otherChat`   a chat of an employee's channel changed in a gap, and is not known to be the employee's
 */
export const SKIP_REASONS = [
  'duplicate',
  'unwanted',
  'filtered',
  'unreadable',
  'refusedChat',
  'cutChat',
  'otherChat',
] as const;

export type SkipReason = (typeof SKIP_REASONS)[number];

export interface ListenerHealth {
  /** The id of the node. */
  readonly node: string;
  readonly status: StatusKind;
  /** When an event counts as delivered: once the next node has it, or once the flow says so. */
  readonly ack: 'sent' | 'done';
  /** How many events wait for their turn, or for a further attempt. */
  readonly waiting: number;
  /** How many events flows work on (`ack: done`). */
  readonly inFlight: number;
  /** Since when the oldest of both is there. */
  readonly oldest?: number;
  /** When the next of the events that failed is delivered again. */
  readonly nextAttempt?: number;
  /**
   * How the attempt ended that failed last in this run: the HTTP status or the system code that the flow has reported, or
   * - `timeout`: nothing was reported in time
   * - `failed`: the flow did not say why
   */
  readonly lastFailure?: string;
  /** How many were given up and are kept. In a cluster: in this run, on this instance. */
  readonly deadLetters: number;
}

export interface SenderHealth {
  /** The id of the send or API node. */
  readonly node: string;
  /** How many messages or requests wait or are on their way. */
  readonly queued: number;
  readonly sent: number;
  /** How many may have been sent or not. */
  readonly uncertain: number;
  /** How many were not sent, by `<code>.<reason>` of the error. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface ClusterHealth {
  /** `joining`: NATS was not reached yet. `lost`: it cannot be reached or used since `since`. */
  readonly role: 'joining' | 'leader' | 'standby' | 'lost';
  /** How many instances are alive, with this one. */
  readonly instances?: number;
  /** The id of this run of this instance, and that of the leader if it is known. */
  readonly id?: string;
  readonly leader?: string;
  /** Why NATS cannot be used (`joining`, `lost`); absent until that was found out. */
  readonly failure?: Failure;
  /** How many partitions each listener has, and how many of them this instance has, by the id of the listener. */
  readonly partitions?: number;
  readonly assigned: Readonly<Record<string, number>>;
  readonly since?: number;
  /** Where in NATS the dead letters are: the stream, and the subjects of all listeners. */
  readonly deadLetters?: { readonly stream: string; readonly subjects: string };
}

/** Counts since the connection began, for metrics. */
export interface Totals {
  readonly events: readonly EventTotals[];
  /** From the arrival of an event to the moment when the next node had it, or, with `ack: done`, the flow was done. */
  readonly latency: Histogram;
}

/** `store`: an earlier run has left it, or another instance has published it in NATS. */
export const COUNTED_SOURCES = ['socket', 'webhook', 'history', 'store'] as const satisfies readonly (
  EventSource | 'store'
)[];

export type CountedSource = (typeof COUNTED_SOURCES)[number];

export interface EventTotals {
  /** Its name; `other` for all that the catalogue does not know. */
  readonly event: string;
  readonly source: CountedSource;
  /** Arrived and wanted, duplicates included. */
  readonly received: number;
  readonly duplicates: number;
  /** Missing and fetched. */
  readonly backfilled: number;
  /** Delivered; counts once for each node. */
  readonly delivered: number;
  readonly deadLettered: number;
}

export interface Histogram {
  /** How many values were at most `le`, in seconds, not cumulative; the last `le` is infinite. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  /** Of all values, in seconds. */
  readonly sum: number;
  readonly count: number;
}

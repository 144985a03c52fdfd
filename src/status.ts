/**
 * How one listener's own subscription stands. The closed list of states, in the order in which a user meets them.
 *
 * `connecting`  the socket is being opened
 * `authorising` the socket is open, the channel is being authorised or subscribed
 * `listening`   events come through; `backlog` counts those that wait for the flow
 * `leading`     this instance of a cluster receives; `backlog` counts the events that wait on all instances
 * `standingBy`  another instance receives, this one shares the work and can take over; `backlog` as above
 * `clusterLost` the NATS servers cannot be reached since `since`; events wait
 * `recovering`  missed messages are being fetched; `recovered` counts them
 * `webhookOnly` the socket is not there, events come through by webhook
 * `socketOnly`  events come through by the socket, but the webhook does not work, or is another's: `host`
 * `waiting`     a failure that may end by itself; the next try is at `nextTry`
 * `webhookTaken` the webhook is the only way and belongs to another: `host`; nothing comes until someone replaces it
 * `refused`     ChatApp says no permanently; a slow retry goes on, but someone has to act
 * `tokenInvalid` the token is dead and cannot be renewed; someone has to act
 * `configInvalid` a setting is missing or malformed
 * `stopped`     closed, or not used
 */
export const STATUS_KINDS = [
  'connecting',
  'authorising',
  'listening',
  'leading',
  'standingBy',
  'clusterLost',
  'recovering',
  'webhookOnly',
  'socketOnly',
  'waiting',
  'webhookTaken',
  'refused',
  'tokenInvalid',
  'configInvalid',
  'stopped',
] as const;

export type StatusKind = (typeof STATUS_KINDS)[number];

export interface Status {
  readonly kind: StatusKind;
  /** When the next try is due, in ms since the epoch (`waiting`, `refused`, `tokenInvalid`). */
  readonly nextTry?: number;
  /** When the last event came, in ms since the epoch (`listening`, `leading`, `standingBy`). */
  readonly lastEvent?: number;
  /** How many events wait for a flow; absent if none do (`listening`, `leading`, `standingBy`). */
  readonly backlog?: number;
  /** When the next of the events that failed is delivered again, in ms since the epoch (as `backlog`). */
  readonly nextAttempt?: number;
  /** How many instances are alive, as soon as that is certain (`leading`, `standingBy`). */
  readonly instances?: number;
  /** Since when NATS cannot be reached, in ms since the epoch (`clusterLost`). */
  readonly since?: number;
  /** How many missed messages were fetched so far (`recovering`). */
  readonly recovered?: number;
  /** True while nothing can be stored (`listening`). */
  readonly isUnstored?: boolean;
  /** Whose webhook takes the place of ours (`socketOnly`, `webhookTaken`). */
  readonly host?: string;
  /** For a listener on several channels: how many of them are listening, and how many there are. */
  readonly channels?: { readonly listening: number; readonly total: number };
}

import type { ConnectionHealth, Failure } from '../../src/health';

export type {
  ChannelHealth,
  ClusterHealth,
  ConnectionHealth,
  GapHealth,
  ListenerHealth,
  LoginHealth,
  ReportedError,
  SenderHealth,
  SkipReason,
  SocketHealth,
  WebhookHealth,
} from '../../src/health';

/**
 * What the editor asks Node-RED about the state of all connections, and what it gets: both sides read it here.
 *
 * - `GET chatapp/health`: a `HealthAnswer`; permission `chatapp.read`.
 * - Topic `chatapp/health` of `RED.comms`: a number, larger each time. It says that an answer would differ now; at most every
 *   2 s, and only within 10 s after a request. So a client that shows it asks again within 10 s, also if no number came.
 * - `POST chatapp/check/<connection node id>`: tries a deployed connection, as `account-answers.ts` says; permission
 *   `chatapp.write`, body `{}` as JSON.
 * - `POST chatapp/gap/<connection node id>` with a `GapRequest`: fetches what is missing now instead of at the next try;
 *   permission `chatapp.write`. Answers with 204, or 404 where no such connection is deployed.
 * - `GET chatapp/metrics`: all of it for Prometheus, as text; permission `chatapp.read`.
 * - `GET chatapp/diagnostics/<connection node id>`: a report for a bug report, as text; permission `chatapp.read`.
 *
 * No answer holds a secret, or a text, a name or a phone of a customer.
 */
export interface HealthAnswer {
  readonly connections: readonly HealthEntry[];
}

export interface HealthEntry {
  /** The id of the connection node. */
  readonly id: string;
  /** Its name; absent if it has none. */
  readonly name?: string;
  /** Why there is no connection: fields that are missing or malformed. */
  readonly problems: readonly Failure[];
  /** Absent if there is no connection. */
  readonly health?: ConnectionHealth;
}

/** Of one channel; of all channels if `channel` is absent. */
export interface GapRequest {
  readonly channel?: string;
}

import type { TlsSettings } from '../api/network';

/** How to log in to NATS. */
export type ClusterLogin =
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** The path of a creds file. */
  | { readonly kind: 'creds'; readonly file: string };

/** The NATS JetStream by which several copies of a flow share one account. */
export interface ClusterSettings {
  /** Its servers, as `nats://nats-1:4222` or `tls://nats-1:4222`; at least one. */
  readonly servers: readonly string[];
  readonly login?: ClusterLogin;
  readonly tls?: TlsSettings;
  /** On how many servers events and positions are kept. Default 1. */
  readonly replicas?: 1 | 3 | 5;
  /** How long an event waits for a flow at most, in hours. Default 24. */
  readonly keepHours?: number;
}

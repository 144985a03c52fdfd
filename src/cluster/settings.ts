import type { TlsSettings } from '../api/network';

/** How to log in to NATS. */
export type ClusterLogin =
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** The path of a creds file. */
  | { readonly kind: 'creds'; readonly file: string };

/** The NATS JetStream by which several instances share one account. */
export interface ClusterSettings {
  /** Its servers, as `nats://nats-1:4222` or `tls://nats-1:4222`; at least one. */
  readonly servers: readonly string[];
  readonly login?: ClusterLogin;
  readonly tls?: TlsSettings;
  /** On how many servers everything is stored. @default 1 */
  readonly replicas?: 1 | 3 | 5;
  /**
   * Into how many partitions the events of a listener are divided, 1 to 256: no more instances share its work. The first
   * instance to write decides for all. @default 16
   */
  readonly partitions?: number;
  /** How long an event waits for a flow at most, in hours. @default 24 */
  readonly keepHours?: number;
}

export const PARTITIONS = 16;
export const MAX_PARTITIONS = 256;

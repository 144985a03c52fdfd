import type { JetStreamClient, JetStreamManager, KV, NatsConnection } from 'nats';
import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';
import type { Log } from '../log';
import type { ClusterNames } from './names';
import type { ClusterSettings } from './settings';

/** A NATS that has been reached once: its stream and its bucket are there. */
export interface ReadyEngine {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly bucket: KV;
  readonly names: ClusterNames;
}

/** `since` in ms since the epoch. */
export type EngineState = { readonly kind: 'ready' } | { readonly kind: 'connecting' | 'lost'; readonly since: number };

export interface EngineOptions {
  readonly settings: ClusterSettings;
  readonly names: ClusterNames;
  readonly clock: Clock;
  readonly log: Log;
  readonly onState: (state: EngineState) => void;
  /** `CLUSTER_FAILED`, once an outage. */
  readonly onError: (error: ChatAppError) => void;
}

import type * as Nats from 'nats';
import { isRecord } from '../events/json';
import { loadLate } from '../late-module';

export type NatsModule = typeof Nats;

/** The client of NATS, which only several copies need. */
export function loadNats(): NatsModule {
  return loadLate('nats', isNats);
}

function isNats(loaded: unknown): loaded is NatsModule {
  return isRecord(loaded) && typeof loaded.connect === 'function' && typeof loaded.headers === 'function';
}

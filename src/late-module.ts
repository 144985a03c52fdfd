import { createRequire } from 'node:module';

const load = createRequire(__filename);

type LateModule = 'pusher-js' | 'ws' | '@nats-io/transport-node' | '@nats-io/jetstream' | '@nats-io/kv' | 'nats';

/**
 * Loads a dependency when it is first needed. pusher-js and `ws` would be half of what this package takes of
 * Node-RED's start, and nobody needs them before the first socket; only clusters need those of NATS.
 * @throws TypeError if the module is not the expected one
 */
export function loadLate<Module>(name: LateModule, isExpected: (loaded: unknown) => loaded is Module): Module {
  const loaded: unknown = load(name);
  if (!isExpected(loaded)) throw new TypeError(`${name} is not the expected module`);
  return loaded;
}

import { createRequire } from 'node:module';

const load = createRequire(__filename);

/**
 * Loads a dependency when it is first needed. pusher-js and `ws` would be half of what this package takes of
 * Node-RED's start, and nobody needs them before the first socket; `nats` is for those only who run several copies.
 * @throws TypeError where the module is not what it was
 */
export function loadLate<Module>(
  name: 'pusher-js' | 'ws' | 'nats',
  isExpected: (loaded: unknown) => loaded is Module,
): Module {
  const loaded: unknown = load(name);
  if (!isExpected(loaded)) throw new TypeError(`${name} is not what it was`);
  return loaded;
}

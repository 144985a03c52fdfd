import { warningsOf } from '../warnings';
import { warningText } from './check-steps';
import { isClustered } from './cluster-login';
import { element, valueOf } from './fields';
import { make } from './make';

const FIELDS = ['apiUrl', 'socketUrl', 'cluster', 'clusterAuth'] as const;

/** Shows in the open dialog of a connection what is not safe about it, as it stands there. */
export function prepareWarnings(): void {
  for (const name of FIELDS) {
    for (const event of ['change', 'input']) element(fieldOf(name)).addEventListener(event, show);
  }
  show();
}

function show(): void {
  const warnings = warningsOf({
    apiUrl: valueOf(fieldOf('apiUrl')),
    socketUrl: valueOf(fieldOf('socketUrl')),
    hasNats: isClustered(valueOf(fieldOf('cluster'))),
    hasNatsLogin: valueOf(fieldOf('clusterAuth')) !== 'none',
    // The editor knows a user only if somebody had to log in.
    hasAdminAuth: RED.settings.user !== undefined,
  });
  element('chatapp-warnings').replaceChildren(...warnings.map((warning) => make('div', '', warningText(warning))));
}

function fieldOf(name: (typeof FIELDS)[number]): string {
  return `node-config-input-${name}`;
}

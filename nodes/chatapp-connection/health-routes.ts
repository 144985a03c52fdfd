import type { Node, NodeAPI } from 'node-red';
import { systemClock } from '../../src/clock';
import { failureOf } from '../../src/error-log';
import type { HealthAnswer, HealthEntry } from '../shared/health-answers';
import type { ChatAppError } from '../../src/errors';
import { inOne } from '../shared/settings';
import type { ConnectionRegistry } from './connection-registry';
import type { DeployedSources } from './connection-source';
import { HealthWatch } from './health-watch';
import type { Routes } from './routes';

type Runtime = Pick<NodeAPI, 'comms'>;

/** Serves the routes of `health-answers.ts`. */
export function serveHealth(
  RED: Runtime,
  routes: Routes,
  connections: ConnectionRegistry,
  sources: DeployedSources,
): void {
  const look = (): string => JSON.stringify(healthOf(connections, sources));
  const watch = new HealthWatch(RED.comms, systemClock, look);

  routes.get('/chatapp/health', 'chatapp.read', (_request, response) => {
    const text = look();
    watch.onAsked(text);
    response.status(200).setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store').end(text);
  });
}

/** The state of all connections that are deployed. */
export function healthOf(connections: ConnectionRegistry, sources: DeployedSources): HealthAnswer {
  return { connections: sources.all.map(({ node, source }) => entryOf(node, source)) };

  function entryOf(
    { id, name }: Pick<Node, 'id' | 'name'>,
    { problems }: { problems: readonly ChatAppError[] },
  ): HealthEntry {
    const health = connections.find(id)?.health();
    return {
      id,
      ...(name && { name }),
      problems: inOne(problems).map(failureOf),
      ...(health && { health }),
    };
  }
}

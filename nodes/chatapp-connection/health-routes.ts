import type { ServerResponse } from 'node:http';
import type { Node, NodeAPI } from 'node-red';
import { shownTime, systemClock } from '../../src/clock';
import { failureOf } from '../../src/error-log';
import { isRecord } from '../../src/events/json';
import { metricsText } from '../../src/metrics';
import type { HealthAnswer, HealthEntry } from '../shared/health-answers';
import { inOne } from '../shared/settings';
import { bodyIn, refuse } from './account-http';
import type { ConnectionRegistry } from './connection-registry';
import type { ConnectionSource, DeployedSources } from './connection-source';
import { diagnosticsText } from './diagnostics';
import { HealthWatch } from './health-watch';
import type { Routes } from './routes';

type Runtime = Pick<NodeAPI, 'comms' | 'version'>;

/** Serves the routes of `health-answers.ts`, and `GET chatapp/metrics` for Prometheus. */
export function serveHealth(
  RED: Runtime,
  routes: Routes,
  connections: ConnectionRegistry,
  sources: DeployedSources,
  packageVersion: string,
): void {
  const look = (): string => JSON.stringify(healthOf());
  const watch = new HealthWatch(RED.comms, systemClock, look);

  routes.get('/chatapp/health', 'chatapp.read', (_request, response) => {
    const text = look();
    watch.onAsked(text);
    respondText(response, 'application/json', text);
  });

  routes.get('/chatapp/metrics', 'chatapp.read', (_request, response) => {
    const measured = healthOf().connections.flatMap(({ id, name, health }) =>
      health ? [{ id, health, ...(name !== undefined && { name }) }] : [],
    );
    respondText(response, 'text/plain; version=0.0.4', metricsText(measured));
  });

  routes.get('/chatapp/diagnostics/:id', 'chatapp.read', async ({ params: { id } }, response) => {
    const deployed = typeof id === 'string' ? sources.find(id) : undefined;
    if (!deployed) return refuse(response, 404, 'No such connection is deployed.');
    const { node, source } = deployed;
    const versions = {
      package: packageVersion,
      'Node-RED': await RED.version(),
      'Node.js': process.version,
      system: process.platform,
    };
    const text = diagnosticsText({ versions, source, entry: entryOf(node, source), time: shownTime(systemClock) });
    respondText(response, 'text/plain', text);
  });

  routes.post('/chatapp/gap/:id', 'chatapp.write', (request, response) => {
    const body = bodyIn(request, response);
    if (body === undefined) return;
    const { id } = request.params;
    const connection = typeof id === 'string' ? connections.find(id) : undefined;
    if (!connection) return refuse(response, 404, 'No such connection is deployed.');
    const channel = isRecord(body) ? body.channel : undefined;
    connection.fetchMissing(typeof channel === 'string' ? channel : undefined);
    response.status(204).end();
  });

  function healthOf(): HealthAnswer {
    return { connections: sources.all.map(({ node, source }) => entryOf(node, source)) };
  }

  function entryOf({ id, name }: Pick<Node, 'id' | 'name'>, { problems }: ConnectionSource): HealthEntry {
    const health = connections.find(id)?.health();
    return {
      id,
      ...(name && { name }),
      problems: inOne(problems).map(failureOf),
      ...(health && { health }),
    };
  }
}

function respondText(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' }).end(text);
}

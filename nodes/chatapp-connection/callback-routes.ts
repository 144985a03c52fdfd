import type { Callback } from '../../src';
import type { ChatAppError } from '../../src/errors';
import { isRecord } from '../../src/events/json';
import type { AccountFailure } from '../shared/account-answers';
import type { CallbackEntry, CallbackLine, CallbackList } from '../shared/callback-answers';
import { inOne } from '../shared/settings';
import { bodyIn, refuse, respond, type Answer } from './account-http';
import type { ConnectionSource, DeployedSources } from './connection-source';
import type { ConnectionRegistry } from './connection-registry';
import type { Routes } from './routes';

/** Serves the routes of `callback-answers.ts`. */
export function serveCallbackList(routes: Routes, connections: ConnectionRegistry, sources: DeployedSources): void {
  routes.get('/chatapp/callbacks/:id', 'chatapp.read', ({ params }, response) => {
    const id = idIn(params);
    const source = usable(id, response);
    if (source) respond(response, 200, listOf(id));
  });
  routes.post('/chatapp/callbacks/:id/replace', 'chatapp.write', (request, response) => {
    const id = idIn(request.params);
    const body = bodyIn(request, response);
    const source = body === undefined ? undefined : usable(id, response);
    if (!source) return;
    const line = lineIn(body);
    if (!line) return refuse(response, 400, 'A line has a licenseId and a messengerType.');
    return replace(id, line, response);
  });

  routes.post('/chatapp/callbacks/:id/renew', 'chatapp.write', (request, response) => {
    const id = idIn(request.params);
    // A form on another page cannot send JSON.
    return bodyIn(request, response) === undefined ? undefined : usable(id, response) && renew(id, response);
  });

  async function renew(id: string, response: Answer): Promise<void> {
    await connections.find(id)?.webhook?.renew();
    respond(response, 200, listOf(id));
  }

  async function replace(id: string, line: CallbackLine, response: Answer): Promise<void> {
    const isKnown = await connections.find(id)?.webhook?.replace(line);
    if (isKnown) respond(response, 200, listOf(id));
    else refuse(response, 404, 'Nobody listens to this line by webhook.');
  }

  function usable(id: string, response: Answer): ConnectionSource | undefined {
    const deployed = sources.find(id);
    if (!deployed) return refuse(response, 404, 'No such connection is deployed.');
    const [problem] = inOne(deployed.source.problems);
    if (!problem) return deployed.source;
    respond(response, 422, failureOf(problem));
    return undefined;
  }

  function listOf(id: string): CallbackList {
    return { callbacks: (connections.find(id)?.webhook?.callbacks ?? []).map(entryOf) };
  }
}

/** The types allow for parts of a path that come several times. */
function idIn({ id }: Readonly<Record<string, unknown>>): string {
  return typeof id === 'string' ? id : '';
}

function lineIn(body: unknown): CallbackLine | undefined {
  if (!isRecord(body)) return undefined;
  const { licenseId, messengerType } = body;
  return typeof licenseId === 'string' && typeof messengerType === 'string' ? { licenseId, messengerType } : undefined;
}

function entryOf({ state, ...line }: Callback): CallbackEntry {
  return {
    ...line,
    state: state.kind,
    ...(state.kind === 'taken' && { host: state.host }),
    ...('error' in state && { failure: failureOf(state.error) }),
  };
}

function failureOf({ code, reason, params }: ChatAppError): AccountFailure {
  return { code, reason, params };
}

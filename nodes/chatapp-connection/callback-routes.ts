import type { NodeAPI } from 'node-red';
import type { Callback } from '../../src';
import type { ChatAppError } from '../../src/errors';
import { isRecord } from '../../src/events/json';
import type { AccountTrouble } from '../shared/account-answers';
import type { CallbackEntry, CallbackLine, CallbackList } from '../shared/callback-answers';
import { bodyIn, refuse, respond, type Answer } from './account-http';
import type { ConnectionSource, DeployedSources } from './connection-source';
import type { LastingConnections } from './lasting-connections';

type Runtime = Pick<NodeAPI, 'httpAdmin' | 'auth'>;

/** Serves the routes of `callback-answers.ts`. */
export function serveCallbackList(RED: Runtime, connections: LastingConnections, sources: DeployedSources): void {
  const mayRead = RED.auth.needsPermission('chatapp.read');
  const mayReplace = RED.auth.needsPermission('chatapp.write');

  RED.httpAdmin.get('/chatapp/callbacks/:id', mayRead, ({ params }, response) => {
    const id = idIn(params);
    const source = usable(id, response);
    if (source) respond(response, 200, listOf(id));
  });
  RED.httpAdmin.post('/chatapp/callbacks/:id/replace', mayReplace, (request, response) => {
    const id = idIn(request.params);
    const body = bodyIn(request, response);
    const source = body === undefined ? undefined : usable(id, response);
    if (!source) return;
    const line = lineIn(body);
    if (line) void replace(id, line, response);
    else refuse(response, 400, 'A line has a licenseId and a messengerType.');
  });

  async function replace(id: string, line: CallbackLine, response: Answer): Promise<void> {
    const isKnown = await connections.find(id)?.webhook?.replace(line);
    if (isKnown) respond(response, 200, listOf(id));
    else refuse(response, 404, 'Nobody listens to this line by webhook.');
  }

  function usable(id: string, response: Answer): ConnectionSource | undefined {
    const deployed = sources.find(id);
    if (!deployed) return refuse(response, 404, 'No such connection is deployed.');
    const [problem] = deployed.source.problems;
    if (!problem) return deployed.source;
    respond(response, 422, troubleOf(problem));
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
    ...('error' in state && { trouble: troubleOf(state.error) }),
  };
}

function troubleOf({ code, reason, params }: ChatAppError): AccountTrouble {
  return { code, reason, params };
}

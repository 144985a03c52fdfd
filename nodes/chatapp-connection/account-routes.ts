import type { NodeAPI } from 'node-red';
import type { CheckStep as KnownStep } from '../../src';
import { ChatAppError } from '../../src/errors';
import { isId, isMessengerType } from '../../src/events';
import {
  checkSteps,
  type AccountList,
  type AccountFailure,
  type CheckStep,
  type ListScope,
} from '../shared/account-answers';
import { inOne } from '../shared/settings';
import { bodyIn, refuse, respond, type Answer, type Asked } from './account-http';
import type { AccountReader } from './account-reader';
import { safetyWarnings, type ConnectionSource, type DeployedSources } from './connection-source';
import { readDraft } from './draft';
import type { Routes } from './routes';

const LISTS = ['lines', 'companies', 'employees', 'templates', 'chats'] as const satisfies readonly AccountList[];

type Runtime = Pick<NodeAPI, 'nodes' | 'settings' | 'util' | 'log'>;

/** Serves the routes of `account-answers.ts`. */
export function serveAccounts(RED: Runtime, routes: Routes, reader: AccountReader, sources: DeployedSources): void {
  routes.get('/chatapp/account/:id/:list', 'chatapp.read', (request, response) => {
    const { id } = request.params;
    const deployed = typeof id === 'string' ? sources.find(id) : undefined;
    if (!deployed) return refuse(response, 404, 'No such connection is deployed.');
    return answerList(deployed.source, request, response);
  });
  routes.post('/chatapp/account/:list', 'chatapp.write', (request, response) => {
    const draft = draftIn(request, response);
    return draft && answerList(draft, request, response);
  });
  routes.post('/chatapp/check', 'chatapp.write', (request, response) => {
    const draft = draftIn(request, response);
    return draft && answerCheck(draft, response);
  });
  routes.post('/chatapp/check/:id', 'chatapp.write', (request, response) => {
    if (bodyIn(request, response) === undefined) return undefined;
    const { id } = request.params;
    const deployed = typeof id === 'string' ? sources.find(id) : undefined;
    return deployed ? answerCheck(deployed.source, response) : refuse(response, 404, 'No such connection is deployed.');
  });

  function draftIn(request: Asked, response: Answer): ConnectionSource | undefined {
    const body = bodyIn(request, response);
    if (body === undefined) return undefined;
    return readDraft(RED, body, sources) ?? refuse(response, 400, 'A draft has an id, settings and credentials.');
  }

  async function answerList(source: ConnectionSource, { params, query }: Asked, response: Answer): Promise<void> {
    const list = LISTS.find((name) => name === params.list);
    if (!list) return refuse(response, 404, `There is no such list: ${LISTS.join(', ')}.`);
    const scope = scopeIn(query);
    if (!scope)
      return refuse(response, 400, 'Companies and lines are made of digits, messengers of letters and digits.');
    if (ofLine(list) && (scope.line === undefined || scope.messenger === undefined)) {
      return refuse(response, 400, 'This list needs a line and a messenger.');
    }
    try {
      const [problem] = inOne(source.problems);
      if (problem) throw problem;
      respond(response, 200, await reader.read(source, list, scope));
    } catch (error) {
      if (!(error instanceof ChatAppError)) throw error;
      respond(response, 422, failureOf(error));
    }
  }

  async function answerCheck(source: ConnectionSource, response: Answer): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.status(200).setHeader('Content-Type', 'application/x-ndjson').setHeader('Cache-Control', 'no-store');
    // A proxy in between must not keep the steps to itself until the last one.
    response.setHeader('X-Accel-Buffering', 'no');
    const tell = (step: CheckStep): void => {
      response.write(`${JSON.stringify(step)}\n`);
    };
    const hasCluster = source.options.cluster !== undefined;
    const [problem] = inOne(source.problems);
    const warnings = safetyWarnings(RED, source.options);
    tell({
      step: 'settings',
      ...(problem ? { outcome: 'failed', failure: failureOf(problem) } : { outcome: 'ok' }),
      ...(hasCluster && { hasCluster }),
      ...(warnings.length > 0 && { warnings }),
    });
    if (problem) for (const step of checkSteps(hasCluster).slice(1)) tell({ step, outcome: 'skipped' });
    else await reader.check(source, (step) => tell(reportedStep(step)), gone.signal);
    response.end();
  }
}

function ofLine(list: AccountList): boolean {
  return list === 'templates' || list === 'chats';
}

/** Undefined if something in it is not usable. */
function scopeIn({ company, line, messenger }: Asked['query']): ListScope | undefined {
  const isUsable = (value: unknown, is: (text: string) => boolean): value is string | undefined =>
    value === undefined || (typeof value === 'string' && is(value));
  if (!isUsable(company, isId) || !isUsable(line, isId) || !isUsable(messenger, isMessengerType)) return undefined;
  return {
    ...(company !== undefined && { company }),
    ...(line !== undefined && { line }),
    ...(messenger !== undefined && { messenger }),
  };
}

function reportedStep({ error, ...step }: KnownStep): CheckStep {
  return error ? { ...step, failure: failureOf(error) } : step;
}

function failureOf({ code, reason, params }: ChatAppError): AccountFailure {
  return { code, reason, params };
}

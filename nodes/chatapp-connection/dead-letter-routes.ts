import { isId } from '../../src/events';
import type { DeadLetterBox } from '../../src';
import type { DeadLetterList } from '../shared/dead-letter-answers';
import { messageOf } from '../shared/message';
import { bodyIn, refuse, respond, type Answer, type Asked } from './account-http';
import type { ConnectionRegistry } from './connection-registry';
import type { Routes } from './routes';

/** How many are listed at a time. */
const MAX_LISTED = 100;

/** Serves the routes of `dead-letter-answers.ts`. */
export function serveDeadLetters(routes: Routes, connections: ConnectionRegistry): void {
  routes.get('/chatapp/dead-letters/:id', 'chatapp.read', async ({ params, query }, response) => {
    const connection = connections.find(textIn(params.id));
    if (!connection) return refuse(response, 404, 'No such connection is deployed.');
    const nats = connection.health().cluster?.deadLetters;
    const { listener, before } = query;
    const listed = await connection.deadLetters?.list({
      limit: MAX_LISTED,
      ...(typeof listener === 'string' && { listener }),
      ...(typeof before === 'string' && isId(before) && { before: Number(before) }),
    });
    const letters = listed?.slice(0, MAX_LISTED) ?? [];
    const list: DeadLetterList = { letters, hasMore: letters.length < (listed?.length ?? 0), ...(nats && { nats }) };
    respond(response, 200, list);
  });

  // It holds what a customer has written.
  routes.get('/chatapp/dead-letters/:id/:letter', 'chatapp.write', async ({ params }, response) => {
    const delivery = await boxIn(params)?.read(letterIn(params));
    if (delivery) respond(response, 200, messageOf(delivery));
    else refuse(response, 404, 'There is no such dead letter.');
  });

  routes.post('/chatapp/dead-letters/:id/:letter/redeliver', 'chatapp.write', async (request, response) => {
    if (bodyIn(request, response) === undefined) return;
    const { params } = request;
    end(response, (await boxIn(params)?.redeliver(letterIn(params))) ?? 'unknown');
  });

  routes.post('/chatapp/dead-letters/:id/:letter/discard', 'chatapp.write', (request, response) => {
    if (bodyIn(request, response) === undefined) return;
    const { params } = request;
    end(response, boxIn(params)?.discard(letterIn(params)) ? 'done' : 'unknown');
  });

  function boxIn({ id }: Asked['params']): DeadLetterBox | undefined {
    return connections.find(textIn(id))?.deadLetters;
  }
}

function end(response: Answer, outcome: 'done' | 'unknown' | 'noListener'): void {
  if (outcome === 'done') response.status(204).end();
  else if (outcome === 'unknown') refuse(response, 404, 'There is no such dead letter.');
  else refuse(response, 409, 'noListener');
}

function letterIn({ letter }: Asked['params']): number {
  const text = textIn(letter);
  return isId(text) ? Number(text) : NaN;
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import type { ApiCall, Connection } from '../../src';
import { conversationOf } from '../../src/api/conversation';
import { PAGE_SIZE } from '../../src/api/paging';
import { shownTime, systemClock } from '../../src/clock';
import { ChatAppError } from '../../src/errors';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { connectionMissing, isConnectionNode } from '../shared/connection-node';
import { Deploys } from '../shared/deploys';
import { withValues } from '../shared/message';
import { migrate } from '../shared/migration';
import { attempt, endWithError, report } from '../shared/report';
import { inOne, Settings } from '../shared/settings';
import { Successors } from '../shared/successors';
import { MIGRATION } from './migration';
import { callFor, readApiSettings, type ApiSettings } from './request';
import { apiNodeStatus, statusOf, type ApiStatusKind } from './status';

/** More entries than these are not put into one message. */
const MAX_ENTRIES = 10_000;

type Send = (message: NodeMessage) => void;

/** Asks on behalf of a node. */
type Asker = Connection['api'];

/** Asks any method of ChatApp, and hands the message on with the answer. */
export default (RED: NodeAPI): void => {
  const deploys = Deploys.of(RED.events);
  const successors = new Successors();

  function construct(this: Node, saved: NodeDef): void {
    RED.nodes.createNode(this, saved);
    const settings = new Settings(migrate(saved, MIGRATION));
    const said = readApiSettings(settings);
    const connectionId = settings.requiredText('connection', 'connection');
    let isClosed = false;
    let underWay = 0;
    let shown = '';
    const show = (kind: ApiStatusKind): void => {
      const time = shownTime(systemClock);
      const status = `${kind} ${Math.floor(time / 60_000)}`;
      if (isClosed || status === shown) return;
      shown = status;
      this.status(apiNodeStatus(RED, kind, time));
    };
    const connection = (): Asker => {
      const [problem] = inOne(settings.problems);
      if (problem) throw problem;
      const node: unknown = RED.nodes.getNode(connectionId);
      if (!isConnectionNode(node)) throw connectionMissing();
      const api = node.api();
      return {
        call: (call) => api.call(call, this.id),
        pages: (call, kind, limit) => api.pages(call, kind, limit, this.id),
      };
    };
    const ask = async (message: NodeMessage, send: Send): Promise<void> => {
      const api = connection();
      const call = await callFor(RED, this, said, message).catch((error: unknown) => {
        // A property of the message cannot be read, such as a getter that throws.
        throw error instanceof ChatAppError ? error : ChatAppError.of('API_FAILED', 'badValue', { field: 'msg' });
      });
      if (said.pages === 'each') return askEach(api, said, call, message, send);
      const answer = said.pages === 'all' ? await askAll(api, said, call) : await askOnce(api, said, call);
      // It was carried out: that must not be reported as failed.
      attempt(RED, this, () => send(withValues(message, answer)));
    };

    this.on('input', (message, send, done) => {
      underWay += 1;
      show('asking');
      ask(message, send).then(
        () => {
          underWay -= 1;
          attempt(RED, this, () => show(underWay > 0 ? 'asking' : 'answered'));
          attempt(RED, this, () => done());
        },
        (error: unknown) => {
          underWay -= 1;
          attempt(RED, this, () => show(statusOf(error)));
          endWithError(RED, this, done, error);
        },
      );
    });

    const forget = deploys.onNextStart(() => {
      successors.enter(this);
      const node: unknown = RED.nodes.getNode(connectionId);
      const isConnection = isConnectionNode(node);
      if (connectionId !== '' && !isConnection) settings.problems.push(connectionMissing());
      const { isUsable = false, unreported = [] } = isConnection ? node.check(this) : {};
      if (settings.problems.length > 0 || !isUsable) show('configInvalid');
      for (const problem of [...inOne(settings.problems), ...unreported]) report(RED, this, problem);
    });
    this.on('close', (isRemoved: boolean, done: () => void) => {
      forget();
      isClosed = true;
      successors.leave(this, isRemoved);
      done();
    });
  }

  /** One message for each page; the last one says how many there are, so that a join node can put them together. */
  async function askEach(
    api: Asker,
    said: ApiSettings,
    call: ApiCall,
    message: NodeMessage,
    send: Send,
  ): Promise<void> {
    const id = RED.util.generateId();
    let index = 0;
    let held: readonly JsonRecord[] | undefined;
    const give = (entries: readonly JsonRecord[], isLast: boolean): void => {
      const parts = { id, type: 'array', index, len: PAGE_SIZE, ...(isLast && { count: index + 1 }) };
      index += 1;
      send(withValues(RED.util.cloneMessage(message), { payload: shaped(said, entries), statusCode: 200, parts }));
    };
    for await (const entries of api.pages(call, said.list, limitOf(call))) {
      if (held) give(held, false);
      held = entries;
    }
    give(held ?? [], true);
  }

  RED.nodes.registerType('chatapp-api', construct);
};

async function askOnce(api: Asker, said: ApiSettings, call: ApiCall): Promise<JsonRecord> {
  const { status, data } = await api.call(call);
  const list = isRecord(data) ? data.items : data;
  const payload = said.format === 'conversation' ? conversationOf(Array.isArray(list) ? list : []) : data;
  return { payload, statusCode: status };
}

async function askAll(api: Asker, said: ApiSettings, call: ApiCall): Promise<JsonRecord> {
  const all: JsonRecord[] = [];
  for await (const entries of api.pages(call, said.list, limitOf(call))) {
    all.push(...entries);
    if (all.length > MAX_ENTRIES) {
      throw ChatAppError.of('API_FAILED', 'tooMany', { path: said.path, limit: MAX_ENTRIES });
    }
  }
  return { payload: shaped(said, all), statusCode: 200 };
}

function shaped({ format }: ApiSettings, entries: readonly JsonRecord[]): readonly unknown[] {
  return format === 'conversation' ? conversationOf(entries) : entries;
}

/** How many entries are wanted of all pages together. */
function limitOf({ query }: ApiCall): number | undefined {
  const limit = Number(query.limit);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined;
}

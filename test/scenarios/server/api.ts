import type { JsonRecord } from '../../../src/events/json';
import type { Accounts } from './accounts';
import type { Callbacks } from './callbacks';
import { failure, success, type Answer } from './faults';
import { lastTimeOf, type Chat, type ChatMessage, type History } from './history';
import { signature } from './pusher';

export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** Form or JSON, by its content type. */
  readonly body: unknown;
  readonly token: string | undefined;
  readonly refreshToken: string | undefined;
}

export interface ApiParts {
  readonly accounts: Accounts;
  readonly history: History;
  readonly callbacks: Callbacks;
}

type Route = readonly [RegExp, (request: ApiRequest, ...path: string[]) => Answer | Promise<Answer>];

const LINE = '/v1/licenses/([^/]+)/messengers/([^/]+)';

/** The routes of ChatApp's API, without its limits of speed. */
export function apiOf({ accounts, history, callbacks }: ApiParts): (request: ApiRequest) => Promise<Answer> {
  const open: Route[] = [
    [/^POST \/v1\/tokens$/, ({ body }) => accounts.make(body)],
    [/^POST \/v1\/tokens\/refresh$/, ({ refreshToken }) => accounts.refresh(refreshToken)],
    [/^GET \/v1\/tokens\/check$/, ({ token }) => accounts.check(token)],
  ];
  const closed: Route[] = [
    [/^POST \/broadcasting\/auth$/, authorise],
    [/^GET \/v1\/me$/, ({ token }) => success({ id: 685, cabinetUserId: accounts.of(token)?.cabinetUserId })],
    [/^GET \/v1\/licenses$/, () => success(licenses(history))],
    [/^GET \/v1\/callbackUrls$/, () => callbacks.list()],
    [
      new RegExp(`^PUT ${LINE}/callbackUrl$`),
      ({ body }, licence = '', type = '') => callbacks.put(licence, type, body),
    ],
    [new RegExp(`^DELETE ${LINE}/callbackUrl$`), (_, licence = '', type = '') => callbacks.remove(licence, type)],
    [new RegExp(`^GET ${LINE}/chats$`), (request, licence = '', type = '') => chats(history, request, licence, type)],
    [new RegExp(`^GET ${LINE}/chats/([^/]+)/messages$`), (request, ...path) => messages(history, request, path)],
  ];
  return async (request) => {
    const line = `${request.method} ${request.url.pathname}`;
    const find = (routes: Route[]): Route | undefined => routes.find(([pattern]) => pattern.test(line));
    const route = find(open) ?? find(closed);
    if (!route) return failure(404, 'ApiNotFoundError');
    if (!find(open) && !accounts.of(request.token)) return failure(403, 'ApiInvalidTokenError', 'Invalid Token');
    const [pattern, run] = route;
    return run(request, ...(pattern.exec(line) ?? []).slice(1).map(decodeURIComponent));
  };
}

function authorise({ body }: ApiRequest): Answer {
  if (!(body instanceof URLSearchParams)) return failure(422, 'ApiValidationError');
  return { status: 200, body: { auth: signature(body.get('socket_id') ?? '', body.get('channel_name') ?? '') } };
}

function licenses({ lines }: History): JsonRecord[] {
  const ids = [...new Set(lines.map(({ licenseId }) => licenseId))];
  return ids.map((licenseId) => ({
    licenseId,
    licenseTo: 1_999_999_999,
    licenseName: `Line ${licenseId}`,
    meOwner: true,
    active: true,
    status: { id: 4, code: 'paid' },
    messenger: lines
      .filter((line) => line.licenseId === licenseId)
      .map(({ messengerType }) => ({ type: messengerType, name: messengerType })),
    app: [],
    access: [],
  }));
}

function chats(history: History, { url }: ApiRequest, licence: string, type: string): Answer {
  const wanted = pageWanted(url.searchParams);
  if (!wanted) return failure(422, 'ApiValidationError', 'The given data was invalid.');
  if (!history.hasLine(licence, type)) return failure(404, 'ApiNotFoundError');
  const { items, nextPage } = history.chats(licence, type, wanted);
  return success({ items: items.map(chatEntry), nextPage });
}

function messages(history: History, { url }: ApiRequest, [licence = '', type = '', id = '']: string[]): Answer {
  const wanted = pageWanted(url.searchParams);
  const direction = url.searchParams.get('direction') ?? 'prev';
  if (!wanted || !/^(prev|next)$/.test(direction)) return failure(422, 'ApiValidationError');
  const chat = history.find(licence, type, id);
  if (!chat) return failure(404, 'ApiNotFoundError');
  const withSystem = url.searchParams.get('includeSystemMessages') === '1';
  const { items, nextPage } = history.messages(chat, direction, withSystem, wanted);
  return success({ items: items.map(messageEntry), nextPage });
}

function pageWanted(query: URLSearchParams): Parameters<History['chats']>[2] | undefined {
  const [limit, lastTime, nextPage] = [query.get('limit') ?? '20', query.get('lastTime'), query.get('nextPage')];
  const isGood =
    /^\d+$/.test(limit) &&
    Number(limit) >= 1 &&
    Number(limit) <= 100 &&
    (lastTime === null || /^\d+$/.test(lastTime)) &&
    (nextPage === null || /^\d+,\d+$/.test(nextPage));
  if (!isGood) return undefined;
  return {
    limit: Number(limit),
    ...(lastTime === null ? {} : { lastTime: Number(lastTime) }),
    ...(nextPage === null ? {} : { nextPage }),
  };
}

/** A chat as lists and events hold it. */
export function chatEntry(chat: Chat): JsonRecord {
  return {
    id: chat.id,
    internalId: chat.internalId,
    hash: null,
    type: 'private',
    phone: null,
    username: null,
    email: null,
    name: `Customer ${chat.id}`,
    image: null,
    lastTime: lastTimeOf(chat),
    link: null,
    tags: [],
    responsible: chat.responsible === undefined ? null : { id: chat.responsible },
    status: null,
    unreadMessages: null,
    lastMessage: null,
  };
}

/** A message in the history differs from that on the socket: no chat, ids as text, and some fields are missing. */
function messageEntry({ item, internalId }: ChatMessage): JsonRecord {
  const { groupId: _groupId, forwarded: _forwarded, utm: _utm, ...rest } = item;
  return { ...rest, internalId: String(internalId) };
}

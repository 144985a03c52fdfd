import type { Account } from '../account';
import type { Broadcaster } from '../broadcaster';
import { compare, type History, type KeptChat, type Place } from '../history/history';
import { isBehind, pageOf, placeOfCursor } from '../history/paging';
import { type Answer, type Call, invalid, notFound, page, type Route, success } from './answer';

export const MESSENGER_PATH = '/v1/licenses/:licenseId/messengers/:messengerType';

/** Reading what was written: chats, their messages, and marking a chat as read. */
export function chatRoutes(account: Account, history: History, broadcaster: Broadcaster): Route[] {
  const chats = `${MESSENGER_PATH}/chats`;
  const inMessenger = (answer: Route['answer']): Route['answer'] => {
    return (call) => (account.hasMessenger(...messengerOf(call)) ? answer(call) : notFound());
  };
  const inChat = (answer: (call: Call, chat: KeptChat) => Answer): Route['answer'] => {
    return inMessenger((call) => {
      const chat = history.chat(...messengerOf(call), call.params.chatId ?? '');
      return chat ? answer(call, chat) : notFound();
    });
  };
  return [
    {
      method: 'GET',
      pattern: chats,
      needsToken: true,
      answer: inMessenger((call) => listChats(call, history.chats(...messengerOf(call)))),
    },
    { method: 'GET', pattern: `${chats}/:chatId/messages`, needsToken: true, answer: inChat(listMessages) },
    {
      method: 'PATCH',
      pattern: `${chats}/:chatId/read`,
      needsToken: true,
      answer: inChat((call, chat) => markRead(call, chat, history, broadcaster)),
    },
  ];
}

/** Licence and messenger of a call's path. */
export function messengerOf({ params }: Call): [licenseId: string, messengerType: string] {
  return [params.licenseId ?? '', params.messengerType ?? ''];
}

function listChats(call: Call, chats: readonly KeptChat[]): Answer {
  const asked = readPaging(call.query);
  if (typeof asked === 'string') return invalid(asked);
  const { limit, lastTime, cursor } = asked;
  const rest = chats.filter(({ place }) =>
    cursor ? isBehind(place, cursor, 'prev') : lastTime === undefined || place.time <= lastTime,
  );
  const { items, nextPage } = pageOf(rest, limit, ({ place }) => place);
  return page(
    items.map(({ fields }) => fields),
    nextPage,
  );
}

/** `lastTime` itself is left out: nobody knows whether ChatApp counts it in, so nobody should build on it. */
function listMessages(call: Call, chat: KeptChat): Answer {
  const asked = readPaging(call.query);
  if (typeof asked === 'string') return invalid(asked);
  const direction = call.query.get('direction') ?? 'prev';
  if (direction !== 'prev' && direction !== 'next') return invalid('The direction must be prev or next.');
  const withSystem = call.query.get('includeSystemMessages') === '1';
  const { limit, lastTime, cursor } = asked;
  const rest = [...chat.messages.values()]
    .filter(({ isSystem }) => withSystem || !isSystem)
    .filter((message) => (cursor ? isBehind(message, cursor, direction) : isAfter(message, lastTime, direction)))
    .sort((one, other) => (direction === 'next' ? compare(one, other) : -compare(one, other)));
  const { items, nextPage } = pageOf(rest, limit, (message) => message);
  return page(
    items.map(({ item }) => item),
    nextPage,
  );
}

function isAfter({ time }: Place, lastTime: number | undefined, direction: 'prev' | 'next'): boolean {
  if (lastTime === undefined) return true;
  return direction === 'next' ? time > lastTime : time < lastTime;
}

function markRead(call: Call, chat: KeptChat, history: History, broadcaster: Broadcaster): Answer {
  const [licenseId, messengerType] = messengerOf(call);
  history.markRead(chat);
  const envelope = {
    data: [{ chat: { id: chat.fields.id } }],
    meta: { type: 'chatRead', licenseId, messengerType },
  };
  return {
    ...success([]),
    afterwards: () => broadcaster.inMessenger(licenseId, messengerType, 'chatRead', envelope),
  };
}

interface Paging {
  readonly limit: number;
  /** In s since the epoch. */
  readonly lastTime: number | undefined;
  readonly cursor: Place | undefined;
}

/** A text says what is wrong. */
function readPaging(query: URLSearchParams): Paging | string {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return 'The limit must be between 1 and 100.';
  const lastTime = query.get('lastTime');
  if (lastTime !== null && !/^\d+$/.test(lastTime)) return 'The lastTime must be an integer.';
  const nextPage = query.get('nextPage');
  const cursor = nextPage === null ? undefined : placeOfCursor(nextPage);
  if (nextPage !== null && !cursor) return 'The nextPage is invalid.';
  return { limit, lastTime: lastTime === null ? undefined : Number(lastTime), cursor };
}

import type { Account } from '../account';
import type { History } from '../history/history';
import { isRecord, parseJson } from '../json';
import { listed } from './account-routes';
import { type Answer, type Call, invalid, notFound, type Route, success } from './answer';
import { MESSENGER_PATH, messengerOf } from './chat-routes';

/** Further methods that flows ask: one chat, all chats, checks of a phone and a user, groups, tags, the balance, one employee. */
export function methodRoutes(account: Account, history: History): Route[] {
  const inMessenger = (method: string, path: string, answer: Route['answer']): Route => ({
    method,
    pattern: `${MESSENGER_PATH}${path}`,
    needsToken: true,
    answer: (call) => (account.hasMessenger(...messengerOf(call)) ? answer(call) : notFound()),
  });
  const get = (pattern: string, answer: Route['answer']): Route => ({
    method: 'GET',
    pattern,
    needsToken: true,
    answer,
  });
  return [
    inMessenger('GET', '/chats/:chatId', (call) => {
      const chat = history.chat(...messengerOf(call), call.params.chatId ?? '');
      return chat ? success(chat.fields) : notFound();
    }),
    inMessenger('GET', '/phones/:phone/check', ({ params }) => {
      const exist = /^\d{11}$/.test(params.phone ?? '');
      return success({ exist, chatId: exist ? `${params.phone}@c.us` : null });
    }),
    inMessenger('GET', '/users/:username/check', ({ params }) => success({ exist: true, chatId: params.username })),
    inMessenger('GET', '/balanceConversations', () => success({ balance: 250 })),
    inMessenger('POST', '/chats', createGroup),
    get('/v1/chatTags', ({ query }) => listed([{ id: 1, name: 'VIP' }], query)),
    get('/v1/chats', ({ query }) => listed(allChats(account, history), query)),
    get('/v1/companies/:companyId/employees/:employeeId', ({ params }) => {
      const employees = account.company(params.companyId ?? '')?.employees ?? [];
      const employee = employees.find(({ id }) => String(id) === params.employeeId);
      return employee ? success(employee) : notFound();
    }),
  ];
}

function createGroup({ body }: Call): Answer {
  const { type, name, participantsType, participantsItems } = asRecord(parseJson(body.toString()));
  if (type !== 'group' || participantsType !== 'phone') return invalid('The type must be group, of phones.');
  if (typeof name !== 'string' || name === '') return invalid('The name field is required.');
  const items: unknown[] = Array.isArray(participantsItems) ? participantsItems : [];
  if (items.length === 0 || !items.every((item) => isRecord(item) && typeof item.value === 'string')) {
    return invalid('The participantsItems must be a list of values.');
  }
  return success({ id: '1203630000@g.us', name, participants: items.length });
}

function allChats({ licenses }: Account, history: History): unknown[] {
  return licenses.flatMap(({ licenseId, messenger }) =>
    messenger.flatMap(({ type }) => history.chats(String(licenseId), type).map(({ fields }) => fields)),
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

import type { Account } from '../account';
import { MESSENGER_PATH, messengerOf } from './chat-routes';
import { type Answer, type Call, invalid, notFound, page, type Route, success } from './answer';

/** The account's id; lines in one piece; companies, employees and templates in pages. */
export function accountRoutes(account: Account): Route[] {
  const route = (pattern: string, answer: Route['answer']): Route => ({
    method: 'GET',
    pattern,
    needsToken: true,
    answer,
  });
  return [
    // Of this answer only the account's id is known.
    route('/v1/me', () => success({ cabinetUserId: account.cabinetUserId })),
    route('/v1/licenses', () => success(account.licenses)),
    route('/v1/companies', ({ query }) =>
      listed(
        account.companies.map(({ companyId, name }) => ({ companyId, name })),
        query,
      ),
    ),
    route('/v1/companies/:companyId/employees', (call) => employees(account, call)),
    route(`${MESSENGER_PATH}/templates`, (call) =>
      account.hasMessenger(...messengerOf(call)) ? listed(account.listedTemplates, call.query) : notFound(),
    ),
  ];
}

function employees(account: Account, { params, query }: Call): Answer {
  const company = account.company(params.companyId ?? '');
  return company ? listed(company.employees, query) : notFound();
}

/** The page that is asked for. The cursor says how many entries lie before it; clients need not know. */
export function listed(entries: readonly unknown[], query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return invalid('The limit must be between 1 and 100.');
  const cursor = query.get('nextPage') ?? 'after-0';
  const before = /^after-(\d{1,9})$/.exec(cursor)?.[1];
  if (before === undefined) return invalid('The nextPage is invalid.');
  const end = Number(before) + limit;
  return page(entries.slice(Number(before), end), end < entries.length ? `after-${end}` : null);
}

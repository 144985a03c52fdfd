import type { Account } from '../account';
import { type Answer, notFound, page, type Route, success } from './answer';

/** Lines, companies and employees. They all fit on one page. */
export function accountRoutes(account: Account): Route[] {
  const route = (pattern: string, answer: Route['answer']): Route => ({
    method: 'GET',
    pattern,
    needsToken: true,
    answer,
  });
  return [
    route('/v1/licenses', () => success(account.licenses)),
    route('/v1/companies', () =>
      page(
        account.companies.map(({ companyId, name }) => ({ companyId, name })),
        null,
      ),
    ),
    route('/v1/companies/:companyId/employees', ({ params }) => employees(account, params.companyId ?? '')),
  ];
}

function employees(account: Account, companyId: string): Answer {
  const company = account.company(companyId);
  return company ? page(company.employees, null) : notFound();
}

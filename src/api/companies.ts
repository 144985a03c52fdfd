import { isRecord, type JsonRecord } from '../events/json';
import { ApiError } from './api-error';
import { idOf, known, wordsOf, type CompanyEntry, type EmployeeEntry } from './entry';
import { Semaphore } from './semaphore';
import { pages, type Ask } from './paging';

const COMPANIES = '/v1/companies';
/** Of 100 entries each: more than any account has. */
const MAX_PAGES = 100;
/** How many companies are read at a time. */
const COMPANIES_AT_A_TIME = 5;

/**
 * Every company that the account may read, in ChatApp's order.
 * @throws ApiError
 */
export async function readCompanies(ask: Ask): Promise<CompanyEntry[]> {
  const companies = new Map<string, CompanyEntry>();
  for await (const page of pages(ask, { path: COMPANIES, idOf: companyIdOf, maxPages: MAX_PAGES })) {
    for (const company of page) {
      const companyId = companyIdOf(company);
      if (companyId !== undefined) companies.set(companyId, { companyId, ...known({ name: wordsOf(company.name) }) });
    }
  }
  return [...companies.values()];
}

/**
 * Every employee of one company, in ChatApp's order.
 * @throws ApiError
 */
export async function readEmployees(ask: Ask, companyId: string): Promise<EmployeeEntry[]> {
  const path = `${COMPANIES}/${companyId}/employees`;
  const employees = new Map<string, EmployeeEntry>();
  for await (const page of pages(ask, { path, idOf: userIdOf, maxPages: MAX_PAGES })) {
    for (const employee of page) {
      const userId = userIdOf(employee);
      if (userId !== undefined) employees.set(userId, { companyId, userId, ...wordsAbout(employee) });
    }
  }
  return [...employees.values()];
}

/**
 * Every employee of every company. A company whose employees ChatApp does not show is left out, unless it shows none.
 * @throws ApiError
 */
export async function readAllEmployees(ask: Ask): Promise<EmployeeEntry[]> {
  const companies = await readCompanies(ask);
  const semaphore = new Semaphore(COMPANIES_AT_A_TIME);
  const refusals: ApiError[] = [];
  const lists = await Promise.all(
    companies.map(({ companyId }) =>
      semaphore.run(() =>
        readEmployees(ask, companyId).catch((error: unknown): EmployeeEntry[] => {
          if (!isHidden(error)) throw error;
          refusals.push(error);
          return [];
        }),
      ),
    ),
  );
  const [refusal] = refusals;
  if (refusal && refusals.length === companies.length) throw refusal;
  return lists.flat();
}

function companyIdOf({ companyId }: JsonRecord): string | undefined {
  return idOf(companyId);
}

function userIdOf({ id }: JsonRecord): string | undefined {
  return idOf(id);
}

function isHidden(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}

function wordsAbout({ fullName, email, role }: JsonRecord): Pick<EmployeeEntry, 'name' | 'email' | 'role'> {
  const roleName = isRecord(role) ? role.name : role;
  return known({ name: wordsOf(fullName), email: wordsOf(email), role: wordsOf(roleName) });
}

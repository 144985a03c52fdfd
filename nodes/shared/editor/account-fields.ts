import { contentOf, source, withoutWords } from './account-source';
import {
  companyEntries,
  employeeEntries,
  knownMessengerEntries,
  lineEntries,
  messengerEntries,
  userEntries,
} from './entries';
import { element, valueOf } from './fields';
import { Picker } from './picker';
import { text } from './text';
import { id, idOrAll, isEnvironment, messengerTypeOrAll } from './validate';

/** What line and messenger mean where they are left empty, in the words of the lists. */
interface WhenEmpty {
  readonly line: string;
  readonly messenger: string;
}

/** Line and messenger can be picked out of the account; the messenger out of those that the line has. */
export function prepareLineFields(empty: WhenEmpty): void {
  const onRefresh = (): void => lines.read(true);
  const line = new Picker({ ...field('licenseId'), check: idOrAll, all: empty.line, onRefresh });
  const all = empty.messenger;
  const messenger = new Picker({ ...field('messengerType'), check: messengerTypeOrAll, all, onRefresh });
  const showMessengers = (): void => {
    const ofLine = typed('licenseId');
    const entries = contentOf(lines.answer(), (list) => messengerEntries(list, ofLine), knownMessengerEntries());
    messenger.show(withoutWords(entries));
  };
  const lines = source('lines', () => {
    line.show(contentOf(lines.answer(), lineEntries));
    showMessengers();
  });
  element('node-input-licenseId').addEventListener('change', showMessengers);
  lines.read(false);
}

/** The company can be picked out of the account. */
export function prepareCompanyField(): void {
  const onRefresh = (): void => companies.read(true);
  const company = new Picker({ ...field('companyId'), check: id, onRefresh });
  const companies = source('companies', () => company.show(contentOf(companies.answer(), companyEntries)));
  companies.read(false);
}

/** The user can be picked out of the employees of all companies. */
export function prepareUserField(): void {
  const onRefresh = (): void => employees.read(true);
  const user = new Picker({ ...field('userId'), check: id, onRefresh });
  const employees = source('employees', () => user.show(contentOf(employees.answer(), userEntries)));
  employees.read(false);
}

/** Company and user can be picked out of the account; the user out of the company's employees, if one is chosen. */
export function prepareEmployeeFields(): void {
  const company = new Picker({ ...field('companyId'), check: id, onRefresh: () => companies.read(true) });
  const user = new Picker({ ...field('userId'), check: id, onRefresh: () => employees.read(true) });
  const showUsers = (): void => {
    const answer = companies.answer();
    const known = answer && 'entries' in answer ? answer.entries : [];
    const users = contentOf(employees.answer(), (list) => employeeEntries(list, known, chosenCompany()));
    const isTold = users.state === 'problem' && answer && 'problem' in answer && answer.problem === users.words;
    user.show(isTold ? withoutWords(users) : users);
  };
  const companies = source('companies', () => {
    company.show(contentOf(companies.answer(), companyEntries));
    showUsers();
  });
  const employees = source('employees', () => showUsers(), chosenCompany);
  let before = chosenCompany();
  element('node-input-companyId').addEventListener('change', () => {
    const now = chosenCompany();
    if (now !== before) employees.read(false);
    before = now;
  });
  companies.read(false);
  employees.read(false);
}

function field(name: 'licenseId' | 'messengerType' | 'companyId' | 'userId'): { id: string; label: string } {
  return { id: `node-input-${name}`, label: text(`listener.label.${name}`) };
}

/** Undefined where the company is not chosen, or by a variable only. */
function chosenCompany(): string | undefined {
  const company = typed('companyId');
  return company === '' || isEnvironment(company) || id(company) !== undefined ? undefined : company;
}

function typed(name: string): string {
  return valueOf(`node-input-${name}`)?.trim() ?? '';
}

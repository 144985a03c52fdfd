import type { ListScope } from '../../account-answers';
import { chatIdOrNone, id, idOrAll, isEnvironment, messengerTypeOrAll } from '../form/validate';
import { element, valueOf } from '../page/dom';
import { text } from '../page/text';
import { contentOf, source, withoutWords } from './account-lists';
import {
  chatEntries,
  companyEntries,
  employeeEntries,
  knownMessengerEntries,
  lineEntries,
  messengerEntries,
  templateEntries,
  userEntries,
} from './entries';
import { Picker } from './picker';

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

/** The chat can be picked by its name out of the newest of the chosen line. */
export function prepareChatField(): void {
  const label = text('listener.label.chatId');
  const unknown = text('picker.otherChat');
  const options = { label, check: chatIdOrNone, unknown, unscoped: text('picker.chooseLine') };
  const chat = new Picker({ id: 'node-input-chatId', ...options, onRefresh: () => chats.read(true) });
  const show = (): void => chat.show(withoutWords(contentOf(chats.answer(), chatEntries)));
  const chats = source('chats', show, scopeOfLine);
  // The newest change from minute to minute.
  readWithLine(() => chats.read(true));
}

/** The template can be picked by its name; `onPick` gets how many parameters it shows. */
export function prepareTemplateField(onPick: (params: number) => void): void {
  const label = text('chatapp-send.label.template');
  const options = { label, check: () => undefined, unscoped: text('picker.chooseLine') };
  const template = new Picker({ id: 'node-input-template', ...options, onRefresh: () => templates.read(true) });
  const show = (): void => template.show(contentOf(templates.answer(), templateEntries));
  const templates = source('templates', show, scopeOfLine);
  element('node-input-template').addEventListener('change', () => {
    const answer = templates.answer();
    const entries = answer && 'entries' in answer ? answer.entries : [];
    const picked = entries.find(({ id: one }) => one === typed('template'));
    if (picked) onPick(picked.params);
  });
  readWithLine(() => templates.read(false));
}

/** Reads now, and whenever another line or messenger is chosen. */
function readWithLine(read: () => void): void {
  let before = JSON.stringify(scopeOfLine());
  const onChange = (): void => {
    const now = JSON.stringify(scopeOfLine());
    if (now !== before) read();
    before = now;
  };
  for (const name of ['licenseId', 'messengerType']) element(`node-input-${name}`).addEventListener('change', onChange);
  read();
}

/** Undefined while line and messenger are not both chosen: only a `msg` or a variable knows them then. */
function scopeOfLine(): ListScope | undefined {
  const [line, messenger] = [typed('licenseId'), typed('messengerType')];
  const isChosen = id(line) === undefined && !isEnvironment(line);
  const isKnown = messenger !== '' && messengerTypeOrAll(messenger) === undefined && !isEnvironment(messenger);
  return isChosen && isKnown ? { line, messenger } : undefined;
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
    const isReported = users.state === 'problem' && answer && 'problem' in answer && answer.problem === users.words;
    user.show(isReported ? withoutWords(users) : users);
  };
  const companies = source('companies', () => {
    company.show(contentOf(companies.answer(), companyEntries));
    showUsers();
  });
  const employees = source('employees', () => showUsers(), scopeOfCompany);
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

function scopeOfCompany(): ListScope {
  const company = chosenCompany();
  return company === undefined ? {} : { company };
}

/** Undefined where the company is not chosen, or by a variable only. */
function chosenCompany(): string | undefined {
  const company = typed('companyId');
  return company === '' || isEnvironment(company) || id(company) !== undefined ? undefined : company;
}

function typed(name: string): string {
  return valueOf(`node-input-${name}`)?.trim() ?? '';
}

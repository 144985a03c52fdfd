import { MESSENGER_NAMES, messengerName } from '../../../../src/api/messenger-names';
import type {
  ChatEntry,
  CompanyEntry,
  EmployeeEntry,
  LineEntry,
  MessengerEntry,
  TemplateEntry,
} from '../../account-answers';

/** `1229 · Support line · WhatsApp +7 700 000-00-01, Telegram` */
export function lineEntries(lines: readonly LineEntry[]): Entry[] {
  return lines.map(({ licenseId, name, messengers }) => ({
    value: licenseId,
    name: name ?? '',
    details: [messengers.map(messengerWords).join(', ')],
    hidden: messengers.map(({ type }) => type),
  }));
}

/**
 * `grWhatsApp · WhatsApp +7 700 000-00-01`: the messengers of a line, each once. Without a line, or with one that the
 * account does not have, the types of messenger in the whole account.
 */
export function messengerEntries(lines: readonly LineEntry[], licenseId: string): Entry[] {
  const own = lines.filter((line) => line.licenseId === licenseId);
  const messengers = (own.length > 0 ? own : lines).flatMap((line) => line.messengers);
  const isOneLine = own.length > 0;
  return [...new Map(messengers.map((one) => [one.type, one])).values()].map((one) => ({
    value: one.type,
    name: messengerName(one),
    details: isOneLine ? [phoneWords(one)] : [],
  }));
}

/** The types of messenger that are known without any account. */
export function knownMessengerEntries(): Entry[] {
  return Object.entries(MESSENGER_NAMES).map(([value, name]) => ({ value, name, details: [] }));
}

/** `3001 · Flowers & Co` */
export function companyEntries(companies: readonly CompanyEntry[]): Entry[] {
  return companies.map(({ companyId, name = '' }) => ({ value: companyId, name, details: [] }));
}

/** `7002 · João Lima · Operator · joao@example.com`, with the company in front of the role where there are several. */
export function employeeEntries(
  employees: readonly EmployeeEntry[],
  companies: readonly CompanyEntry[],
  companyId: string | undefined,
): Entry[] {
  const names = new Map(companies.map((company) => [company.companyId, company.name ?? company.companyId]));
  const wanted = employees.filter((one) => companyId === undefined || one.companyId === companyId);
  return wanted.map(({ userId, companyId: company, name = '', role = '', email = '' }) => ({
    value: userId,
    name,
    details: [companyId === undefined ? (names.get(company) ?? company) : '', role, email],
  }));
}

/** `7002 · João Lima · joao@example.com`: each user once, whatever companies the user works in. */
export function userEntries(employees: readonly EmployeeEntry[]): Entry[] {
  const users = new Map<string, EmployeeEntry>();
  // The first mention that has a name.
  for (const one of employees) if (users.get(one.userId)?.name === undefined) users.set(one.userId, one);
  return [...users.values()].map(({ userId, name = '', email = '' }) => ({ value: userId, name, details: [email] }));
}

/** `order_ready · Your order {{1}} is ready`, found by its id too. */
export function templateEntries(templates: readonly TemplateEntry[]): Entry[] {
  return templates.map(({ id, name = '', text = '' }) => ({ value: id, name, details: [shortened(text)] }));
}

/** `79001112233@c.us · Anna · +7 900 111-22-33` */
export function chatEntries(chats: readonly ChatEntry[]): Entry[] {
  return chats.map(({ chatId, name = '', phone = '' }) => ({ value: chatId, name, details: [phoneWords({ phone })] }));
}

/** On one line, and not longer than a list needs to tell it apart, in characters. */
const SHOWN_TEXT = 120;

function shortened(words: string): string {
  const characters = Array.from(words.replace(/\s+/g, ' ').trim());
  return characters.length <= SHOWN_TEXT ? characters.join('') : `${characters.slice(0, SHOWN_TEXT - 1).join('')}…`;
}

function messengerWords(messenger: MessengerEntry): string {
  return [messengerName(messenger), phoneWords(messenger)].filter(Boolean).join(' ');
}

/** ChatApp writes a phone as its digits, without the plus that belongs to it. */
function phoneWords({ phone = '' }: Pick<MessengerEntry, 'phone'>): string {
  return /^\d{8,15}$/.test(phone) ? `+${phone}` : phone;
}

/** Something to pick: what the field gets, and what people know it by. */
export interface Entry {
  readonly value: string;
  /** Empty where there is none. */
  readonly name: string;
  /** What else tells it apart, such as a phone; some may be empty. */
  readonly details: readonly string[];
  /** What it is found by besides. */
  readonly hidden?: readonly string[];
}

/** What is shown of the entries that fit. */
export interface Found {
  readonly entries: readonly Entry[];
  /** How many more there are than are shown. */
  readonly more: number;
}

/** More rows would take long to draw, and nobody reads them. */
export const MAX_ROWS = 100;

/** Makes a search over entries. It is made once for a list, and then used at each key press. */
export function entrySearch(entries: readonly Entry[]): (query: string) => Found {
  const texts = entries.map((entry) => searched(entry));
  return (query) => {
    const words = folded(query).split(/\s+/).filter(Boolean);
    const found = entries.filter((_, index) => words.every((word) => texts[index]?.includes(word)));
    // An id that is typed in full is meant.
    const exact = found.filter(({ value }) => value === query.trim());
    const sorted = exact.length === 0 ? found : [...exact, ...found.filter(({ value }) => value !== query.trim())];
    return { entries: sorted.slice(0, MAX_ROWS), more: Math.max(0, sorted.length - MAX_ROWS) };
  };
}

function searched({ value, name, details, hidden = [] }: Entry): string {
  const shown = [value, name, ...details, ...hidden].join('\n');
  // A phone is found however it is written.
  const digits = details.join('\n').replace(/[^\d\n]/g, '');
  return folded(`${shown}\n${digits}`);
}

/** Without case and without accents, whatever the script. */
function folded(text: string): string {
  return text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
}

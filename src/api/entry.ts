import { isId } from '../events';

/** A line, with or without messengers. Names are ChatApp's words and may hold anything, markup too. */
export interface LineEntry {
  readonly licenseId: string;
  readonly name?: string;
  readonly messengers: readonly MessengerEntry[];
  /** ChatApp brings no events of it: it is not paid any more, for instance. */
  readonly isInactive?: true;
}

export interface MessengerEntry {
  readonly type: string;
  readonly name?: string;
  readonly phone?: string;
}

export interface CompanyEntry {
  readonly companyId: string;
  readonly name?: string;
}

/** A user in a company. */
export interface EmployeeEntry {
  readonly companyId: string;
  readonly userId: string;
  readonly name?: string;
  readonly email?: string;
  readonly role?: string;
}

/** A message that the messenger has approved, which may be sent at any time. */
export interface TemplateEntry {
  readonly id: string;
  readonly name?: string;
  /** Its text, with `{{1}}` where the first parameter goes; absent where the answer shows none. */
  readonly text?: string;
  /** How many parameters the answer shows. */
  readonly params: number;
}

export interface ChatEntry {
  readonly chatId: string;
  readonly name?: string;
  readonly phone?: string;
}

/** An id out of a list, be it sent as a number or as a text; `undefined` for what is none. */
export function idOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const id = String(value);
  return isId(id) ? id : undefined;
}

/** What a list says in words about an entry, such as its name; `undefined` where it says nothing. */
export function wordsOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const words = String(value).trim();
  return words === '' ? undefined : words;
}

/** The fields that are known. */
export function known<K extends string>(fields: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const all: Partial<Record<K, string>> = {};
  for (const field in fields) {
    const value = fields[field];
    if (value !== undefined) all[field] = value;
  }
  return all;
}

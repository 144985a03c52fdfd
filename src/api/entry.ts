import { isId } from '../events';

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

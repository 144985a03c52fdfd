import { isRecord, type JsonRecord } from '../events/json';
import { chatsPath } from './changed-chats';
import { known, wordsOf, type ChatEntry, type TemplateEntry } from './entry';
import type { Line } from './lines';
import { itemsIn, PAGE_SIZE, pages, type Ask } from './paging';

/** Of 100 entries each: more templates than a line has. */
const MAX_PAGES = 20;
/** How deep texts are looked for in a template: its shape is not documented. */
const MAX_DEPTH = 4;
/** What an example fills in, and what describes the template, is no text of it. */
const NOT_TEXT: readonly string[] = ['meta', 'example', 'examples'];

/**
 * The templates of a line, in ChatApp's order.
 * @throws ApiError
 */
export async function readTemplates(ask: Ask, line: Line): Promise<TemplateEntry[]> {
  const path = `/v1/licenses/${line.licenseId}/messengers/${line.messengerType}/templates`;
  const templates = new Map<string, TemplateEntry>();
  const idOf = (entry: JsonRecord): string | undefined => wordsOf(entry.id);
  for await (const page of pages(ask, { path, idOf, maxPages: MAX_PAGES })) {
    for (const entry of page) {
      const id = idOf(entry);
      if (id !== undefined) templates.set(id, { id, ...aboutTemplate(entry) });
    }
  }
  return [...templates.values()];
}

/**
 * The 100 chats of a line in which something happened last, newest first.
 * @throws ApiError
 */
export async function readNewestChats(ask: Ask, line: Line): Promise<ChatEntry[]> {
  const path = chatsPath(line);
  const items = itemsIn(path, await ask(path, { limit: String(PAGE_SIZE) }));
  return items.flatMap((item) => {
    const chatId = isRecord(item) ? wordsOf(item.id) : undefined;
    if (!isRecord(item) || chatId === undefined) return [];
    return [{ chatId, ...known({ name: wordsOf(item.name), phone: wordsOf(item.phone) }) }];
  });
}

function aboutTemplate(entry: JsonRecord): Omit<TemplateEntry, 'id'> {
  const texts = textsIn(entry, MAX_DEPTH);
  const numbers = texts.flatMap((text) =>
    [...text.matchAll(/\{\{\s*(\d{1,2})\s*\}\}/g)].map(([, digits]) => Number(digits)),
  );
  const text = texts.find((one) => /\{\{\s*\d/.test(one));
  // What shows no place has none, or has a shape that is not known: then rows are added by hand.
  return {
    ...known({ name: wordsOf(entry.elementName) ?? wordsOf(entry.name), text }),
    params: Math.max(0, ...numbers),
  };
}

function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    NOT_TEXT.includes(name) ? [] : textsIn(part, depth - 1),
  );
}

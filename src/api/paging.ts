import { isRecord, type JsonRecord } from '../events/json';
import { ApiError } from './api-error';

/** Asks the API to read `path`; retried and authorised. */
export type Ask = (path: string, query: Readonly<Record<string, string>>) => Promise<unknown>;

const PAGE_SIZE = '100';

/**
 * The pages of a list, from the first to the last. The cursor is opaque and takes the place of `lastTime`.
 * @throws ApiError, also where a list has more than `most` pages: then its cursor leads nowhere
 */
export async function* pages(
  ask: Ask,
  path: string,
  query: Readonly<Record<string, string>> = {},
  most = Infinity,
): AsyncGenerator<JsonRecord[]> {
  let asked: Record<string, string> = { ...query, limit: PAGE_SIZE };
  const seen = new Set<string>();
  for (;;) {
    const body = await ask(path, asked);
    const data = isRecord(body) ? body.data : undefined;
    if (!isRecord(data) || !Array.isArray(data.items)) throw ApiError.unreadable(path, 200);
    yield data.items.filter(isRecord);
    const nextPage = cursorOf(data);
    // A cursor that comes again would lead around in a circle.
    if (nextPage === undefined || seen.has(nextPage)) return;
    seen.add(nextPage);
    if (seen.size >= most) throw ApiError.unreadable(path, 200);
    const { lastTime: _, ...rest } = query;
    asked = { ...rest, limit: PAGE_SIZE, nextPage };
  }
}

function cursorOf({ nextPage }: JsonRecord): string | undefined {
  if (typeof nextPage === 'string' && nextPage !== '') return nextPage;
  return Number.isSafeInteger(nextPage) ? String(nextPage) : undefined;
}

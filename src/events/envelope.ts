import { isRecord, isTooDeep, listIn, parseJson } from './json';

/** One entry of an envelope's `data`, exactly as ChatApp sent it. */
export type Item = Readonly<Record<string, unknown>>;

/** What an envelope says about all of its items: event, line, messenger, company, user. */
export type Meta = Readonly<Record<string, unknown>>;

export interface Envelope {
  readonly items: readonly Item[];
  readonly meta: Meta;
}

/** Why a part of the data was left out. The closed list: it never holds a word of the data. */
export type EnvelopeProblem =
  'notJson' | 'wrapped' | 'noEnvelopes' | 'envelope' | 'noData' | 'data' | 'meta' | 'item' | 'tooDeep';

/** What could be read, and why the rest could not: each reason once. Both lists may have entries. */
export interface EnvelopeReading {
  readonly envelopes: Envelope[];
  readonly problems: EnvelopeProblem[];
}

/** The deepest form seen is three: JSON text, then `payload`, then JSON text again. */
const MAX_WRAPS = 3;

const NO_META: Meta = Object.freeze({});

/**
 * Reads the data of one event, from the socket or from a webhook.
 *
 * It may be a JSON text or a value; `{ queue, payload: { data, meta } }`, `{ data, meta }`, or a list of those;
 * `data` may be a list of items or a single one. Without `meta`, the meta is `{}`. Items are given out by
 * reference. What is not of such a form becomes a problem; good items beside it still come through. Never throws.
 */
export function readEnvelopes(data: unknown): EnvelopeReading {
  const value = typeof data === 'string' ? parseJson(data) : data;
  if (value === undefined && typeof data === 'string') return { envelopes: [], problems: ['notJson'] };
  const usual = readUsual(value);
  if (usual) return usual;
  const envelopes: Envelope[] = [];
  const problems = new Set<EnvelopeProblem>();
  unwrap(value, { wraps: typeof data === 'string' ? 1 : 0, inList: false }, envelopes, problems);
  return { envelopes, problems: [...problems] };
}

/** What nearly all events bring: an envelope as `payload`, and in it one good item and a meta. This runs for each event. */
function readUsual(value: unknown): EnvelopeReading | undefined {
  const payload = isRecord(value) && value.data === undefined ? value.payload : undefined;
  if (!isRecord(payload) || !isRecord(payload.meta) || !Array.isArray(payload.data)) return undefined;
  const list: readonly unknown[] = payload.data;
  const [item] = list;
  if (list.length !== 1 || !isRecord(item) || isTooDeep(item) || isTooDeep(payload.meta)) return undefined;
  return { envelopes: [{ items: [item], meta: payload.meta }], problems: [] };
}

/** How far the reading has come. The two bounds keep the recursion shallow, however deep the data is nested. */
interface Depth {
  readonly wraps: number;
  readonly inList: boolean;
}

function unwrap(value: unknown, depth: Depth, envelopes: Envelope[], problems: Set<EnvelopeProblem>): void {
  if (typeof value === 'string') {
    if (depth.wraps === MAX_WRAPS) return void problems.add('wrapped');
    const parsed = parseJson(value);
    if (parsed === undefined) return void problems.add('notJson');
    return unwrap(parsed, { ...depth, wraps: depth.wraps + 1 }, envelopes, problems);
  }

  if (Array.isArray(value) && !depth.inList) {
    if (value.length === 0) problems.add('noEnvelopes');
    const entries: readonly unknown[] = value;
    for (const entry of entries) unwrap(entry, { ...depth, inList: true }, envelopes, problems);
    return;
  }

  if (!isRecord(value)) return void problems.add('envelope');
  if (value.data !== undefined) {
    const items = readItems(value.data, problems);
    if (items !== undefined) envelopes.push({ items, meta: readMeta(value.meta, problems) });
    return;
  }
  if (value.payload === undefined) return void problems.add('noData');
  if (depth.wraps === MAX_WRAPS) return void problems.add('wrapped');
  unwrap(value.payload, { ...depth, wraps: depth.wraps + 1 }, envelopes, problems);
}

function readItems(data: unknown, problems: Set<EnvelopeProblem>): readonly Item[] | undefined {
  if (!isRecord(data) && !Array.isArray(data)) {
    problems.add('data');
    return undefined;
  }
  const list = listIn(data) ?? [data];
  const items = list.filter(isRecord);
  if (items.length < list.length) problems.add('item');
  const usable = items.filter((item) => !isTooDeep(item));
  if (usable.length < items.length) problems.add('tooDeep');
  return usable;
}

function readMeta(meta: unknown, problems: Set<EnvelopeProblem>): Meta {
  if (isRecord(meta) && !isTooDeep(meta)) return meta;
  // PHP writes an object without fields as `[]`.
  const empty = meta === undefined || meta === null || (Array.isArray(meta) && meta.length === 0);
  if (!empty) problems.add(isRecord(meta) ? 'tooDeep' : 'meta');
  return NO_META;
}

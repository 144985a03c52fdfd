/** Checks of data from outside: it enters as `unknown` and leaves with a type. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for a plain JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The entries of a list; `undefined` of anything else. PHP writes a list out of which something was taken as an object whose
 * names are the indices that are left.
 */
export function listIn(value: unknown): readonly unknown[] | undefined {
  if (isList(value)) return value;
  const entries = entriesOf(value);
  return entries.length > 0 && entries.every(([name]) => /^\d{1,6}$/.test(name))
    ? entries.map(([, entry]) => entry)
    : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** True for anything but `false`, `0` and what is empty, also if that came as text. */
export function isYes(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value) && value !== '0' && value !== 'false';
}

/** The fields of a JSON object; none of anything else. */
export function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

/**
 * The parsed text, or `undefined` where it is not JSON (JSON itself has no `undefined`). A whole number that JavaScript cannot
 * hold, as some ids are, becomes a text with all of its digits. Never throws.
 */
export function parseJson(text: string): unknown {
  try {
    // A PHP file that was saved with a byte order mark writes it before each of its answers.
    const json = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
    const value: unknown = JSON.parse(json);
    // Only now: in what is not JSON, as text without an end, the search would take time with the square of the length.
    return !json.startsWith('"') && LONG_NUMBER.test(json) ? JSON.parse(withQuotedNumbers(json)) : value;
  } catch {
    return undefined;
  }
}

const BYTE_ORDER_MARK = 0xfeff;
/** What looks like a number of at least 16 digits, perhaps in a text. This runs for each event: it costs 1 µs. */
const LONG_NUMBER = /(?:^|[:[,])\s*-?\d{16}/;
const TEXT_OR_LONG_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<=^|[[:,\s])-?[1-9]\d{15,}(?=\s*(?:[,\]}]|$))/g;

function withQuotedNumbers(json: string): string {
  return json.replace(TEXT_OR_LONG_NUMBER, (found) =>
    found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `"${found}"`,
  );
}

/**
 * A copy of a value that was read from JSON. Recursive: the value must not be too deep. V8 copies an object by a spread at
 * once, in half the time that it takes field by field, and a field that is called `__proto__` as one.
 */
export function copyRecord(record: JsonRecord): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...record };
  for (const name in copy) {
    const value = copy[name];
    if (typeof value === 'object' && value !== null) copy[name] = copyValue(value);
  }
  return copy;
}

function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => copyValue(entry));
  return isRecord(value) ? copyRecord(value) : value;
}

/** How many levels of objects and lists an item may have. ChatApp's have 6; recursion in Node.js works up to some 5,000. */
const MAX_DEPTH = 64;

/** True if a JSON value has more levels of objects and lists than this package ever walks through. Never throws. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (isRecord(value)) {
    if (levels === 0) return true;
    // This runs for each event: `for in` needs no list of the values, and most fields are no objects.
    for (const name in value) {
      const field = value[name];
      if (typeof field === 'object' && field !== null && isTooDeep(field, levels - 1)) return true;
    }
    return false;
  }
  return Array.isArray(value) && (levels === 0 || value.some((entry) => isTooDeep(entry, levels - 1)));
}

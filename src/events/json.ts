/** Checks of data from outside: it enters as `unknown` and leaves with a type. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for a plain JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a JSON object; none of anything else. */
export function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

/** The parsed text, or `undefined` where it is not JSON (JSON itself has no `undefined`). Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How many levels of objects and lists an item may have. ChatApp's have 6; recursion in Node.js works up to some 5,000. */
const MAX_DEPTH = 64;

/** True if a JSON value has more levels of objects and lists than this package ever walks through. Never throws. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (isRecord(value)) {
    if (levels === 0) return true;
    // This runs for each event: `for in` needs no list of the values.
    for (const name in value) if (isTooDeep(value[name], levels - 1)) return true;
    return false;
  }
  return Array.isArray(value) && (levels === 0 || value.some((entry) => isTooDeep(entry, levels - 1)));
}

/** Doors for data from outside: it enters as `unknown` and leaves checked. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for a plain JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parsed text, or `undefined` where it is not JSON (JSON itself has no `undefined`). Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Folds a value of JSON into the fingerprint of those before it; the first is folded into 0. The result has 53 bits
 * (cyrb53 by bryc, in the public domain): different contents get the same by chance once in 10^15. Absent counts as
 * null.
 */
export function fingerprint(value: unknown, before: number): number {
  const text = textOf(value);
  let high = 0xdeadbeef ^ (before / 0x100000000);
  let low = 0x41c6ce57 ^ before;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}

/** A text as it is, and anything else so that it is never taken for a text: the number 1 is not the text "1". */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '\u0000' : `\u0000${JSON.stringify(value)}`;
}

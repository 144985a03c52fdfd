/**
 * Hashes a text. The result has 53 bits (cyrb53 by bryc, in the public domain): two texts get the same hash by chance
 * once in 10^15. `seed` is 0, or the hash of what comes before.
 */
export function hashText(text: string, seed: number): number {
  let high = 0xdeadbeef ^ (seed / 0x100000000);
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}

/**
 * Hashes a JSON value as ChatApp may write it in different places: the order of fields does not count, `null`, absent,
 * `""`, `[]`, `{}`, `false` and `0` are equal (their hash is 0), and so are `1` and `"1"`. A list is hashed like an
 * object whose names are its indices, which is how PHP writes a list with gaps.
 *
 * @throws RangeError if it is nested some thousand levels deep
 */
export function hashValue(value: unknown): number {
  if (typeof value === 'string') return value === '' ? 0 : hashText(value, 0);
  if (typeof value === 'number') return value === 0 ? 0 : hashText(String(value), 0);
  if (value === true) return hashText('true', 0);
  if (typeof value !== 'object' || value === null) return 0;
  const fields: [string, unknown][] = Object.entries(value);
  let sum = 0;
  for (const [name, field] of fields) {
    const hash = hashValue(field);
    if (hash !== 0) sum = sumOf(sum, hashText(name, hash));
  }
  return sum;
}

const HASHES = 2 ** 53;

/** The sum of two hashes, modulo 2^53. Their plain sum may be too large for a number to hold its last digit. */
function sumOf(one: number, other: number): number {
  const room = HASHES - other;
  return one < room ? one + other : one - room;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The nodes folder of the sources. */
export const NODES = join(__dirname, '../../../nodes');

/** The texts of a node type in a language, by their dotted keys. Throws if the file holds anything but texts. */
export function catalogue(type: string, language = 'en-US'): Map<string, string> {
  const file = join(NODES, type, 'locales', language, `${type}.json`);
  const texts = new Map<string, string>();
  flatten('', JSON.parse(readFileSync(file, 'utf8')), texts);
  return texts;
}

function flatten(prefix: string, value: unknown, into: Map<string, string>): void {
  if (typeof value === 'string') into.set(prefix, value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(prefix === '' ? key : `${prefix}.${key}`, inner, into);
  } else throw new Error(`${prefix} is no text`);
}

/** The longest values that the places of a status may get. */
const MAX_LENGTH = {
  count: '10000',
  instances: '9',
  time: '23:59',
  seconds: '300',
  listening: '99',
  total: '100',
  host: '10.0.0.1',
};

/** The text of a status with its places filled by the longest values. */
export function filledLong(text: string): string {
  return Object.entries(MAX_LENGTH).reduce((before, [name, value]) => before.replace(`__${name}__`, value), text);
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRecord, parseJson } from '../../src/events/json';

/** The version of this package, out of its manifest: some folders above this file, with and without a build. */
export function packageVersion(folder = __dirname): string {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return dirname(folder) === folder ? '?' : packageVersion(dirname(folder));
  const manifest = parseJson(readFileSync(file, 'utf8'));
  return isRecord(manifest) && typeof manifest.version === 'string' ? manifest.version : '?';
}

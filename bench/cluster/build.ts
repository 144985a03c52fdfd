import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLED, ROOT } from '../bundled';

/**
 * A copy, as plain JavaScript: what runs TypeScript by itself would take a second for each start. Another run may have
 * been built from other sources, so each has its own.
 */
export const COPY = join(ROOT, '.cache', 'bench', `copy-${process.pid}.js`);

export async function buildCopy(): Promise<void> {
  await build({
    entryPoints: [join(__dirname, 'copies/main.ts')],
    outfile: COPY,
    ...BUNDLED,
  });
}

export function removeCopy(): Promise<void> {
  return rm(COPY, { force: true });
}

import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import manifest from '../../package.json';

const ROOT = resolve(__dirname, '../..');

/**
 * A copy, as plain JavaScript: what runs TypeScript by itself would take a second for each start. Another run may have
 * been built from other sources, so each has its own.
 */
export const COPY = join(ROOT, '.cache', 'bench', `copy-${process.pid}.js`);

export async function buildCopy(): Promise<void> {
  await build({
    entryPoints: [join(__dirname, 'copies/main.ts')],
    outfile: COPY,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // As users have them; the rest is built in.
    external: Object.keys(manifest.dependencies),
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
}

export function removeCopy(): Promise<void> {
  return rm(COPY, { force: true });
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLED, ROOT } from '../bundled';

/**
 * An instance, as plain JavaScript: what runs TypeScript by itself would take a second for each start. Another run may have
 * been built from other sources, so each has its own.
 */
export const INSTANCE = join(ROOT, '.cache', 'bench', `instance-${process.pid}.js`);

export async function buildInstance(): Promise<void> {
  await build({
    entryPoints: [join(__dirname, 'instances/main.ts')],
    outfile: INSTANCE,
    ...BUNDLED,
  });
}

export function removeInstance(): Promise<void> {
  return rm(INSTANCE, { force: true });
}

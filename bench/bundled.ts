import { resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';
import manifest from '../package.json';

export const ROOT = resolve(__dirname, '..');

/** How esbuild makes plain JavaScript of a program: what runs TypeScript by itself would slow its start, and more. */
export const BUNDLED = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // As users have them; the rest is built in.
  external: Object.keys(manifest.dependencies),
  absWorkingDir: ROOT,
  logLevel: 'warning',
} as const satisfies BuildOptions;

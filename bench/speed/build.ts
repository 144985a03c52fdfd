import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLED, ROOT } from '../bundled';

const FOLDER = join(ROOT, '.cache', 'bench');

/** The programs of the bench, built as plain JavaScript: what runs TypeScript by itself would slow some down. */
export const BUILT = {
  generator: join(FOLDER, 'generator.js'),
  subject: join(FOLDER, 'subject.js'),
  /** A Node-RED module with the nodes that the bench needs. */
  nodes: join(FOLDER, 'nodes'),
} as const;

export async function buildBench(): Promise<void> {
  await build({
    entryPoints: {
      generator: join(__dirname, 'generator/main.ts'),
      subject: join(__dirname, 'subjects/main.ts'),
      'nodes/bench': join(__dirname, 'subjects/nodes/bench.ts'),
    },
    outdir: FOLDER,
    ...BUNDLED,
  });
  await mkdir(BUILT.nodes, { recursive: true });
  const nodes = { name: 'bench-nodes', version: '1.0.0', 'node-red': { nodes: { bench: 'bench.js' } } };
  await writeFile(join(BUILT.nodes, 'package.json'), JSON.stringify(nodes));
  await copyFile(join(__dirname, 'subjects/nodes/bench.html'), join(BUILT.nodes, 'bench.html'));
}

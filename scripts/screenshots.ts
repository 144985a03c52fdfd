/**
 * `npm run screenshots`: the pictures of docs/images, out of running editors. It drives the Chromium that the variable
 * CHROMIUM names, or one of the system. `npm run screenshots -- quick-start` takes some of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../simulator';
import { takeDemo } from './screenshots/demo';
import { takeFunctionTypes } from './screenshots/function-types';
import { takeQuickStart } from './screenshots/quick-start';
import { takeSidebar } from './screenshots/sidebar';
import { startHarness, type Harness } from './screenshots/harness';

const SETS: Readonly<Record<string, (harness: Harness, simulator: Simulator, folder: string) => Promise<void>>> = {
  demo: takeDemo,
  'quick-start': takeQuickStart,
  sidebar: takeSidebar,
  'function-types': (harness, _simulator, folder) => takeFunctionTypes(harness, folder),
};

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function main(wanted: readonly string[]): Promise<void> {
  const unknown = wanted.filter((name) => !(name in SETS));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}, but: ${Object.keys(SETS).join(', ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-screenshots-'));
  const harness = await startHarness();
  try {
    for (const [name, takeSet] of Object.entries(SETS)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const simulator = await startSimulator();
      await takeSet(harness, simulator, join(folder, name)).finally(() => simulator.close());
    }
  } finally {
    await harness.close();
    await rm(folder, { recursive: true, force: true });
  }
}

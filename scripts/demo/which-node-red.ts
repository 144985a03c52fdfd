import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/**
 * The path of a module as the Node-RED finds it that demo and tests run, such as `node-red` or
 * `@node-red/nodes/core/common/25-catch.js`. That Node-RED is in the `node_modules` of `home`, a folder seen from the
 * root of the project; the variable NODE_RED names another than the project's own. Node.js is always the one that runs
 * this. Throws where there is none.
 */
export function fileOfNodeRed(module: string, home = process.env.NODE_RED ?? ''): string {
  const folder = resolve(ROOT, home);
  // Asked for by name alone, a Node-RED further up would pass for the one that is missing here.
  if (!existsSync(join(folder, 'node_modules', 'node-red'))) throw new Error(`There is no Node-RED in ${folder}`);
  return createRequire(join(folder, 'package.json')).resolve(module);
}

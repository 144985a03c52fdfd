import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import manifest from '../package.json';
import { isRecord, parseJson } from '../src/events/json';
import { linkPackage } from './demo/node-red';

export const PACKAGE = manifest.name;
const EXAMPLES = join(__dirname, '../examples');

/** A node as it stands in an example. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** An example flow as it is published. */
export interface Example {
  /** Folder and file without extension, as in the import menu: `start/watch-a-line`. */
  readonly name: string;
  readonly nodes: readonly FlowNode[];
}

/** All that the package brings. */
export function examples(): Example[] {
  return readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      name: file.replaceAll('\\', '/').replace(/\.json$/, ''),
      nodes: asNodes(parseJson(readFileSync(join(EXAMPLES, file), 'utf8'))),
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** What its page and its picture are called: `email-digest`; where folder and file have one name, that name. */
export function recipeName({ name }: Example): string {
  return [...new Set(name.split('/'))].join('-');
}

/** The modules that an example asks for, with their versions: the editor offers to install them. */
export function modulesOf(nodes: readonly FlowNode[]): Readonly<Record<string, string>> {
  const modules = nodes.find(({ type }) => type === 'global-config')?.modules;
  const entries = isRecord(modules) ? Object.entries(modules) : [];
  return Object.fromEntries(entries.map(([module, version]) => [module, String(version)]));
}

/** Links the working tree, and every module that some example asks for, into a user directory. */
export async function linkExamples(folder: string): Promise<void> {
  await linkPackage(folder);
  const modules = new Set(examples().flatMap(({ nodes }) => Object.keys(modulesOf(nodes))));
  await linkModules(folder, [...modules].filter(isInstalled));
}

/** False for a module that only its own example needs, and that `npm install` does not bring. */
export function isInstalled(module: string): boolean {
  return existsSync(join(__dirname, '../node_modules', module));
}

/** Links modules that are installed here into a user directory. */
export async function linkModules(folder: string, modules: readonly string[]): Promise<void> {
  for (const module of modules) {
    const place = join(folder, 'node_modules', module);
    await mkdir(dirname(place), { recursive: true });
    await rm(place, { recursive: true, force: true });
    await symlink(dirname(require.resolve(`${module}/package.json`)), place, 'junction');
  }
}

/** The entries of what should be an array; none where it is something else. */
export function entriesOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.map((entry: unknown) => entry) : [];
}

/** Throws where something is no node. */
export function asNodes(value: unknown): FlowNode[] {
  assert.ok(Array.isArray(value));
  return value.map((node: unknown) => {
    assert.ok(isRecord(node) && typeof node.id === 'string' && typeof node.type === 'string');
    return { ...node, id: node.id, type: node.type };
  });
}

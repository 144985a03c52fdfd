import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../../simulator/json';

/** Where time can go, in the order of the table. */
export const BUCKETS = [
  'this package',
  'JSON.parse, of frames and of their data',
  'ws',
  'pusher-js',
  'Node-RED',
  'Node.js: sockets and streams',
  'garbage collection',
  'the system and V8 itself',
  "the bench's node",
  'other packages',
] as const;

export type Bucket = (typeof BUCKETS)[number];

/** Parts of the path of a script, and whose it is; the first that fits. */
const OWNERS: readonly (readonly [RegExp, Bucket])[] = [
  [/\/\.cache\/bench\//, "the bench's node"],
  [/\/node_modules\/ws\//, 'ws'],
  [/\/node_modules\/pusher-js\//, 'pusher-js'],
  [/\/node_modules\/@?node-red\//, 'Node-RED'],
  [/\/node_modules\//, 'other packages'],
  [/\/dist\/(src|nodes)\//, 'this package'],
  [/^node:/, 'Node.js: sockets and streams'],
];

/** What is no function of a script. */
const BY_FUNCTION: ReadonlyMap<string, Bucket> = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'the system and V8 itself'],
]);

/**
 * What part of the time that the process was at work each bucket has, 0 to 1. `profile` is as V8 writes it, of functions;
 * `JSON.parse` is none there, so the lines that call it count as it. Throws where it is no profile.
 */
export function sharesOf(profile: unknown): ReadonlyMap<Bucket, number> {
  const nodes: readonly unknown[] = isRecord(profile) && Array.isArray(profile.nodes) ? profile.nodes : [];
  const ticks = new Map<Bucket, number>(BUCKETS.map((bucket) => [bucket, 0]));
  for (const node of nodes) {
    for (const { bucket, count } of ticksOf(node)) ticks.set(bucket, (ticks.get(bucket) ?? 0) + count);
  }
  const all = [...ticks.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) throw new Error('The profile is empty');
  return new Map([...ticks].map(([bucket, count]) => [bucket, count / all]));
}

interface Ticks {
  readonly bucket: Bucket;
  readonly count: number;
}

function ticksOf(node: unknown): Ticks[] {
  const { callFrame, hitCount, positionTicks } = isRecord(node) ? node : {};
  const { functionName, url } = isRecord(callFrame) ? callFrame : {};
  if (typeof functionName !== 'string' || typeof url !== 'string' || typeof hitCount !== 'number') return [];
  if (functionName === '(idle)' || hitCount === 0) return [];
  const bucket =
    BY_FUNCTION.get(functionName) ?? OWNERS.find(([path]) => path.test(url))?.[1] ?? 'the system and V8 itself';
  const lines: readonly unknown[] = Array.isArray(positionTicks) ? positionTicks : [];
  const parsing = lines
    .filter((line) => isRecord(line) && typeof line.line === 'number' && parsesJson(url, line.line))
    .reduce<number>((sum, line) => sum + (isRecord(line) ? Number(line.ticks) : 0), 0);
  return [
    { bucket: 'JSON.parse, of frames and of their data', count: parsing },
    { bucket, count: hitCount - parsing },
  ];
}

const sources = new Map<string, readonly string[]>();

/** Whether a line of a script, from 1, calls `JSON.parse`. */
function parsesJson(url: string, line: number): boolean {
  if (!url.startsWith('file:')) return false;
  const known = sources.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split('\n');
  sources.set(url, known);
  return known[line - 1]?.includes('JSON.parse(') === true;
}

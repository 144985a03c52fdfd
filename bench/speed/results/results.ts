import { readFile, writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { isRecord, parseJson } from '../../../simulator/json';
import { rounded } from '../figures';
import type { Growth, Measurement, Outcome, Row, Share } from '../row';

/** What was measured, and is shown in the texts. `npm run bench -- --write` writes it. */
const FILE = resolve(__dirname, 'results.json');

/** What one part of the bench gave, and where. */
export interface PartResults extends Required<Outcome> {
  /** Such as `2026-11-22`. */
  readonly on: string;
  /** Such as `Node.js 20.20.2, linux, 2 × Intel Xeon`. */
  readonly machine: string;
}

export type Results = Readonly<Record<string, PartResults>>;

/** What was written last; nothing where nothing was. Throws where the file holds something else. */
export async function readResults(): Promise<Results> {
  const text = await readFile(FILE, 'utf8').catch(() => '{}');
  const value = parseJson(text);
  if (!isRecord(value)) throw new Error(`${FILE} holds no results`);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, readPart(name, part)]));
}

/** Writes the outcome of one part; those of others stay. */
export async function writeResults(name: string, outcome: Outcome): Promise<void> {
  const results = { ...(await readResults()), [name]: withOrigin(outcome) };
  const options = await resolveConfig(FILE);
  const text = JSON.stringify(results, (_key, value: unknown) => (typeof value === 'number' ? rounded(value) : value));
  await writeFile(FILE, await format(text, { ...options, parser: 'json' }));
}

function withOrigin({ rows, measurements, growths = [], shares = [] }: Outcome): PartResults {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return {
    on: new Date().toISOString().slice(0, 10),
    machine: `Node.js ${process.versions.node}, ${platform()}, ${cpus().length} × ${model}`,
    rows,
    measurements,
    growths,
    shares,
  };
}

function readPart(name: string, part: unknown): PartResults {
  const { on, machine, rows, measurements, growths, shares } = isRecord(part) ? part : {};
  if (typeof on !== 'string' || typeof machine !== 'string') throw new Error(`${FILE}: ${name} does not say of when`);
  return {
    on,
    machine,
    rows: listOf(rows, isRow),
    measurements: listOf(measurements, isMeasurement),
    growths: listOf(growths, isGrowth),
    shares: listOf(shares, isShare),
  };
}

function listOf<T>(value: unknown, is: (entry: unknown) => entry is T): T[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (!is(entry)) throw new Error(`${FILE} holds ${JSON.stringify(entry)}`);
    return entry;
  });
}

function isRow(value: unknown): value is Row {
  return hasTexts(value, 'figure', 'target', 'measured') && typeof value.reached === 'boolean';
}

function isMeasurement(value: unknown): value is Measurement {
  return hasTexts(value, 'subject', 'figure', 'unit') && typeof value.value === 'number';
}

function isGrowth(value: unknown): value is Growth {
  if (!hasTexts(value, 'name', 'axis', 'cost') || typeof value.bound !== 'number') return false;
  return Array.isArray(value.curves) && value.curves.every(isCurve);
}

function isCurve(value: unknown): boolean {
  if (!hasTexts(value, 'subject') || !Array.isArray(value.points)) return false;
  return value.points.every((point: unknown) => {
    return isRecord(point) && typeof point.at === 'number' && typeof point.cost === 'number';
  });
}

function isShare(value: unknown): value is Share {
  return hasTexts(value, 'subject', 'bucket') && typeof value.share === 'number';
}

function hasTexts(value: unknown, ...names: readonly string[]): value is Record<string, unknown> {
  return isRecord(value) && names.every((name) => typeof value[name] === 'string');
}

import { readFile, writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { markdownTable } from '../../scripts/event-table';
import { isRecord, parseJson } from '../../simulator/json';
import type { Fault } from './fault';
import type { Outcome } from './side';

/** What was measured last. `npm run faults -- --write` writes it. */
const FILE = resolve(__dirname, 'results.json');

/** Two clients under one fault. */
export interface Measured {
  readonly fault: Fault;
  readonly ours: Outcome;
  readonly stock: Outcome | undefined;
}

/** The table of all faults, and where it was measured, in Markdown. */
export async function faultsText(): Promise<string> {
  const { origin, rows } = await readResults();
  return `${origin}\n\n${markdownTable(HEAD, rows)}`;
}

const HEAD = [
  'Fault',
  'Events',
  'Lost',
  'Doubled',
  'Out of order',
  'Again after (s)',
  'pusher-js 8: lost',
  'Again after (s)',
  'Remarks',
];

/** Writes the rows that were measured; others stay. `order` is that of the names. */
export async function writeResults(measured: readonly Measured[], order: readonly string[]): Promise<void> {
  const known = (await readResults()).rows;
  const byName = new Map([...known, ...measured.map(cellsOf)].map((row) => [row[0], row]));
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = `Node.js ${process.versions.node}, ${platform()}, ${cpus().length} × ${model}`;
  const origin = `Measured on ${new Date().toISOString().slice(0, 10)} with ${machine}.`;
  const options = await resolveConfig(FILE);
  const rows = order.map((name) => byName.get(name)).filter((row) => row !== undefined);
  await writeFile(FILE, await format(JSON.stringify({ origin, rows }), { ...options, parser: 'json' }));
}

/** Throws if the file holds something else. */
async function readResults(): Promise<{ origin: string; rows: string[][] }> {
  const value = parseJson(await readFile(FILE, 'utf8'));
  const { origin, rows } = isRecord(value) ? value : {};
  if (typeof origin !== 'string' || !Array.isArray(rows)) throw new Error(`${FILE} holds no results`);
  return { origin, rows: rows.map((row: unknown) => (Array.isArray(row) ? row.map(String) : [])) };
}

function cellsOf({ fault, ours, stock }: Measured): string[] {
  const { sent, lost, doubled, outOfOrder, again, note } = ours;
  const counts = [sent, lost.length, doubled, outOfOrder].map(String);
  const ofStock = stock
    ? [`${stock.lost.length} of ${stock.sent}`, stock.crashed ? 'crashed' : seconds(stock.again)]
    : ['', ''];
  return [fault.name, ...counts, seconds(again), ...ofStock, note ?? ''];
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'never' : (ms / 1_000).toFixed(1);
}

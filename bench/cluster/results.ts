import { readFile, writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import { resolve } from 'node:path';
import { isRecord, parseJson } from '../../simulator/json';
import { format, resolveConfig } from 'prettier';
import type { Row } from '../speed/row';
import { tableOf } from '../speed/page';

/** What was measured last. `npm run cluster -- --write` writes it. */
const FILE = resolve(__dirname, 'results.json');

interface Results {
  /** Where and when it was measured, in words. */
  readonly origin: string;
  /** By their names, in the order of the table. */
  readonly rows: Readonly<Record<string, Row>>;
}

/** What the page about several Node-REDs takes from the results, in Markdown. */
export async function figuresText(): Promise<string> {
  const { origin, rows } = await readResults();
  return `${origin}\n\n${tableOf(Object.values(rows))}`;
}

/** Writes the rows that were measured; others stay. `order` is that of the names. */
export async function writeResults(measured: Readonly<Record<string, Row>>, order: readonly string[]): Promise<void> {
  const all = { ...(await readResults()).rows, ...measured };
  const rows = Object.fromEntries(
    order.flatMap((name) => {
      const row = all[name];
      return row ? [[name, pick(row)]] : [];
    }),
  );
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = `Node.js ${process.versions.node}, ${platform()}, ${cpus().length} × ${model}`;
  const origin = `Measured on ${new Date().toISOString().slice(0, 10)} with ${machine}.`;
  const options = await resolveConfig(FILE);
  await writeFile(FILE, await format(JSON.stringify({ origin, rows }), { ...options, parser: 'json' }));
}

/** Throws where the file holds something else. */
async function readResults(): Promise<Results> {
  const value = parseJson(await readFile(FILE, 'utf8').catch(() => '{"origin": "Not measured yet.", "rows": {}}'));
  if (!isRecord(value) || typeof value.origin !== 'string' || !isRecord(value.rows)) {
    throw new Error(`${FILE} holds no results`);
  }
  const rows = Object.entries(value.rows).map(([name, row]): [string, Row] => {
    if (!isRow(row)) throw new Error(`${FILE} holds ${JSON.stringify(row)}`);
    return [name, row];
  });
  return { origin: value.origin, rows: Object.fromEntries(rows) };
}

function isRow(value: unknown): value is Row {
  if (!isRecord(value) || typeof value.reached !== 'boolean') return false;
  return [value.figure, value.target, value.measured].every((text) => typeof text === 'string');
}

function pick({ figure, target, measured, reached }: Row): Row {
  return { figure, target, measured, reached };
}

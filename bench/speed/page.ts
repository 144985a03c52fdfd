import { readFile, writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { markdownTable } from '../../scripts/event-table';
import { isRecord, parseJson } from '../../simulator/json';
import { SUBJECTS, type Figure, type Row } from './row';

/** What was measured last. `npm run bench -- --write` writes it. */
const FILE = resolve(__dirname, 'results.json');

export interface Results {
  /** When and where, as a sentence. */
  readonly origin: string;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
  /** By their names: see `checkedRatios`. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** @throws Error if the file holds something else */
export async function readResults(): Promise<Results> {
  const value = parseJson(await readFile(FILE, 'utf8'));
  const { origin, rows, figures, ratios } = isRecord(value) ? value : {};
  if (typeof origin !== 'string' || !isListOf(rows, isRow) || !isListOf(figures, isFigure) || !isRatios(ratios)) {
    throw new Error(`${FILE} holds no results`);
  }
  return { origin, rows, figures, ratios };
}

export async function writeResults({ rows, figures, ratios }: Omit<Results, 'origin'>): Promise<void> {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = `Node.js ${process.versions.node}, ${platform()}, ${cpus().length} × ${model}`;
  const origin = `Measured on ${new Date().toISOString().slice(0, 10)} with ${machine}.`;
  const rounded = figures.map((figure) => ({ ...figure, value: Number(figure.value.toPrecision(3)) }));
  const text = JSON.stringify({ origin, rows, figures: rounded, ratios } satisfies Results);
  await writeFile(FILE, await format(text, { ...(await resolveConfig(FILE)), parser: 'json' }));
}

/** What the texts take from the results, by its name; each in Markdown. */
export const BENCH_TEXTS: Readonly<Record<string, (results: Results) => string>> = {
  machine: ({ origin }) => `${origin}\n`,
  goals: ({ rows }) => tableOf(rows),
  figures: ({ figures }) =>
    markdownTable(
      ['Of', 'Value'],
      figures.map(({ subject, value, unit }) => [subject, `${value} ${unit}`]),
    ),
};

/** What is to be reached, and what is, as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  return markdownTable(
    ['Figure', 'To reach', 'Measured', 'Reached'],
    rows.map(({ figure, target, measured, reached }) => [figure, target, measured, reached ? 'yes' : '**no**']),
  );
}

/** In pixels. */
const [WIDTH, BAR, LEFT, TOP] = [760, 34, 380, 50];

/** The chart of the README: messages that a core takes in a second, as SVG for light and dark ground. */
export function chartOf({ figures }: Results): string {
  const bars = Object.values(SUBJECTS).flatMap((subject) => {
    const figure = figures.find((one) => one.subject === subject);
    return figure ? [{ subject, rate: 1e6 / figure.value }] : [];
  });
  const most = Math.max(...bars.map(({ rate }) => rate));
  const drawn = bars.map(({ subject, rate }, index) => {
    const y = TOP + index * BAR;
    const width = Math.round((rate / most) * (WIDTH - LEFT - 80));
    const label = subject.replaceAll('`', '');
    return `<text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${label}</text>
<rect x="${LEFT}" y="${y}" width="${width}" height="20" fill="${subject === SUBJECTS.ours ? '#2f9e6e' : '#7f8ea3'}"/>
<text x="${LEFT + width + 8}" y="${y + 15}">${Math.round(rate / 100) * 100}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${TOP + bars.length * BAR}">
<style>svg{color:#1f2328;background:#fff;font:13px system-ui,sans-serif}text{fill:currentColor}
@media(prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}}</style>
<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="15">Messages of 2.4 KB a second on one core</text>
${drawn.join('\n')}
</svg>
`;
}

function isListOf<T>(value: unknown, is: (entry: unknown) => entry is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isRatios(value: unknown): value is Record<string, number> {
  return isRecord(value) && Object.values(value).every((ratio) => typeof ratio === 'number');
}

function isRow(value: unknown): value is Row {
  return isRecord(value) && typeof value.figure === 'string' && typeof value.reached === 'boolean';
}

function isFigure(value: unknown): value is Figure {
  return isRecord(value) && typeof value.subject === 'string' && typeof value.value === 'number';
}

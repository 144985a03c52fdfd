import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** A text of the repository. */
export interface Document {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every text: those in the root, and all below `docs`. */
export function documents(): Document[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`);
  return [...inRoot, ...inDocs].map(document);
}

export function document(path: string): Document {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** The cells of the one table whose head begins with these titles, without the head. */
export function tableRows({ path, text }: Document, ...titles: readonly string[]): string[][] {
  const tables = [...text.matchAll(/(?:^\|.*$\n?)+/gm)].map(([table]) => table);
  const wanted = tables.filter((table) => {
    const head = cells(table.split('\n', 1)[0] ?? '');
    return titles.every((title, column) => head[column] === title);
  });
  assert.equal(wanted.length, 1, `tables in ${path} that begin with ${titles.join(', ')}`);
  const [, rule, ...rows] = (wanted[0] ?? '').trimEnd().split('\n');
  assert.match(rule ?? '', /^[| -]+$/);
  return rows.map(cells);
}

/** What stands in backticks, in order. */
export function inCode(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The blocks of code in a language, such as `sh`. */
export function codeBlocks({ text }: Document, language: string): string[] {
  const blocks = [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)];
  return blocks.flatMap(([, named, code = '']) => (named === language ? [code] : []));
}

/** The text without its blocks of code. */
export function withoutCodeBlocks(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, '');
}

function cells(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

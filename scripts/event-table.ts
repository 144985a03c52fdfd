import { CATALOGUE } from '../src/events';

/**
 * The Markdown table of all events, in catalogue order, as README shows it. The columns are padded the way Prettier
 * pads them, so that formatting README does not make the two differ.
 */
export function eventTable(): string {
  const header = ['Event', 'Channels', 'Meaning'];
  const rows = CATALOGUE.map((entry) => [`\`${entry.name}\``, entry.channels.join(', '), entry.meaning]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [header, rule, ...rows].map(line).join('\n') + '\n';
}

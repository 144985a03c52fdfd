import { CATALOGUE, eventsOf, type CatalogueEntry, type ChannelType } from '../src/events';

/**
 * The Markdown table of all events, in catalogue order, as README shows it; of those of one type of channel, as the page
 * of a node shows it.
 */
export function eventTable(channel?: ChannelType): string {
  const entries: readonly CatalogueEntry[] = channel ? eventsOf(channel) : CATALOGUE;
  const hasDirections = entries.some(({ direction }) => direction !== undefined);
  const columns: Column[] = [
    ['Event', ({ name }) => `\`${name}\``],
    ...(channel ? [] : [['Channels', ({ channels }) => channels.join(', ')] satisfies Column]),
    ...(hasDirections ? [['Direction', directionOf] satisfies Column] : []),
    ['Meaning', ({ meaning }) => meaning],
  ];
  return markdownTable(
    columns.map(([title]) => title),
    entries.map((entry) => columns.map(([, cell]) => cell(entry))),
  );
}

/** The Markdown table of what can be done for each event if it was missed, or comes twice. */
export function historyTable(): string {
  const entries: readonly CatalogueEntry[] = CATALOGUE;
  return markdownTable(
    ['Event', 'If it was missed', 'If it comes twice'],
    entries.map((entry) => [`\`${entry.name}\``, entry.hasHistory ? 'fetched' : 'gone', repeatOf(entry)]),
  );
}

/** What happens to an event that comes twice. Only those of messenger channels come by webhook. */
function repeatOf({ key, channels }: CatalogueEntry): string {
  if (key) return 'delivered once';
  return channels.includes('messenger') ? 'delivered each time, but once by socket and webhook' : 'delivered each time';
}

type Column = [title: string, cell: (entry: CatalogueEntry) => string];

/** As the listeners' _Direction_ takes the event. */
function directionOf({ direction }: CatalogueEntry): string {
  if (direction === 'item') return 'in or out';
  return direction ?? 'neither';
}

/** A table whose columns are padded the way Prettier pads them, so that formatting a text does not make the two differ. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [header, rule, ...rows].map(line).join('\n') + '\n';
}

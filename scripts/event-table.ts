import { CATALOGUE, eventsOf, type ChannelType } from '../src/events';

/**
 * The Markdown table of all events, in catalogue order, as README shows it; of those of one type of channel, as the page
 * of a node shows it.
 */
export function eventTable(channel?: ChannelType): string {
  if (channel)
    return markdownTable(
      ['Event', 'Meaning'],
      eventsOf(channel).map(({ name, meaning }) => [`\`${name}\``, meaning]),
    );
  const rows = CATALOGUE.map(({ name, channels, meaning }) => [`\`${name}\``, channels.join(', '), meaning]);
  return markdownTable(['Event', 'Channels', 'Meaning'], rows);
}

/** A table whose columns are padded the way Prettier pads them, so that formatting a text does not make the two differ. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [header, rule, ...rows].map(line).join('\n') + '\n';
}

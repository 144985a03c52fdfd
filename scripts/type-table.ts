import { CATALOGUE } from '../src/events';
import { markdownTable } from './event-table';

/** The Markdown table of the type of every event's item. That such a type is there, a test of the page proves. */
export function typeTable(): string {
  const rows = CATALOGUE.map(({ name }) => [`\`${name}\``, `\`${name.charAt(0).toUpperCase()}${name.slice(1)}Item\``]);
  return markdownTable(['Event', 'Type of `payload`'], rows);
}

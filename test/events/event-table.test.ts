import assert from 'node:assert/strict';
import { format } from 'prettier';
import { eventTable } from '../../scripts/event-table';
import { CATALOGUE } from '../../src/events';

const DIRECTIONS: ReadonlyMap<string, string> = new Map([
  ['message', 'in or out'],
  ['messageSystem', 'in or out'],
  ['messageStatus', 'out'],
]);

describe('the table of events for the docs', () => {
  it('has a row for every event, in catalogue order, with its channels, its direction and its meaning', () => {
    const [header, rule, ...rows] = eventTable().trimEnd().split('\n').map(cells);
    assert.deepEqual(header, ['Event', 'Channels', 'Direction', 'Meaning']);
    assert.match(rule?.join('') ?? '', /^-+$/);
    assert.deepEqual(
      rows,
      CATALOGUE.map(({ name, channels, meaning }) => {
        const direction = DIRECTIONS.get(name) ?? 'neither';
        return [`\`${name}\``, channels.join(', '), direction, meaning];
      }),
    );
  });

  it('stays as it is when the docs are formatted', async () => {
    assert.equal(await format(eventTable(), { parser: 'markdown', printWidth: 120 }), eventTable());
  });
});

function cells(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

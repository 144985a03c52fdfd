import assert from 'node:assert/strict';
import { format } from 'prettier';
import { eventTable } from '../../scripts/event-table';
import { CATALOGUE } from '../../src/events';

describe('the table of events for the docs', () => {
  it('has a row for every event, in catalogue order, with its channels and its meaning', () => {
    const [header, rule, ...rows] = eventTable().trimEnd().split('\n').map(cells);
    assert.deepEqual(header, ['Event', 'Channels', 'Meaning']);
    assert.match(rule?.join('') ?? '', /^-+$/);
    assert.deepEqual(
      rows,
      CATALOGUE.map(({ name, channels, meaning }) => [`\`${name}\``, channels.join(', '), meaning]),
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

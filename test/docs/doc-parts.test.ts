import assert from 'node:assert/strict';
import { eventTable } from '../../scripts/event-table';
import { withParts } from '../../scripts/doc-parts';

const FRESH = `before\n\n<!-- events -->\n\n${eventTable()}\n<!-- /events -->\n\nafter\n`;

describe('the parts of texts that come from the code', () => {
  it('are written between their marks, and nothing else is touched', () => {
    assert.equal(withParts('before\n\n<!-- events -->\n<!-- /events -->\n\nafter\n'), FRESH);
    assert.equal(withParts('before\n\n<!-- events -->\n\nan old table\n\n<!-- /events -->\n\nafter\n'), FRESH);
    assert.equal(withParts(FRESH), FRESH);
    assert.equal(withParts('no marks\n'), 'no marks\n');
  });

  it('are refused where nobody knows them', () => {
    assert.throws(() => withParts('<!-- weather -->\n<!-- /weather -->\n'), /Nothing is known .* <!-- weather -->/);
  });

  it('are refused where a mark stands alone', () => {
    assert.throws(() => withParts('<!-- events -->\n'), /<!-- events --> stands alone/);
    assert.throws(() => withParts('<!-- /events -->\n'), /<!-- \/events --> stands alone/);
  });
});

import assert from 'node:assert/strict';
import { retryAfterOf } from '../../nodes/chatapp-done/retry-after';

describe('retryAfterOf', () => {
  it('reads seconds', () => {
    assert.equal(retryAfterOf({ headers: { 'retry-after': '120' } }), 120_000);
    assert.equal(retryAfterOf({ headers: { 'retry-after': 2 } }), 2_000);
  });

  it('reads a date by the clock of the server', () => {
    const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
    assert.equal(retryAfterOf({ headers: { date, 'retry-after': 'Wed, 21 Oct 2015 07:29:30 GMT' } }), 90_000);
    assert.equal(retryAfterOf({ headers: { date, 'retry-after': date } }), 0);
    assert.equal(retryAfterOf({ headers: { 'retry-after': date } }), 0);
  });

  it('is 0 for anything else', () => {
    for (const headers of [undefined, null, 'x', {}, { 'retry-after': '-5' }, { 'retry-after': 'soon', date: 'now' }])
      assert.equal(retryAfterOf({ headers }), 0);
    assert.equal(retryAfterOf({}), 0);
  });
});

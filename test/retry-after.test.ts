import assert from 'node:assert/strict';
import { retryAfterOf } from '../src/retry-delay';

const DATE = 'Wed, 21 Oct 2015 07:28:00 GMT';

describe('retryAfterOf', () => {
  it('reads seconds, with decimals or without', () => {
    assert.deepEqual(
      ['120', '0', '7.5', ' 2 '].map((text) => retryAfterOf(text)),
      [120_000, 0, 7_500, 2_000],
    );
  });

  it('reads an HTTP date by the clock of the server', () => {
    assert.equal(retryAfterOf('Wed, 21 Oct 2015 07:29:30 GMT', DATE), 90_000);
    assert.equal(retryAfterOf(DATE, DATE), 0);
    assert.equal(retryAfterOf('Wed, 21 Oct 2015 07:29:30 GMT'), undefined);
    assert.equal(retryAfterOf('Wed, 21 Oct 2015 07:27:00 GMT', DATE), undefined);
  });

  it('waits an hour at most', () => {
    assert.deepEqual([retryAfterOf('3601'), retryAfterOf('9'.repeat(400))], [3_600_000, 3_600_000]);
    assert.equal(retryAfterOf('Thu, 22 Oct 2015 07:28:00 GMT', DATE), 3_600_000);
  });

  it('ignores anything else', () => {
    for (const text of [undefined, null, '', '-5', '1e3', '1.', '2015-10-22', 'soon'])
      assert.equal(retryAfterOf(text, DATE), undefined, `${text}`);
  });
});

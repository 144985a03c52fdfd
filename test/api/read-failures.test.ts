import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ReadFailures } from '../../src/api/read-failures';
import { ChatAppError } from '../../src/errors';
import { FakeClock } from '../support/fake-clock';

const refused = (status: number, code?: string): ApiError =>
  ApiError.refused('/v1/x', { status, body: code === undefined ? {} : { error: { code } } });

describe('classifying failed readings', () => {
  it('takes a 403, 404 or 410 as final only if it comes again at least 60 s later', async () => {
    for (const status of [403, 404, 410]) {
      const clock = new FakeClock();
      const failures = new ReadFailures(clock);
      assert.equal(failures.classify('list', refused(status)), 'passing');
      await clock.pass(59_999);
      assert.equal(failures.classify('list', refused(status)), 'passing');
      await clock.pass(1);
      assert.equal(failures.classify('list', refused(404)), 'refused');
      assert.equal(failures.classify('list', refused(404)), 'passing', 'what comes later begins again');
    }
  });

  it('never takes anything else as final', async () => {
    const clock = new FakeClock();
    const failures = new ReadFailures(clock);
    const others = [
      ...[400, 401, 408, 422, 429, 500, 502, 503].map((status) => refused(status)),
      refused(403, 'ApiInvalidTokenError'),
      ApiError.noProgress('/v1/x'),
      ApiError.unreadable('/v1/x', 200),
      ApiError.timeout('host', 10_000),
      ChatAppError.of('TOKEN_INVALID', 'pasted'),
      new Error('other'),
      undefined,
    ];
    for (let round = 0; round < 3; round += 1) {
      for (const error of others) assert.equal(failures.classify('list', error), 'passing');
      await clock.pass(60_000);
    }
  });

  it('counts for each subject by itself, and forgets refusals once it was read', async () => {
    const clock = new FakeClock();
    const failures = new ReadFailures(clock);
    failures.classify('one', refused(404));
    failures.classify('other', refused(404));
    await clock.pass(60_000);
    failures.succeeded('one');
    assert.equal(failures.classify('one', refused(404)), 'passing');
    assert.equal(failures.classify('other', refused(404)), 'refused');
    assert.equal(failures.classify('third', refused(404)), 'passing');
  });

  it('is not misled if the time of day is set', async () => {
    const clock = new FakeClock();
    const failures = new ReadFailures(clock);
    failures.classify('list', refused(404));
    clock.setTo(clock.now() + 3 * 86_400_000);
    assert.equal(failures.classify('list', refused(404)), 'passing');
    clock.setTo(clock.now() - 6 * 86_400_000);
    await clock.pass(60_000);
    assert.equal(failures.classify('list', refused(404)), 'refused');
  });
});

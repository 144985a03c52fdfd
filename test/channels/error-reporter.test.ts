import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ErrorReporter } from '../../src/channels/error-reporter';
import { ChatAppError } from '../../src/errors';
import { nameOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';

const DOWN = ApiError.refused('/broadcasting/auth', { status: 503 });
const SLOW = ApiError.timeout('api.example.test', 10_000);
const LOGIN = ChatAppError.of('LOGIN_REFUSED', 'credentials');

function setUp(): { clock: FakeClock; reporter: ErrorReporter; reported: string[] } {
  const clock = new FakeClock();
  const reported: string[] = [];
  return { clock, reported, reporter: new ErrorReporter(clock, (error) => reported.push(nameOf(error))) };
}

describe('ErrorReporter', () => {
  it('reports an error that has lasted for 15 s, not before', async () => {
    const { clock, reporter, reported } = setUp();
    reporter.failed('a', DOWN);
    await clock.pass(14_999);
    reporter.failed('a', DOWN);
    assert.deepEqual(reported, []);
    await clock.pass(1);
    reporter.failed('a', DOWN);
    assert.deepEqual(reported, ['API_FAILED.refused']);
  });

  it('measures the 15 s whatever happens to the wall clock', async () => {
    const { clock, reporter, reported } = setUp();
    reporter.failed('a', DOWN);
    clock.setTo(clock.now() + 3_600_000);
    await clock.pass(14_999);
    reporter.failed('a', DOWN);
    assert.deepEqual(reported, []);
    clock.setTo(clock.now() - 7_200_000);
    await clock.pass(1);
    reporter.failed('a', DOWN);
    assert.deepEqual(reported, ['API_FAILED.refused']);
  });

  it('does not report an error that is over in time', async () => {
    const { clock, reporter, reported } = setUp();
    for (let count = 0; count < 9; count += 1) {
      reporter.failed('a', DOWN);
      await clock.pass(10_000);
      reporter.failed('a', DOWN);
      reporter.recovered('a');
    }
    assert.deepEqual(reported, []);
  });

  it('reports an error of the login at once, because someone has to act', () => {
    const { reporter, reported } = setUp();
    reporter.failed('a', LOGIN);
    reporter.failed('b', LOGIN);
    reporter.failed('a', LOGIN);
    assert.deepEqual(reported, ['LOGIN_REFUSED.credentials']);
  });

  it('reports each kind of error once until the last source that had it has recovered', async () => {
    const { clock, reporter, reported } = setUp();
    for (const source of ['a', 'b', 'c']) reporter.failed(source, DOWN);
    await clock.pass(15_000);
    for (const source of ['a', 'b', 'c']) reporter.failed(source, DOWN);
    reporter.failed('b', SLOW);
    assert.deepEqual(reported, ['API_FAILED.refused', 'API_FAILED.timeout']);
    reporter.recovered('a');
    reporter.recovered('b');
    reporter.failed('c', DOWN);
    reporter.failed('d', DOWN);
    await clock.pass(15_000);
    reporter.failed('d', DOWN);
    assert.equal(reported.length, 2, 'c has not recovered since');
    for (const source of ['c', 'd']) reporter.recovered(source);
    reporter.failed('a', DOWN);
    await clock.pass(15_000);
    reporter.failed('a', DOWN);
    assert.deepEqual(reported.slice(2), ['API_FAILED.refused']);
  });
});

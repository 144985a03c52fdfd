import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ChatAppError } from '../../src/errors';
import { Trouble } from '../../src/feed/trouble';
import { nameOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';

const DOWN = ApiError.refused('/broadcasting/auth', 503, {}, null);
const SLOW = ApiError.timeout('api.example.test', 10_000);
const LOGIN = ChatAppError.of('LOGIN_REFUSED', 'credentials');

function stage(): { clock: FakeClock; trouble: Trouble; told: string[] } {
  const clock = new FakeClock();
  const told: string[] = [];
  return { clock, told, trouble: new Trouble(clock, (error) => told.push(nameOf(error))) };
}

describe('trouble that many share', () => {
  it('is told when it has lasted for 15 s, not before', async () => {
    const { clock, trouble, told } = stage();
    trouble.failed('a', DOWN);
    await clock.pass(14_999);
    trouble.failed('a', DOWN);
    assert.deepEqual(told, []);
    await clock.pass(1);
    trouble.failed('a', DOWN);
    assert.deepEqual(told, ['API_FAILED.refused']);
  });

  it('is not told where it mends itself in time', async () => {
    const { clock, trouble, told } = stage();
    for (let count = 0; count < 9; count += 1) {
      trouble.failed('a', DOWN);
      await clock.pass(10_000);
      trouble.failed('a', DOWN);
      trouble.over('a');
    }
    assert.deepEqual(told, []);
  });

  it('is told at once where someone has to act', () => {
    const { trouble, told } = stage();
    trouble.failed('a', LOGIN);
    trouble.failed('b', LOGIN);
    trouble.failed('a', LOGIN);
    assert.deepEqual(told, ['LOGIN_REFUSED.credentials']);
  });

  it('is told once for each kind, until the last who had it is well again', async () => {
    const { clock, trouble, told } = stage();
    for (const source of ['a', 'b', 'c']) trouble.failed(source, DOWN);
    await clock.pass(15_000);
    for (const source of ['a', 'b', 'c']) trouble.failed(source, DOWN);
    trouble.failed('b', SLOW);
    assert.deepEqual(told, ['API_FAILED.refused', 'API_FAILED.timeout']);
    trouble.over('a');
    trouble.over('b');
    trouble.failed('c', DOWN);
    trouble.failed('d', DOWN);
    await clock.pass(15_000);
    trouble.failed('d', DOWN);
    assert.equal(told.length, 2, 'c has not been well since');
    for (const source of ['c', 'd']) trouble.over(source);
    trouble.failed('a', DOWN);
    await clock.pass(15_000);
    trouble.failed('a', DOWN);
    assert.deepEqual(told.slice(2), ['API_FAILED.refused']);
  });
});

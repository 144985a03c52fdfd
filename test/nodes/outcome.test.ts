import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failureIn, findOutcome } from '../../nodes/chatapp-done/outcome';
import { readStatuses } from '../../nodes/shared/accepted-statuses';

const ACCEPTED = readStatuses('200-299') ?? [];
const outcomeOf = (message: object, accepted = ACCEPTED): string => findOutcome(message, accepted).outcome;
const causeOf = (message: object): unknown => findOutcome(message, ACCEPTED).cause;

describe('the outcome that a message has', () => {
  it('is done without an error and without a status, or with one that is accepted', () => {
    for (const message of [{}, { statusCode: 200 }, { statusCode: 299 }, { statusCode: '204' }, { statusCode: null }]) {
      assert.equal(outcomeOf(message), 'done', JSON.stringify(message));
    }
    for (const error of [undefined, null, '']) assert.equal(outcomeOf({ error }), 'done');
  });

  it('is given up after statuses that another attempt would get again', () => {
    for (const statusCode of [400, 404, 422, '422']) assert.equal(outcomeOf({ statusCode }), 'giveUp');
    assert.equal(outcomeOf({ statusCode: 400, error: { message: 'thrown after it' } }), 'giveUp');
  });

  it('is failed after all other statuses, since they may pass or concern the setup', () => {
    for (const statusCode of [100, 199, 300, 401, 403, 408, 409, 429, 500, 503]) {
      assert.equal(outcomeOf({ statusCode }), 'failed', String(statusCode));
    }
  });

  it('is failed if the status is no number, as after a network error', () => {
    for (const statusCode of ['ECONNREFUSED', NaN, {}, [200], true, '2'])
      assert.equal(outcomeOf({ statusCode }), 'failed');
  });

  it('is failed after an error, also with an accepted status', () => {
    for (const error of [{ message: 'no' }, {}, 'no', true])
      assert.equal(outcomeOf({ error, statusCode: 200 }), 'failed');
  });

  it('follows the statuses that are accepted', () => {
    const accepted = readStatuses('200, 404 , 300-399') ?? [];
    for (const statusCode of [200, 404, 302]) assert.equal(outcomeOf({ statusCode }, accepted), 'done');
    assert.equal(outcomeOf({ statusCode: 201 }, accepted), 'failed');
    assert.equal(outcomeOf({ statusCode: 404, error: { message: 'later' } }, accepted), 'failed');
  });

  it('has the status, the first 200 characters of the answer and the words of the error as cause', () => {
    assert.equal(causeOf({ statusCode: 422, payload: 'No\n  e-mail' }), 'status 422, No e-mail');
    assert.equal(causeOf({ statusCode: 503, payload: 'x'.repeat(201) }), `status 503, ${'x'.repeat(200)}…`);
    assert.equal(causeOf({ statusCode: 400, payload: { code: 7 } }), 'status 400, { code: 7 }');
    assert.equal(causeOf({ statusCode: 400, payload: Buffer.from('bytes') }), 'status 400, bytes');
    assert.equal(
      causeOf({ statusCode: 'ECONNREFUSED', payload: 'RequestError', error: { message: 'refused' } }),
      'status ECONNREFUSED, refused',
    );
    // Without a status, the payload is no answer.
    assert.equal(causeOf({ error: { message: 'no server' }, payload: { chat: 'private' } }), 'no server');
    assert.equal(causeOf({ error: true }), undefined);
    assert.equal(causeOf({ statusCode: 200 }), undefined);
  });

  it('has the wait that a server asks for', () => {
    assert.equal(findOutcome({ statusCode: 429, headers: { 'retry-after': '7' } }, ACCEPTED).retryAfter, 7_000);
    assert.deepEqual(failureIn({}), { retryAfter: 0 });
  });

  it('is found in whatever a flow may make of a message', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const odd = fc.oneof(fc.anything(), fc.constant(circular));
    fc.assert(
      fc.property(fc.record({ statusCode: odd, error: odd, payload: odd, headers: odd }), (message) => {
        const { outcome, cause = '' } = findOutcome(message, ACCEPTED);
        assert.match(outcome, /^(done|failed|giveUp)$/);
        assert.ok(cause.length < 2_000);
      }),
    );
  });
});

describe('the statuses that a flow accepts', () => {
  it('are single ones and ranges', () => {
    assert.deepEqual(readStatuses('200-299'), [[200, 299]]);
    assert.deepEqual(readStatuses(' 200 , 300 - 399'), [
      [200, 200],
      [300, 399],
    ]);
  });

  it('are none in any other text', () => {
    for (const text of ['', ',', '2xx', '299-200', '200-', '99', '600', '200;201', 'all']) {
      assert.equal(readStatuses(text), undefined, text);
    }
  });
});

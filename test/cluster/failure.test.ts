import assert from 'node:assert/strict';
import { errors } from '@nats-io/transport-node';
import { jserrors } from '@nats-io/jetstream/internal';
import { clusterFailed, failureOf, isConflict, isPassing, UnreadableValueError } from '../../src/cluster/failure';

const api = (code: number): Error =>
  new jserrors.JetStreamApiError({ code: 500, err_code: code, description: 'marked words of the server' });
const denial = (subject: string): Error =>
  new errors.RequestError('marked', {
    cause: new errors.PermissionViolationError('marked', 'publish', subject),
  });

describe('a failure of NATS', () => {
  for (const [error, reason, status] of [
    [api(10023), 'full', 'error 10023'],
    [api(10077), 'full', 'error 10077'],
    [api(10002), 'full', 'error 10002'],
    [api(10047), 'full', 'error 10047'],
    [api(10026), 'limits', 'error 10026'],
    [api(10027), 'limits', 'error 10027'],
    [api(10074), 'replicas', 'error 10074'],
    [api(10005), 'replicas', 'error 10005'],
    [api(10008), 'unreachable', 'error 10008'],
    [api(10059), 'unreachable', 'error 10059'],
    [api(10065), 'storage', 'error 10065'],
    [new jserrors.JetStreamNotEnabled('marked', { cause: api(10039) }), 'noJetStream', 'error 10039'],
    [new jserrors.JetStreamNotEnabled('marked'), 'noJetStream', 'no JetStream'],
    [new errors.AuthorizationError('marked'), 'refused', 'AUTHORIZATION_VIOLATION'],
    [new errors.UserAuthenticationExpiredError('marked'), 'refused', 'LOGIN_EXPIRED'],
    [Object.assign(new Error('marked'), { code: 'EACCES', syscall: 'open' }), 'refused', 'EACCES'],
    [Object.assign(new Error('marked'), { code: 'EACCES', syscall: 'connect' }), 'unreachable', 'EACCES'],
    [new errors.TimeoutError(), 'unreachable', 'TIMEOUT'],
    [
      new errors.ConnectionError('marked', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
      'unreachable',
      'ECONNREFUSED',
    ],
    ['marked', 'unreachable', 'no connection'],
  ] as const) {
    it(`is "${reason}" with the status "${status}", and shows no words of a server`, () => {
      const failure = failureOf(error);
      assert.deepEqual([failure.reason, failure.params.status], [reason, status]);
      assert.doesNotMatch(clusterFailed(failure, 'nats-1:4222', 0).message, /marked/);
    });
  }

  it('names the subject that is denied, an inbox without its random part, and nothing that is no subject', () => {
    const shown = (subject: string): unknown => failureOf(denial(subject)).params.subject;
    assert.equal(shown('$JS.API.STREAM.CREATE.chatapp-2-0123'), '$JS.API.STREAM.CREATE.chatapp-2-0123');
    assert.equal(shown('_INBOX.ABC.*'), '_INBOX.>');
    assert.equal(shown('words of a server'), 'a subject');
    assert.equal(shown('x'.repeat(201)), 'a subject');
    assert.equal(failureOf(denial('a')).reason, 'denied');
  });

  it('names the bucket and the key of a value that cannot be read', () => {
    const { message } = clusterFailed(failureOf(new UnreadableValueError('bucket-1', 'settings')), 'nats-1:4222', 0);
    assert.match(message, /The value settings in the bucket bucket-1 of NATS at nats-1:4222 cannot be read/);
  });

  it('may end by itself while servers start or elect a leader, and not if someone has to act', () => {
    const passing = [api(10008), api(10005), api(10076), new errors.TimeoutError()];
    const lasting = [api(10023), api(10074), api(10027), denial('a'), new errors.AuthorizationError('')];
    assert.deepEqual(
      passing.map((error) => isPassing(failureOf(error))),
      [true, true, true, true],
    );
    assert.deepEqual(
      lasting.map((error) => isPassing(failureOf(error))),
      [false, false, false, false, false],
    );
  });

  it('is none if another instance was faster', () => {
    assert.deepEqual([api(10071), api(10164), api(10059), undefined].map(isConflict), [true, true, false, false]);
  });
});

import assert from 'node:assert/strict';
import { CREDENTIALS, isNeeded, isUsed, missingCredentials } from '../../../nodes/shared/editor/account/credentials';

describe('the credentials of a connection', () => {
  const used = (auth: string): string[] => CREDENTIALS.filter((name) => isUsed(auth, name));

  it('each way to log in shows its own fields; the app id is in both, since leaving out own messages needs it', () => {
    assert.deepEqual(used('token'), ['accessToken', 'refreshToken', 'appId']);
    assert.deepEqual(used('account'), ['email', 'password', 'appId']);
  });

  it('where a variable decides on the way to log in, all fields are shown and none is asked for', () => {
    assert.deepEqual(used('${CHATAPP_AUTH}'), [...CREDENTIALS]);
    assert.ok(CREDENTIALS.every((name) => !isNeeded('${CHATAPP_AUTH}', name)));
  });

  it('names what is lacking, and only what the chosen way to log in needs', () => {
    assert.deepEqual(missingCredentials('token', {}), ['accessToken']);
    assert.deepEqual(missingCredentials('account', {}), ['email', 'password', 'appId']);
    assert.deepEqual(missingCredentials('account', { email: 'anna@example.com', accessToken: 'x' }), [
      'password',
      'appId',
    ]);
    assert.deepEqual(missingCredentials('token', { accessToken: 'x' }), []);
  });

  it('a password that only the server knows is not lacking', () => {
    assert.deepEqual(missingCredentials('token', { has_accessToken: true }), []);
    assert.deepEqual(missingCredentials('token', { has_accessToken: false, accessToken: '' }), ['accessToken']);
  });

  it('says nothing about a connection whose dialog was not open yet', () => {
    assert.deepEqual(missingCredentials('token', undefined), []);
    assert.deepEqual(missingCredentials('account', null), []);
  });
});

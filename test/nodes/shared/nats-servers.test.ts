import assert from 'node:assert/strict';
import { readServers } from '../../../nodes/shared/nats-servers';

describe('the addresses of NATS servers', () => {
  it('are separated by commas, blanks or both, and nats:// where they name no protocol', () => {
    const servers = ['nats://nats-1:4222', 'tls://nats-2', 'nats://[::1]:4223'];
    assert.deepEqual(readServers(' nats-1:4222, tls://nats-2/\n nats://[::1]:4223,'), servers);
    assert.deepEqual(readServers('10.0.0.7'), ['nats://10.0.0.7']);
  });

  it('with anything in them that is no address of a server are not usable', () => {
    const wrong = [
      'ws://nats:80',
      'http://nats',
      'nats://',
      'nats-1:port',
      'nats-1:99999',
      'nats-1/path',
      'nats?x',
      ',',
    ];
    for (const one of [...wrong, 'nats://a#b', 'nats:\\\\a', 'nats-1, ftp://nats-2']) {
      assert.equal(readServers(one), 'natsServers', one);
    }
  });

  it('with a user, a password or a token in them are refused, whatever else is wrong', () => {
    for (const one of ['nats://me:secret@nats-1', 'token@nats-1:4222', 'nats-1, wss://me@nats-2', 'nats://@nats-1']) {
      assert.equal(readServers(one), 'natsLogin', one);
    }
  });
});

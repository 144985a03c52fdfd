import assert from 'node:assert/strict';
import { warningsOf, type Exposure } from '../../../nodes/shared/warnings';

const SAFE = {
  apiUrl: 'https://api.chatapp.online',
  socketUrl: 'wss://socket.chatapp.online:6001',
  hasNats: true,
  hasNatsLogin: true,
  hasAdminAuth: true,
};

describe('the warnings about a connection', () => {
  const keys = (exposure: Partial<Exposure>): string[] => warningsOf({ ...SAFE, ...exposure }).map(({ key }) => key);

  it('are none for encrypted addresses, a NATS login and a guarded editor', () => {
    assert.deepEqual(keys({}), []);
    assert.deepEqual(keys({ hasNats: false, hasNatsLogin: false }), []);
  });

  it('name NATS without a login, and an editor without a login', () => {
    assert.deepEqual(keys({ hasNatsLogin: false }), ['natsOpen']);
    assert.deepEqual(keys({ hasAdminAuth: false }), ['noAdminAuth']);
  });

  it('name the host of an address without encryption, unless it is this machine', () => {
    const hosts = (apiUrl: string): unknown[] => warningsOf({ ...SAFE, apiUrl }).map(({ host }) => host);
    for (const [url, expected] of [
      ['http://api.test', ['api.test']],
      [' HTTP://10.0.0.1:8080/x', ['10.0.0.1:8080']],
      ['http:api.test', ['api.test']],
      ['http:\\\\api.test', ['api.test']],
      ['http://127.0.0.1.evil.test', ['127.0.0.1.evil.test']],
      ['http://[2001:db8::1]', ['[2001:db8::1]']],
      ['http://localhost:1880', []],
      ['http://127.8.9.10', []],
      ['http://[::1]:1', []],
      ['${API_URL}', []],
      ['http://', []],
    ] as const) {
      assert.deepEqual(hosts(url), expected, url);
    }
    assert.deepEqual(keys({ webhookUrl: 'http://flows.test/red' }), ['plainWebhook']);
    assert.deepEqual(keys({ webhookUrl: 'http://127.0.0.1:1880' }), []);
    assert.deepEqual(keys({ socketUrl: 'ws://socket.test' }), ['plainSocket']);
    assert.deepEqual(keys({ socketUrl: 'ws://localhost' }), []);
  });

  it('name the NATS server to which a password goes without encryption, unless it is this machine or one of them has TLS', () => {
    const hosts = (...plainServers: string[]): unknown[] =>
      warningsOf({ ...SAFE, plainServers }).map(({ key, host }) => `${key} ${host}`);
    assert.deepEqual(hosts('nats://127.0.0.1:4222', 'nats://nats-1:4222', 'nats://nats-2:4222'), [
      'plainNats nats-1:4222',
    ]);
    assert.deepEqual(hosts('nats://nats-1:4222', 'tls://nats-2:4222'), []);
    assert.deepEqual(hosts('nats://localhost:4222', 'nats://[::1]:4222'), []);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostsOf, loadNats, natsOptions } from '../../src/cluster/nats-options';
import type { ClusterSettings } from '../../src/cluster/settings';

const nats = loadNats();
const options = (settings: Partial<ClusterSettings>): ReturnType<typeof natsOptions> =>
  natsOptions({ servers: ['nats://nats-1:4222'], ...settings }, nats);

describe('the options for NATS', () => {
  it('let a connection try for ever, also after refused logins, and notice a silent server within 5 s', () => {
    const { maxReconnectAttempts, ignoreAuthErrorAbort, pingInterval = 0, maxPingOut = 0 } = options({});
    assert.deepEqual([maxReconnectAttempts, ignoreAuthErrorAbort], [-1, true]);
    assert.ok(pingInterval * (maxPingOut + 1) < 5_000);
  });

  it('name hosts only: no login of an address is left in them', () => {
    const servers = ['nats://olga:s%40c:ret@nats-1:4222', 'tls://nats-2', 'nats-3:4223', '[::1]:4222'];
    const made = options({ servers });
    assert.deepEqual(made.servers, ['nats-1:4222', 'nats-2', 'nats-3:4223', '[::1]:4222']);
    assert.equal(hostsOf(servers), 'nats-1:4222, nats-2, nats-3:4223, [::1]:4222');
    assert.deepEqual([made.user, made.pass], ['olga', 's@c:ret']);
  });

  it('take a name without a password in an address for a token', () => {
    assert.equal(options({ servers: ['nats://t0ken@nats-1'] }).token, 't0ken');
  });

  it('prefer the login of the settings to that of an address', () => {
    const servers = ['nats://olga:wrong@nats-1'];
    const { user, pass } = options({ servers, login: { kind: 'user', user: 'ivan', password: 'right' } });
    assert.deepEqual([user, pass], ['ivan', 'right']);
    assert.equal(options({ servers, login: { kind: 'token', token: 't' } }).token, 't');
  });

  it('want TLS for a tls: address or a TLS configuration, and not otherwise', () => {
    assert.equal(options({}).tls, undefined);
    assert.ok(options({ servers: ['nats://nats-1', 'tls://nats-2'] }).tls);
    assert.equal(options({ tls: { ca: Buffer.from('PEM') } }).tls?.ca, 'PEM');
  });

  it('read the creds file at each login, and keep the last login if it cannot be read any more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-creds-'));
    try {
      const file = join(folder, 'user.creds');
      const write = (jwt: string): Promise<void> => writeFile(file, creds(jwt));
      await write('first');
      const { authenticator } = options({ login: { kind: 'creds', file } });
      const login = (): string => {
        assert.ok(typeof authenticator === 'function');
        return JSON.stringify(authenticator('nonce'));
      };
      assert.match(login(), /"jwt":"first"/);
      await write('second');
      assert.match(login(), /"jwt":"second"/);
      await writeFile(file, 'damaged');
      assert.match(login(), /"jwt":"second"/);
      await rm(file);
      assert.match(login(), /"jwt":"second"/);
      assert.throws(() => options({ login: { kind: 'creds', file } }), { code: 'ENOENT' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuse an address that is invalid', () => {
    for (const server of ['', 'nats://', 'nats://a b']) {
      assert.throws(() => options({ servers: [server] }), TypeError);
      assert.throws(() => hostsOf([server]), TypeError);
    }
  });
});

/** The seed is that of the documentation of nkeys. */
function creds(jwt: string): string {
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    'SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4',
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}

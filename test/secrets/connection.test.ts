import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { ConnectionOptions } from '../../src/connection';
import { LINE, PASTED, SecretScenario, CHANNEL } from './scenario';
import { assertClean, MARK, SECRETS } from './secret-spy';

const { accessToken, deadToken, refreshToken, newRefreshToken, password } = SECRETS;

describe('the look for secrets', () => {
  it('finds a secret however it is written', () => {
    for (const text of [MARK, MARK.toLowerCase(), Buffer.from(MARK).toString('hex')]) {
      assert.throws(() => assertClean(`… ${text} …`));
    }
    for (const before of ['', 'a', 'ab', 'user:']) {
      assert.throws(() => assertClean(Buffer.from(`${before}${MARK}rest`).toString('base64')));
    }
  });
});

describe('no secret leaves the connection', () => {
  let scenario: SecretScenario;
  afterEach(() => scenario.end());

  it('while all is well: log, status, store', async () => {
    scenario = await SecretScenario.start();
    const { simulator, spy } = scenario;
    // The pair that replaces a dead one is marked as well.
    const data = { accessToken, refreshToken: newRefreshToken };
    simulator.faults.answerWith('refresh', { status: 200, body: { success: true, data } });
    scenario.connect({ credentials: { kind: 'token', accessToken: deadToken, refreshToken } });
    await scenario.listening();
    simulator.message({ ...LINE, text: `my password is ${password}` });
    await spy.until(({ items }) => items === 1);
    simulator.dropAll();
    await scenario.listening();
    await scenario.connection?.close();
    const files = await readdir(spy.folder);
    assert.ok(files.includes('log'), files.join());
    assert.match(await spy.storedTexts(), /"name":"tokens-/);
    await spy.assertNoSecret();
  });

  it('when a login has succeeded', async () => {
    scenario = await SecretScenario.start();
    scenario.simulator.faults.answerWith('login', {
      status: 200,
      body: { success: true, data: { accessToken, refreshToken } },
    });
    scenario.connect();
    await scenario.listening();
    await scenario.connection?.close();
    assert.match(await scenario.spy.storedTexts(), /"name":"tokens-/);
    await scenario.spy.assertNoSecret();
  });

  const refusals: readonly (readonly [name: string, code: string, credentials: ConnectionOptions['credentials']])[] = [
    ['a pasted token is dead', 'TOKEN_INVALID.pasted', { kind: 'token', accessToken: deadToken }],
    [
      'a pasted pair is dead',
      'TOKEN_INVALID.refresh',
      { kind: 'token', accessToken: deadToken, refreshToken: newRefreshToken },
    ],
    [
      'a login is refused',
      'LOGIN_REFUSED.credentials',
      { kind: 'account', email: 'olga@example.com', password: `${MARK}wrong`, appId: 'app_7001_1' },
    ],
  ];
  for (const [name, code, credentials] of refusals) {
    it(`when ${name}`, async () => {
      scenario = await SecretScenario.start();
      scenario.connect({ credentials });
      await scenario.reported(code);
      await scenario.spy.assertNoSecret();
    });
  }

  it('when the quota of tokens is used up', async () => {
    scenario = await SecretScenario.start({ tokenQuota: 0 });
    scenario.connect();
    await scenario.reported('TOKEN_QUOTA.tokens');
    await scenario.spy.assertNoSecret();
  });

  it('when a socket is ended with the token as a reason', async () => {
    scenario = await SecretScenario.start();
    scenario.connect({ credentials: PASTED });
    await scenario.listening();
    const { simulator } = scenario;
    const refused = scenario.reported('CONNECTION_REFUSED.appKey').then(() => true);
    // A socket that has worked for a while, as on a busy machine, is replaced once before the refusal is reported.
    for (let isReported = false; !isReported;) {
      const sockets = simulator.connections;
      simulator.sendRaw(JSON.stringify({ event: 'pusher:error', data: { code: 4001, message: accessToken } }));
      const replaced = simulator
        .until((it) => it.connections > sockets)
        .then(
          () => false,
          () => false,
        );
      isReported = await Promise.race([refused, replaced]);
    }
    await scenario.spy.assertNoSecret();
  });

  it('when an event cannot be read and holds what looks like a token', async () => {
    scenario = await SecretScenario.start();
    scenario.connect({ credentials: PASTED });
    await scenario.listening();
    const { simulator } = scenario;
    for (const data of [accessToken, `{"data":"${accessToken}"}`, { data: [accessToken], meta: accessToken }]) {
      simulator.sendRaw(JSON.stringify({ event: 'message', channel: CHANNEL, data }));
    }
    simulator.sendRaw(accessToken);
    await scenario.reported('PAYLOAD_INVALID.unreadable');
    await scenario.spy.assertNoSecret();
  });

  it('when a listener fails with a secret in its error', async () => {
    scenario = await SecretScenario.start();
    const { simulator, spy } = scenario;
    scenario.connect({ credentials: PASTED });
    await scenario.listening();
    let failed = false;
    scenario.connection?.listen({
      ...spy.listener({ type: 'messenger', licenseId: '50101', messengerType: 'telegram' }),
      onItem: () => {
        failed = true;
        throw new Error(`cannot handle ${password}`);
      },
    });
    simulator.message({ ...LINE, text: password });
    await spy.until(({ items }) => items === 1 && failed);
    await spy.assertNoSecret();
  });
});

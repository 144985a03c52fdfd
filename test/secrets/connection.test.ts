import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { ConnectionOptions } from '../../src/connection';
import { LINE, PASTED, Scene, CHANNEL } from './scene';
import { assertClean, MARK, SECRETS } from './witness';

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
  let scene: Scene;
  afterEach(() => scene.end());

  it('while all is well: log, status, store', async () => {
    scene = await Scene.start();
    const { simulator, witness } = scene;
    // The pair that replaces a dead one is marked as well.
    const data = { accessToken, refreshToken: newRefreshToken };
    simulator.faults.answerWith('refresh', { status: 200, body: { success: true, data } });
    scene.connect({ credentials: { kind: 'token', accessToken: deadToken, refreshToken } });
    await scene.listening();
    simulator.message({ ...LINE, text: `my password is ${password}` });
    await witness.until(({ items }) => items === 1);
    simulator.dropAll();
    await scene.listening();
    await scene.connection?.close();
    const files = await readdir(witness.folder);
    assert.ok(files.includes('log'), files.join());
    assert.match(await witness.storedTexts(), /"name":"tokens-/);
    await witness.swear();
  });

  it('when a login has succeeded', async () => {
    scene = await Scene.start();
    scene.simulator.faults.answerWith('login', {
      status: 200,
      body: { success: true, data: { accessToken, refreshToken } },
    });
    scene.connect();
    await scene.listening();
    await scene.connection?.close();
    assert.match(await scene.witness.storedTexts(), /"name":"tokens-/);
    await scene.witness.swear();
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
      scene = await Scene.start();
      scene.connect({ credentials });
      await scene.told(code);
      await scene.witness.swear();
    });
  }

  it('when the quota of tokens is used up', async () => {
    scene = await Scene.start({ tokenQuota: 0 });
    scene.connect();
    await scene.told('TOKEN_QUOTA.tokens');
    await scene.witness.swear();
  });

  it('when a socket is ended with the token as a reason', async () => {
    scene = await Scene.start();
    scene.connect({ credentials: PASTED });
    await scene.listening();
    const { simulator } = scene;
    const refused = scene.told('CONNECTION_REFUSED.appKey').then(() => true);
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
    await scene.witness.swear();
  });

  it('when an event cannot be read and holds what looks like a token', async () => {
    scene = await Scene.start();
    scene.connect({ credentials: PASTED });
    await scene.listening();
    const { simulator } = scene;
    for (const data of [accessToken, `{"data":"${accessToken}"}`, { data: [accessToken], meta: accessToken }]) {
      simulator.sendRaw(JSON.stringify({ event: 'message', channel: CHANNEL, data }));
    }
    simulator.sendRaw(accessToken);
    await scene.told('PAYLOAD_INVALID.unreadable');
    await scene.witness.swear();
  });

  it('when a listener fails with a secret in its error', async () => {
    scene = await Scene.start();
    const { simulator, witness } = scene;
    scene.connect({ credentials: PASTED });
    await scene.listening();
    let failed = false;
    scene.connection?.listen({
      ...witness.listener({ type: 'messenger', licenseId: '50101', messengerType: 'telegram' }),
      onItem: () => {
        failed = true;
        throw new Error(`cannot handle ${password}`);
      },
    });
    simulator.message({ ...LINE, text: password });
    await witness.until(({ items }) => items === 1 && failed);
    await witness.swear();
  });
});

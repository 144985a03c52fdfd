import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { pass } from '../../nodes/chatapp-connection/callback-door';
import { secretOf } from '../../src/session/credentials';
import { SecretBox } from '../../src/secret-box';
import { fileStore } from '../../src/store';
import { Scene, PASTED } from './scene';
import { assertClean, MARK } from './witness';

/** As long as a secret of callbacks is. */
const SECRET = MARK.padEnd(43, 'x');
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;

describe('the secret of the callbacks comes out nowhere, when', () => {
  let scene: Scene;
  let server: Server;
  let base: string;
  /** The status with which every callback is refused; 0: the connection decides. */
  let refusal = 0;

  beforeEach(async () => {
    refusal = 0;
    scene = await Scene.start({ callbacks: { waitMs: 20 } });
    server = createServer((request, response) => {
      const [, secret = '', licenseId = '', messengerType = ''] = (request.url ?? '').split('/');
      const webhook = scene.connection?.webhook;
      if (webhook && refusal === 0) void pass(webhook, { secret, licenseId, messengerType }, request, response);
      else response.writeHead(refusal || 404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const locked = await new SecretBox(secretOf(PASTED)).lock(SECRET);
    await fileStore(scene.witness.folder).write('callback-secret-connection.json', locked);
  });
  afterEach(async () => {
    await scene.end();
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  const connect = (): void => scene.connect({ credentials: PASTED, receive: 'both', callbackUrl: base });
  const isOurs = (): boolean => scene.simulator.callbacks.list.some(({ url }) => url.includes(SECRET));
  const swear = async (): Promise<void> => {
    assertClean(JSON.stringify(scene.connection?.webhook?.callbacks));
    await scene.witness.swear();
  };

  it('all goes well, callbacks are odd, and strangers guess', async () => {
    connect();
    await scene.simulator.until(isOurs);
    const own = `${base}/${SECRET}/50101/telegram`;
    for (const [url, body] of [
      [own, 'no json'],
      [own, `"${SECRET}"`],
      [own, `{"data":"${SECRET}"}`],
      [own, `{"data":[{}],"meta":{}}`],
      [own.replace('telegram', 'vkontakte'), '{}'],
      [`${base}/${SECRET}x/50101/telegram`, '{}'],
    ] as const) {
      await fetch(url, { method: 'POST', body }).catch(() => undefined);
    }
    await scene.told('PAYLOAD_INVALID.unreadable');
    await swear();
  });

  it('ChatApp cannot reach us', async () => {
    refusal = 401;
    connect();
    await scene.told('WEBHOOK_FAILED.probe');
    await swear();
  });

  it('the address is another’s', async () => {
    scene.simulator.callbacks.plant({
      ...LINE,
      licenseId: 50101,
      events: ['message'],
      url: `http://${MARK}:${MARK}@crm.test/${MARK}?${MARK}`,
    });
    connect();
    await scene.told('WEBHOOK_TAKEN.other');
    await swear();
  });

  it('it is in force: without it nobody gets in', async () => {
    connect();
    await scene.simulator.until(isOurs);
    const { status } = await fetch(`${base}/${'x'.repeat(43)}/50101/telegram`, { method: 'POST', body: '{}' });
    assert.equal(status, 404);
    await swear();
  });
});

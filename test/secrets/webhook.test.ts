import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { pass } from '../../nodes/chatapp-connection/callback-route';
import { secretOf } from '../../src/session/credentials';
import { SecretBox } from '../../src/secret-box';
import { fileStore } from '../../src/store';
import { SecretScenario, PASTED } from './scenario';
import { assertClean, MARK } from './secret-spy';

/** As long as a secret of callbacks is. */
const SECRET = MARK.padEnd(43, 'x');
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;

describe('the secret of the callbacks is never exposed, when', () => {
  let scenario: SecretScenario;
  let server: Server;
  let base: string;
  /** The status with which every callback is refused; 0: the connection decides. */
  let refusal = 0;

  beforeEach(async () => {
    refusal = 0;
    scenario = await SecretScenario.start({ callbacks: { waitMs: 20 } });
    server = createServer((request, response) => {
      const [, secret = '', licenseId = '', messengerType = ''] = (request.url ?? '').split('/');
      const webhook = scenario.connection?.webhook;
      if (webhook && refusal === 0) void pass(webhook, { secret, licenseId, messengerType }, request, response);
      else response.writeHead(refusal || 404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const locked = await new SecretBox(secretOf(PASTED)).lock(SECRET);
    await fileStore(scenario.spy.folder).write('callback-secret-connection.json', locked);
  });
  afterEach(async () => {
    await scenario.end();
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  const connect = (): void => scenario.connect({ credentials: PASTED, receive: 'both', callbackUrl: base });
  const isOurs = (): boolean => scenario.simulator.callbacks.list.some(({ url }) => url.includes(SECRET));
  const assertNoSecret = async (): Promise<void> => {
    assertClean(JSON.stringify(scenario.connection?.webhook?.callbacks));
    await scenario.spy.assertNoSecret();
  };

  it('all goes well, callbacks are odd, and unknown callers guess', async () => {
    connect();
    await scenario.simulator.until(isOurs);
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
    await scenario.reported('PAYLOAD_INVALID.unreadable');
    await assertNoSecret();
  });

  it('ChatApp cannot reach us', async () => {
    refusal = 401;
    connect();
    await scenario.reported('WEBHOOK_FAILED.probe');
    await assertNoSecret();
  });

  it('the address is another’s', async () => {
    scenario.simulator.callbacks.plant({
      ...LINE,
      licenseId: 50101,
      events: ['message'],
      url: `http://${MARK}:${MARK}@crm.test/${MARK}?${MARK}`,
    });
    connect();
    await scenario.reported('WEBHOOK_TAKEN.other');
    await assertNoSecret();
  });

  it('it is in force: without it nobody gets in', async () => {
    connect();
    await scenario.simulator.until(isOurs);
    const { status } = await fetch(`${base}/${'x'.repeat(43)}/50101/telegram`, { method: 'POST', body: '{}' });
    assert.equal(status, 404);
    await assertNoSecret();
  });
});

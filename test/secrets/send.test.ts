import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { failure } from '../../nodes/shared/report';
import { readOrder } from '../../src/send/read-order';
import { startConnectProxy } from '../support/connect-proxy';
import { errorOf } from '../support/errors';
import { PASTED, SecretScenario } from './scenario';
import { assertClean, SECRETS } from './secret-spy';

const { accessToken, password, proxyPassword } = SECRETS;
const TO = { licenseId: '50101', messengerType: 'telegram', chatId: '7301' };
const ORDER = readOrder({ action: 'text', to: TO, payload: 'hello' });

describe('no secret leaves by what is reported of a message that was not sent', () => {
  let scenario: SecretScenario;
  afterEach(() => scenario.end());

  /** The error of a send, in all the forms that it may be shown in, which are clean. */
  async function fail(code: string, order = ORDER): Promise<void> {
    assert.ok(scenario.connection);
    const error = await errorOf(scenario.connection.send(order));
    assert.equal(`${error.code}.${error.reason}`, code);
    const caught = failure({ _: (key: string) => key }, error);
    for (const one of [error, caught]) {
      assertClean(
        [
          String(one),
          one.message,
          JSON.stringify(one),
          JSON.stringify(one, Object.getOwnPropertyNames(one)),
          inspect(one, { depth: 10, showHidden: true, getters: true }),
          inspect(one.cause),
          one.stack,
        ].join('\n'),
      );
    }
    await scenario.spy.assertNoSecret();
  }

  it('when ChatApp refuses in words that hold the token', async () => {
    scenario = await SecretScenario.start();
    scenario.connect({ credentials: PASTED });
    for (const [status, reason] of [
      [422, 'SEND_REFUSED.refused'],
      [403, 'SEND_REFUSED.forbidden'],
      [404, 'SEND_REFUSED.unknownChat'],
      [500, 'SEND_UNCERTAIN.server'],
    ] as const) {
      const body = {
        success: false,
        error: { code: accessToken, message: `about ${accessToken}, twice: ${accessToken}` },
      };
      scenario.simulator.faults.answerWith('send', { status, body });
      await fail(reason);
    }
    scenario.simulator.faults.answerWith('send', { status: 200, body: `<html>${accessToken}` });
    await fail('SEND_UNCERTAIN.unreadable');
  });

  it('when the connection breaks off after the token was sent', async () => {
    scenario = await SecretScenario.start();
    scenario.connect({ credentials: PASTED });
    scenario.simulator.faults.answerWith('send', 'hang up');
    await fail('SEND_UNCERTAIN.lost');
  });

  it('when a proxy with a password does not lead to ChatApp', async () => {
    scenario = await SecretScenario.start();
    const proxy = await startConnectProxy(407);
    const proxyFor = (): string => proxy.url.replace('//', `//anna:${proxyPassword}@`);
    scenario.connect({ credentials: PASTED, network: { proxyFor } });
    await fail('API_FAILED.unreachable');
    await proxy.close();
  });
});

describe('no secret leaves by what is reported of a message that cannot be sent', () => {
  it('whatever it holds', () => {
    for (const payload of [{ file: `ftp://u:${password}@a` }, { file: password }, { template: password }]) {
      for (const action of ['file', 'template', 'text'] as const) {
        const odd = { licenseId: password, messengerType: password, chatId: `${password}\n` };
        for (const to of [TO, odd, { ...TO, messengerType: password, chatId: `${password} ${password}` }]) {
          try {
            readOrder({ action, to, payload });
            assert.fail('it was taken');
          } catch (error) {
            assertClean(inspect(error, { depth: 10, showHidden: true }));
          }
        }
      }
    }
  });
});

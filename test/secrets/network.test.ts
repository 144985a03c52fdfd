import assert from 'node:assert/strict';
import { startConnectProxy } from '../support/connect-proxy';
import { selfSigned } from '../simulator/self-signed';
import { PASTED, SecretScenario } from './scenario';
import { SECRETS } from './secret-spy';

const { password, pemKey, proxyPassword } = SECRETS;

describe('no secret leaves the connection when the network fails:', () => {
  let scenario: SecretScenario;
  afterEach(() => scenario.end());

  it('nothing answers, and the URLs hold a password', async () => {
    scenario = await SecretScenario.start();
    const { host } = new URL(scenario.simulator.url);
    await scenario.simulator.faults.down();
    const login = `user:${password}@${host}`;
    scenario.connect({ socketUrl: `ws://${login}`, apiUrl: `http://${login}` });
    await scenario.reported('CONNECTION_LOST.outage');
    await scenario.spy.assertNoSecret();
  });

  it('the API URL holds a password, and requests are refused', async () => {
    scenario = await SecretScenario.start();
    const { host } = new URL(scenario.simulator.url);
    scenario.simulator.faults.answerWith('lines', { status: 404, body: {} });
    scenario.connect({ apiUrl: `http://user:${password}@${host}`, credentials: PASTED });
    await scenario.spy.until(({ codes }) => codes.size > 0);
    await scenario.spy.assertNoSecret();
  });

  it('the socket server answers with HTTP 404', async () => {
    scenario = await SecretScenario.start();
    scenario.simulator.faults.receiveWith({ status: 404 });
    scenario.connect({ credentials: PASTED });
    await scenario.reported('CONNECTION_REFUSED.address');
    await scenario.spy.assertNoSecret();
  });

  it('the certificate is not trusted', async () => {
    scenario = await SecretScenario.start({ tls: selfSigned('127.0.0.1') });
    scenario.connect({ credentials: PASTED });
    await scenario.reported('CONNECTION_REFUSED.certificate');
    await scenario.spy.assertNoSecret();
  });

  it('a client key cannot be read', async () => {
    scenario = await SecretScenario.start({ tls: selfSigned('127.0.0.1') });
    scenario.connect({ credentials: PASTED, network: { tls: { key: pemKey, cert: pemKey, passphrase: password } } });
    await scenario.spy.until(({ codes }) => codes.size > 0);
    await scenario.spy.assertNoSecret();
  });

  it('the proxy cannot be reached', async () => {
    scenario = await SecretScenario.start();
    const proxy = await startConnectProxy();
    await proxy.close();
    const url = `http://user:${proxyPassword}@${new URL(proxy.url).host}`;
    scenario.connect({ credentials: PASTED, network: { proxyFor: () => url } });
    await scenario.reported('CONNECTION_LOST.outage');
    await scenario.spy.assertNoSecret();
  });

  it('the proxy refuses', async () => {
    scenario = await SecretScenario.start();
    const proxy = await startConnectProxy(407);
    const url = `http://user:${proxyPassword}@${new URL(proxy.url).host}`;
    scenario.connect({ credentials: PASTED, network: { proxyFor: () => url } });
    await scenario.spy.until(({ codes }) => codes.size > 0);
    assert.ok(
      proxy.authorisations.some((header) => header !== ''),
      'the password was never sent',
    );
    await proxy.close();
    await scenario.spy.assertNoSecret();
  });
});

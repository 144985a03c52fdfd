import assert from 'node:assert/strict';
import { startConnectProxy } from '../support/connect-proxy';
import { selfSigned } from '../simulator/self-signed';
import { PASTED, Scene } from './scene';
import { SECRETS } from './witness';

const { password, pemKey, proxyPassword } = SECRETS;

describe('no secret leaves the connection when the network fails:', () => {
  let scene: Scene;
  afterEach(() => scene.end());

  it('nothing answers, and the URLs hold a password', async () => {
    scene = await Scene.start();
    const { host } = new URL(scene.simulator.url);
    await scene.simulator.faults.down();
    const login = `user:${password}@${host}`;
    scene.connect({ socketUrl: `ws://${login}`, apiUrl: `http://${login}` });
    await scene.told('CONNECTION_LOST.outage');
    await scene.witness.swear();
  });

  it('the API URL holds a password, and requests are refused', async () => {
    scene = await Scene.start();
    const { host } = new URL(scene.simulator.url);
    scene.simulator.faults.answerWith('lines', { status: 404, body: {} });
    scene.connect({ apiUrl: `http://user:${password}@${host}`, credentials: PASTED });
    await scene.witness.until(({ codes }) => codes.size > 0);
    await scene.witness.swear();
  });

  it('the socket server answers with HTTP 404', async () => {
    scene = await Scene.start();
    scene.simulator.faults.receiveWith({ status: 404 });
    scene.connect({ credentials: PASTED });
    await scene.told('CONNECTION_REFUSED.address');
    await scene.witness.swear();
  });

  it('the certificate is not trusted', async () => {
    scene = await Scene.start({ tls: selfSigned('127.0.0.1') });
    scene.connect({ credentials: PASTED });
    await scene.told('CONNECTION_REFUSED.certificate');
    await scene.witness.swear();
  });

  it('a client key cannot be read', async () => {
    scene = await Scene.start({ tls: selfSigned('127.0.0.1') });
    scene.connect({ credentials: PASTED, network: { tls: { key: pemKey, cert: pemKey, passphrase: password } } });
    await scene.witness.until(({ codes }) => codes.size > 0);
    await scene.witness.swear();
  });

  it('the proxy cannot be reached', async () => {
    scene = await Scene.start();
    const proxy = await startConnectProxy();
    await proxy.close();
    const url = `http://user:${proxyPassword}@${new URL(proxy.url).host}`;
    scene.connect({ credentials: PASTED, network: { proxyFor: () => url } });
    await scene.told('CONNECTION_LOST.outage');
    await scene.witness.swear();
  });

  it('the proxy refuses', async () => {
    scene = await Scene.start();
    const proxy = await startConnectProxy(407);
    const url = `http://user:${proxyPassword}@${new URL(proxy.url).host}`;
    scene.connect({ credentials: PASTED, network: { proxyFor: () => url } });
    await scene.witness.until(({ codes }) => codes.size > 0);
    assert.ok(
      proxy.authorisations.some((header) => header !== ''),
      'the password was never sent',
    );
    await proxy.close();
    await scene.witness.swear();
  });
});

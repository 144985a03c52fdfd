import assert from 'node:assert/strict';
import type { NetworkSettings } from '../src/api/network';
import { makeCertificate, type Certificate } from './support/certificate';
import { ConnectionStage } from './support/connection-stage';
import { startConnectProxy, type ConnectProxy } from './support/connect-proxy';
import { Heard } from './support/heard';

describe('a connection over a network with rules', () => {
  let certificate: Certificate;
  let proxy: ConnectProxy;
  let stage: ConnectionStage;
  let heard: Heard;

  const start = async (network: NetworkSettings, isSecure = false): Promise<void> => {
    const { key, cert } = certificate;
    stage = await ConnectionStage.start(isSecure ? { tls: { key, cert } } : {}, () => ({ network }));
    heard = new Heard({ type: 'messenger' });
  };

  before(() => {
    certificate = makeCertificate();
  });
  beforeEach(async () => {
    proxy = await startConnectProxy();
  });
  afterEach(async () => {
    await stage.close();
    await proxy.close();
  });

  it('uses the proxy for the socket and for the API, and goes no other way', async () => {
    const asked = new Set<string>();
    const proxyFor = (url: string): string => {
      asked.add(url);
      return proxy.url;
    };
    await start({ proxyFor });
    await stage.listen(heard);
    const { url, socketUrl, port } = stage.simulator;
    assert.deepEqual(
      [...asked].sort(),
      [`${url}/broadcasting/auth`, `${url}/v1/licenses`, `${url}/v1/me`, socketUrl].sort(),
    );
    assert.ok(proxy.targets.length >= 2);
    assert.deepEqual(new Set(proxy.targets), new Set([`127.0.0.1:${port}`]));
  });

  it('trusts the chosen CA for the socket and for the API, also through the proxy', async () => {
    for (const proxyFor of [() => undefined, () => proxy.url]) {
      await start({ tls: { ca: certificate.ca }, proxyFor }, true);
      await stage.listen(heard);
      assert.deepEqual([heard.codes, stage.codes], [[], []]);
      await stage.close();
    }
    assert.ok(proxy.targets.length >= 2);
  });

  it('refuses a certificate of a CA that was not chosen, tells it once, and shows refused', async () => {
    await start({}, true);
    stage.connection.listen(heard);
    await heard.until(({ kinds }) => kinds.filter((kind) => kind === 'refused').length > 1);
    assert.deepEqual(stage.codes, ['CONNECTION_REFUSED.certificate']);
    assert.match(stage.errors[0]?.message ?? '', /^The certificate of 127\.0\.0\.1:\d+ is not trusted/);
    assert.equal(stage.simulator.connections, 0);
  });
});

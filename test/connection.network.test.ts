import assert from 'node:assert/strict';
import type { NetworkSettings } from '../src/api/network';
import { makeCertificate, type Certificate } from './support/certificate';
import { ConnectionHarness } from './support/connection-harness';
import { startConnectProxy, type ConnectProxy } from './support/connect-proxy';
import { ListenerSpy } from './support/listener-spy';

describe('a connection over a network with rules', () => {
  let certificate: Certificate;
  let proxy: ConnectProxy;
  let harness: ConnectionHarness;
  let spy: ListenerSpy;

  const start = async (network: NetworkSettings, isSecure = false): Promise<void> => {
    const { key, cert } = certificate;
    harness = await ConnectionHarness.start(isSecure ? { tls: { key, cert } } : {}, () => ({ network }));
    spy = new ListenerSpy({ type: 'messenger' });
  };

  before(() => {
    certificate = makeCertificate();
  });
  beforeEach(async () => {
    proxy = await startConnectProxy();
  });
  afterEach(async () => {
    await harness.close();
    await proxy.close();
  });

  it('uses the proxy for the socket and for the API, and goes no other way', async () => {
    const asked = new Set<string>();
    const proxyFor = (url: string): string => {
      asked.add(url);
      return proxy.url;
    };
    await start({ proxyFor });
    await harness.listen(spy);
    const { url, socketUrl, port } = harness.simulator;
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
      await harness.listen(spy);
      assert.deepEqual([spy.codes, harness.codes], [[], []]);
      await harness.close();
    }
    assert.ok(proxy.targets.length >= 2);
  });

  it('refuses a certificate of a CA that was not chosen, tells it once, and shows refused', async () => {
    await start({}, true);
    harness.connection.listen(spy);
    await spy.until(({ kinds }) => kinds.filter((kind) => kind === 'refused').length > 1);
    assert.deepEqual(harness.codes, ['CONNECTION_REFUSED.certificate']);
    assert.match(harness.errors[0]?.message ?? '', /^The certificate of 127\.0\.0\.1:\d+ is not trusted/);
    assert.equal(harness.simulator.connections, 0);
  });
});

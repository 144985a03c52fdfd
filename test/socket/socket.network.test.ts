import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../simulator';
import { createNetwork, type NetworkSettings } from '../../src/api/network';
import { makeCertificate, type Certificate } from '../support/certificate';
import { startConnectProxy, type ConnectProxy } from '../support/connect-proxy';
import { SocketSpy } from '../support/socket-spy';

describe('the network under the socket', () => {
  let simulator: Simulator;
  let secure: Simulator;
  let certificate: Certificate;
  let proxy: ConnectProxy;
  const ears: SocketSpy[] = [];

  const earOver = (settings: NetworkSettings, { socketUrl }: Pick<Simulator, 'socketUrl'>): SocketSpy => {
    const spy = new SocketSpy({ socketUrl, network: createNetwork(settings) });
    ears.push(spy);
    return spy;
  };

  before(async () => {
    certificate = makeCertificate();
    const { key, cert } = certificate;
    [simulator, secure] = await Promise.all([startSimulator(), startSimulator({ tls: { key, cert } })]);
  });
  beforeEach(async () => {
    proxy = await startConnectProxy();
  });
  afterEach(async () => {
    for (const { socket } of ears.splice(0)) socket.close();
    await proxy.close();
  });
  after(() => Promise.all([simulator.close(), secure.close()]));

  it('goes to the server itself where there is no proxy', async () => {
    await earOver({}, simulator).open();
    await earOver({ proxyFor: () => '' }, simulator).open();
    assert.deepEqual(proxy.targets, []);
  });

  it('goes through the proxy where there is one, which learns who we are', async () => {
    const asked: string[] = [];
    const proxyFor = (url: string): string => {
      asked.push(url);
      return proxy.url.replace('//', '//anna:s%40cret@');
    };
    await earOver({ proxyFor }, simulator).open();
    assert.deepEqual(proxy.targets, [`127.0.0.1:${simulator.port}`]);
    assert.deepEqual(proxy.authorisations, [`Basic ${Buffer.from('anna:s@cret').toString('base64')}`]);
    assert.deepEqual(asked, [simulator.socketUrl]);
  });

  it('a proxy that refuses is reported with its status', async () => {
    const refusing = await startConnectProxy(407);
    const { detail, refusal } = await earOver({ proxyFor: () => refusing.url }, simulator).end();
    assert.deepEqual([detail, refusal?.reason], ['HTTP 407', 'address']);
    await refusing.close();
  });

  it('trusts a CA that was chosen, also through a proxy', async () => {
    const tls = { ca: certificate.ca };
    await earOver({ tls }, secure).open();
    await earOver({ tls, proxyFor: () => proxy.url }, secure).open();
    assert.deepEqual(proxy.targets, [`127.0.0.1:${secure.port}`]);
  });

  for (const through of ['directly', 'through a proxy']) {
    it(`trusts nobody else, and says so: ${through}`, async () => {
      const settings = through === 'directly' ? {} : { proxyFor: () => proxy.url };
      const { detail, refusal, final } = await earOver(settings, secure).end();
      assert.deepEqual([refusal?.code, refusal?.reason, final], ['CONNECTION_REFUSED', 'certificate', false]);
      assert.match(detail, /CERT|UNABLE_TO_/);
    });
  }

  it('tells a server that speaks no TLS from one that is not there', async () => {
    const socketUrl = simulator.socketUrl.replace('ws:', 'wss:');
    const { refusal } = await earOver({}, { socketUrl }).end();
    assert.deepEqual([refusal?.code, refusal?.reason], ['CONNECTION_REFUSED', 'address']);
  });

  it('a TLS setting that cannot be used is reported at once', async () => {
    const { refusal, detail } = await earOver(
      { tls: { ca: 'no certificate', key: 'no key', cert: 'x' } },
      secure,
    ).end();
    assert.deepEqual([refusal?.code, refusal?.reason], ['CONNECTION_REFUSED', 'certificate']);
    assert.match(detail, /^ERR_[A-Z0-9_]+$/);
  });

  it('a proxy URL that cannot be used is reported at once', async () => {
    const { detail, final } = await earOver({ proxyFor: () => 'no url' }, simulator).end();
    assert.deepEqual([detail, final], ['ERR_INVALID_URL', false]);
  });
});

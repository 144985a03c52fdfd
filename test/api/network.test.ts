import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { startSimulator, type Simulator } from '../../simulator';
import { ApiClient } from '../../src/api/client';
import { readLines, type Line } from '../../src/api/lines';
import { createNetwork, type NetworkSettings } from '../../src/api/network';
import { makeCertificate, type Certificate } from '../support/certificate';
import { startConnectProxy, type ConnectProxy } from '../support/connect-proxy';
import { codeOf, errorOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';

/** Reads the simulator's lines over a network with these settings, which is closed afterwards. */
async function linesOver(settings: NetworkSettings, { url, account }: Simulator): Promise<Line[]> {
  const network = createNetwork(settings);
  const api = new ApiClient({ apiUrl: url, network });
  try {
    await api.request({ method: 'GET', path: '/v1/tokens/check', token: account.accessToken });
    return await readLines(api, account.accessToken);
  } finally {
    await network.close();
  }
}

describe('the network under the REST client', () => {
  let simulator: Simulator;
  let secure: Simulator;
  let certificate: Certificate;
  let proxy: ConnectProxy;

  before(async () => {
    certificate = makeCertificate();
    const { key, cert } = certificate;
    [simulator, secure] = await Promise.all([startSimulator(), startSimulator({ tls: { key, cert } })]);
  });
  beforeEach(async () => {
    proxy = await startConnectProxy();
  });
  afterEach(() => proxy.close());
  after(() => Promise.all([simulator.close(), secure.close()]));

  it('asks the server itself where there is no proxy', async () => {
    for (const settings of [{}, { proxyFor: () => undefined }, { proxyFor: () => '' }]) {
      assert.equal((await linesOver(settings, simulator)).length, 5);
    }
    assert.deepEqual(proxy.targets, []);
  });

  it('sends every request through the proxy where there is one', async () => {
    const asked: string[] = [];
    const before = simulator.requests.length;
    const proxyFor = (url: string): string => {
      asked.push(url);
      return proxy.url;
    };
    assert.equal((await linesOver({ proxyFor }, simulator)).length, 5);
    assert.equal(simulator.requests.length - before, 2);
    assert.deepEqual([...new Set(proxy.targets)], [`127.0.0.1:${simulator.port}`]);
    assert.deepEqual(asked, [`${simulator.url}/v1/tokens/check`, `${simulator.url}/v1/licenses`]);
  });

  describe('when an answer is larger than any of ChatApp', () => {
    /** The code of the error with which a request for `send`'s answer ends, and how many bytes were sent by then. */
    async function codeFor(headers: OutgoingHttpHeaders, body: () => Iterable<Buffer>): Promise<[string, number]> {
      let sent = 0;
      const server = createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', ...headers });
        const counted = function* (): Iterable<Buffer> {
          for (const chunk of body()) {
            sent += chunk.length;
            yield chunk;
          }
        };
        pipeline(Readable.from(counted()), response).catch(() => undefined);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const network = createNetwork();
      // Its time does not pass: on a busy machine so much may take longer than the client waits.
      const api = new ApiClient({ apiUrl: `http://127.0.0.1:${port}`, network, clock: new FakeClock() });
      const code = await codeOf(api.request({ method: 'GET', path: '/v1/licenses' }));
      await network.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      return [code, sent];
    }
    const MB = 1024 * 1024;

    it('stops reading after 16 MB, and reports it', async () => {
      const endless = function* (): Iterable<Buffer> {
        for (;;) yield Buffer.alloc(MB, ' ');
      };
      const [code, sent] = await codeFor({}, endless);
      assert.equal(code, 'API_FAILED.tooLarge');
      assert.ok(sent < 32 * MB, `${sent} bytes were sent`);
    });

    it('counts what was unpacked', async () => {
      const bomb = gzipSync(Buffer.alloc(100 * MB, ' '));
      assert.equal((await codeFor({ 'content-encoding': 'gzip' }, () => [bomb]))[0], 'API_FAILED.tooLarge');
    });

    it('refuses what would fill the memory once it is parsed', async () => {
      const [code] = await codeFor({}, () => [Buffer.from(`[${'{},'.repeat(1_000_000)}{}]`)]);
      assert.equal(code, 'API_FAILED.tooLarge');
    });
  });

  it('tells the proxy who we are where its URL says so', async () => {
    const proxyFor = (): string => proxy.url.replace('//', '//anna:s%40cret@');
    await linesOver({ proxyFor }, simulator);
    assert.deepEqual([...new Set(proxy.authorisations)], [`Basic ${Buffer.from('anna:s@cret').toString('base64')}`]);
  });

  it('a proxy that refuses is no connection, and its password stays unsaid', async () => {
    const refusing = await startConnectProxy(407);
    const proxyFor = (): string => refusing.url.replace('//', '//anna:s%40cret@');
    const error = await errorOf(linesOver({ proxyFor }, simulator));
    assert.equal(`${error.code}.${error.reason}`, 'API_FAILED.unreachable');
    assert.doesNotMatch(error.message, /anna|cret/);
    await refusing.close();
  });

  it('a proxy URL that is none is no connection', async () => {
    assert.equal(await codeOf(linesOver({ proxyFor: () => 'not a url' }, simulator)), 'API_FAILED.unreachable');
  });

  it('trusts a CA that was chosen, also through a proxy', async () => {
    const tls = { ca: certificate.ca };
    assert.equal((await linesOver({ tls }, secure)).length, 5);
    assert.equal((await linesOver({ tls, proxyFor: () => proxy.url }, secure)).length, 5);
    assert.deepEqual([...new Set(proxy.targets)], [`127.0.0.1:${secure.port}`]);
  });

  it('takes the protocol of an address in capitals too', async () => {
    const url = secure.url.replace('https', 'HTTPS');
    const tls = { ca: certificate.ca };
    assert.equal((await linesOver({ tls }, { ...secure, url })).length, 5);
    assert.equal((await linesOver({ tls, proxyFor: () => proxy.url }, { ...secure, url })).length, 5);
  });

  it('trusts nobody else, and names the reason', async () => {
    for (const proxyFor of [undefined, () => proxy.url]) {
      const error = await errorOf(linesOver(proxyFor ? { proxyFor } : {}, secure));
      assert.equal(`${error.code}.${error.reason}`, 'API_FAILED.unreachable');
      assert.match(String(error.params.status), /CERT|UNABLE_TO_/);
    }
  });

  it('trusts any certificate only if that was chosen', async () => {
    assert.equal((await linesOver({ tls: { rejectUnauthorized: false } }, secure)).length, 5);
  });

  it('follows no redirection, so that a token never goes elsewhere', async () => {
    let elsewhere = 0;
    const server = createServer((request, response) => {
      if (request.url !== '/v1/tokens/check') elsewhere += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address);
    const network = createNetwork();
    const api = new ApiClient({ apiUrl: `http://127.0.0.1:${address.port}`, network });
    const request = api.request({ method: 'GET', path: '/v1/tokens/check', token: 'secret' });
    assert.match(await codeOf(request), /^API_FAILED/);
    assert.equal(elsewhere, 0);
    await network.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('ends running requests when it is closed', async () => {
    simulator.answerAuthWith('hang');
    const network = createNetwork();
    const api = new ApiClient({ apiUrl: simulator.url, network });
    const before = simulator.requestsTo('/broadcasting/auth').length;
    const code = codeOf(api.request({ method: 'POST', path: '/broadcasting/auth', form: {} }));
    await simulator.until(() => simulator.requestsTo('/broadcasting/auth').length > before);
    await network.close();
    assert.equal(await code, 'API_FAILED.unreachable');
    simulator.answerAuthWith(undefined);
  });
});

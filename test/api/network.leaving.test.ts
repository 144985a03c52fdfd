import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { createNetwork, type NetworkSettings } from '../../src/api/network';
import { makeCertificate } from '../support/certificate';
import { startConnectProxy } from '../support/connect-proxy';
import { WAIT_LIMIT } from '../support/wait-limit';

/** What became of a POST: whether it was said to leave, and its status, or `failed`. */
async function post(url: string, settings: NetworkSettings = {}, times = 1): Promise<string[]> {
  const network = createNetwork(settings);
  const outcomes: string[] = [];
  for (let count = 0; count < times; count += 1) {
    let left = 0;
    const request = { method: 'POST', headers: {}, body: 'hello', signal: AbortSignal.timeout(WAIT_LIMIT) };
    const outcome = await network
      .fetch(url, { ...request, onLeave: () => (left += 1) })
      .then(async (answer) => {
        await answer.text();
        return String(answer.status);
      })
      .catch(() => 'failed');
    outcomes.push(`${left === 0 ? 'stayed' : left === 1 ? 'left' : `left ${left} times`}, ${outcome}`);
  }
  await network.close();
  return outcomes;
}

describe('a request is said to leave', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const portOf = async (server: Server | TcpServer): Promise<number> => {
    server.listen(0, '127.0.0.1');
    ends.push(() => server.close());
    await once(server, 'listening');
    const address: AddressInfo | string | null = server.address();
    assert.ok(typeof address === 'object' && address);
    return address.port;
  };

  it('once, where it arrives: over a new connection and over one that was kept', async () => {
    const bodies: string[] = [];
    let sockets = 0;
    const server = createServer((request, response) => {
      request.on('data', (data: Buffer) => bodies.push(data.toString()));
      request.on('end', () => response.end('{}'));
    }).on('connection', () => (sockets += 1));
    const url = `http://127.0.0.1:${await portOf(server)}`;
    assert.deepEqual(await post(url, {}, 3), ['left, 200', 'left, 200', 'left, 200']);
    assert.deepEqual(bodies, ['hello', 'hello', 'hello']);
    assert.equal(sockets, 1);
  });

  it('once, over TLS, directly and through a proxy, over new connections and kept ones', async () => {
    const { ca, key, cert } = makeCertificate();
    const server = createSecureServer({ key, cert }, (_request, response) => response.end('{}'));
    const url = `https://127.0.0.1:${await portOf(server)}`;
    assert.deepEqual(await post(url, { tls: { ca } }, 3), ['left, 200', 'left, 200', 'left, 200']);
    const proxy = await startConnectProxy();
    ends.push(() => proxy.close());
    const proxied = { tls: { ca }, proxyFor: () => proxy.url };
    assert.deepEqual(await post(url, proxied, 2), ['left, 200', 'left, 200']);
    assert.ok(proxy.targets.length > 0);
  });

  it('once, through a proxy without TLS', async () => {
    const server = createServer((_request, response) => response.end('{}'));
    const url = `http://127.0.0.1:${await portOf(server)}`;
    const proxy = await startConnectProxy();
    ends.push(() => proxy.close());
    assert.deepEqual(await post(url, { proxyFor: () => proxy.url }, 2), ['left, 200', 'left, 200']);
  });

  it('where the server ends the connection after it', async () => {
    const server = createServer((request) => request.socket.destroy());
    assert.deepEqual(await post(`http://127.0.0.1:${await portOf(server)}`), ['left, failed']);
  });

  it('not where nobody listens, nor where there is no such host', async () => {
    const server = createTcpServer();
    const port = await portOf(server);
    server.close();
    await once(server, 'close');
    assert.deepEqual(await post(`http://127.0.0.1:${port}`), ['stayed, failed']);
    assert.deepEqual(await post('http://no-such-host.invalid'), ['stayed, failed']);
  });

  it('not where the certificate is not trusted, nor where the handshake fails', async () => {
    const { key, cert } = makeCertificate();
    const server = createSecureServer({ key, cert }, () => assert.fail('nothing must arrive'));
    assert.deepEqual(await post(`https://127.0.0.1:${await portOf(server)}`), ['stayed, failed']);
    const mute = createTcpServer((socket) => socket.on('data', () => socket.destroy()));
    assert.deepEqual(await post(`https://127.0.0.1:${await portOf(mute)}`), ['stayed, failed']);
  });

  it('not where a proxy refuses, or is not there', async () => {
    const server = createServer(() => assert.fail('nothing must arrive'));
    const url = `http://127.0.0.1:${await portOf(server)}`;
    const proxy = await startConnectProxy(403);
    ends.push(() => proxy.close());
    assert.deepEqual(await post(url, { proxyFor: () => proxy.url }), ['stayed, failed']);
    assert.deepEqual(await post(url, { proxyFor: () => 'http://127.0.0.1:9' }), ['stayed, failed']);
  });
});

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import Pusher from 'pusher';
import { createConnection, type Connection } from '../../src';
import { CATALOGUE, channelName, SAMPLES, sampleEnvelope, type ChannelAddress } from '../../src/events';
import { ListenerSpy } from '../support/listener-spy';
import { type Soketi, startSoketi } from './start';

const INSTALL_TIMEOUT = 300_000;
const ADDRESSES: readonly ChannelAddress[] = [
  { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
  { type: 'company', companyId: '3001' },
  { type: 'user', userId: '7001' },
  { type: 'employee', companyId: '3001', userId: '7001' },
];
const isWanted = process.env.SOKETI === '1';
const title = 'our client on soketi, a server that nobody here wrote,';

(isWanted ? describe : describe.skip)(isWanted ? title : `${title} (skipped: it runs with SOKETI=1 only)`, () => {
  let soketi: Soketi;
  let pusher: Pusher;
  let api: Server;
  let connection: Connection;

  before(async function () {
    this.timeout(INSTALL_TIMEOUT);
    soketi = await startSoketi();
    const { hostname, port } = new URL(soketi.url);
    const { appId, appKey: key, secret } = soketi;
    pusher = new Pusher({ appId, key, secret, host: hostname, port, useTLS: false });
    api = createServer((request, response) => void authorise(request, response));
    await once(api.listen(0, '127.0.0.1'), 'listening');
  });
  after(async () => {
    api.close();
    api.closeAllConnections();
    await soketi.stop();
  });

  /** The part of ChatApp's API that a socket needs; the channels that are not ours are signed wrongly. */
  async function authorise(request: AsyncIterable<Buffer>, response: { end(text: string): void }): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const channel = form.get('channel_name') ?? '';
    const { auth } = pusher.authorizeChannel(form.get('socket_id') ?? '', channel);
    response.end(JSON.stringify({ auth: channel.includes('99999') ? `${auth.slice(0, -4)}0000` : auth }));
  }

  beforeEach(() => {
    const address = api.address();
    assert.ok(address !== null && typeof address === 'object');
    connection = createConnection({
      credentials: { kind: 'token', accessToken: 'token' },
      apiUrl: `http://127.0.0.1:${address.port}`,
      socketUrl: soketi.socketUrl,
      appKey: soketi.appKey,
      recoverHours: 0,
      onError: (error) => assert.fail(error),
    });
  });
  afterEach(() => connection.close());

  it('gets every sample of every event on every type of channel, in each form of the wire', async () => {
    for (const address of ADDRESSES) {
      const spy = new ListenerSpy(address);
      connection.listen(spy);
      await spy.until(({ status }) => status?.kind === 'listening');
      const wanted: unknown[] = [];
      for (const { name } of CATALOGUE.filter(({ channels }) => channels.some((type) => type === address.type))) {
        const { meta } = sampleEnvelope(name, address);
        for (const [index, item] of SAMPLES[name].entries()) {
          const envelope = { data: [item], meta };
          const wrapped = { queue: 'q', payload: envelope };
          // The library of the server makes JSON of what is no text.
          const data = [JSON.stringify(wrapped), envelope, wrapped][index % 3];
          await pusher.trigger(channelName(address), name, data);
          wanted.push(item);
        }
      }
      await spy.until(({ items }) => items.length >= wanted.length);
      assert.deepEqual(spy.items, wanted);
    }
  }).timeout(30_000);

  it('shows a channel as refused whose signature the server does not accept', async () => {
    const spy = new ListenerSpy({ type: 'company', companyId: '99999' });
    connection.listen(spy);
    await spy.until(({ status }) => status?.kind === 'refused');
    assert.deepEqual(spy.codes, ['CHANNEL_REFUSED.signature']);
  });
});

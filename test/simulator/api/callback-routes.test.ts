import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Simulator, startSimulator } from '../../../simulator';
import { ask } from '../api-client';

const TELEGRAM = '/v1/licenses/50101/messengers/telegram/callbackUrl';

describe('the webhook addresses of the simulator', () => {
  let simulator: Simulator;
  let receiver: Server;
  let url: string;
  const probes: string[] = [];

  before(async () => {
    simulator = await startSimulator();
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (text: Buffer) => (body += text.toString()));
      request.on('end', () => {
        probes.push(`${request.method ?? ''} ${body.length}`);
        response.writeHead(Number(request.url?.slice(1)) || 200).end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const address = receiver.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  });
  after(async () => {
    await simulator.close();
    receiver.close();
  });

  it('are probed with an empty POST, kept, listed, replaced and removed', async () => {
    const put = { events: ['message'], url: `${url}/200` };
    assert.equal((await ask(simulator, `PUT ${TELEGRAM}`, { body: put })).status, 200);
    assert.deepEqual(probes, ['POST 0']);
    const kept = { licenseId: 50101, messengerType: 'telegram', ...put };
    assert.deepEqual((await ask(simulator, 'GET /v1/callbackUrls')).data, [kept]);
    const other = { events: ['message', 'messageStatus'], url: `${url}/204` };
    assert.equal((await ask(simulator, `PUT ${TELEGRAM}`, { body: other })).status, 200);
    assert.deepEqual((await ask(simulator, 'GET /v1/callbackUrls')).data, [{ ...kept, ...other }]);
    assert.equal((await ask(simulator, `DELETE ${TELEGRAM}`)).status, 200);
    assert.deepEqual((await ask(simulator, 'GET /v1/callbackUrls')).data, []);
  });

  it('are refused where the probe gets no 2xx, or the request is incomplete', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await once(unused, 'listening');
    const address = unused.address();
    const closedPort = typeof address === 'object' && address ? address.port : 0;
    await once(unused.close(), 'close');
    const wrong = [
      { events: ['message'], url: `${url}/400` },
      { events: ['message'], url: `${url}/302` },
      { events: ['message'], url: `http://127.0.0.1:${closedPort}/` },
      { events: ['message'], url: 'no url' },
      { events: [], url: `${url}/200` },
      { url: `${url}/200` },
    ];
    for (const body of wrong) {
      assert.equal((await ask(simulator, `PUT ${TELEGRAM}`, { body })).status, 422, JSON.stringify(body));
    }
    assert.deepEqual((await ask(simulator, 'GET /v1/callbackUrls')).data, []);
  });

  it('are refused with the name of an event that is not offered', async () => {
    const particular = await startSimulator({ callbacks: { events: ['message', 'messageStatus'] } });
    const put = (...events: string[]): ReturnType<typeof ask> =>
      ask(particular, `PUT ${TELEGRAM}`, { body: { events, url: `${url}/200` } });
    const refused = await put('message', 'chatTag');
    assert.deepEqual([refused.status, refused.code], [422, 'ApiValidationError']);
    assert.match(JSON.stringify(refused.body), /events\.1 is invalid/);
    assert.deepEqual(particular.callbacks.list, []);
    assert.equal((await put('message', 'messageStatus')).status, 200);
    await particular.close();
  });

  it('are refused outside this machine, so that nothing leaves it', async () => {
    for (const address of ['https://example.com/', 'http://127.0.0.1.example.com/', 'file:///etc/hosts']) {
      const { status, body } = await ask(simulator, `PUT ${TELEGRAM}`, { body: { events: ['message'], url: address } });
      assert.equal(status, 422);
      assert.match(JSON.stringify(body), /no address outside this machine/);
    }
  });
});

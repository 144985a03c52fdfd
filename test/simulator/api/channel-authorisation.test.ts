import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { type ApiAnswer, ask } from '../api-client';
import { pusherFor } from '../protocol-client';

const SOCKET = '123.456';
const MESSENGER = 'private-v1.licenses.50101.messengers.telegram';

describe('the channel authorisation of the simulator', () => {
  let simulator: Simulator;

  const authorise = (channel: string, token?: string): Promise<ApiAnswer> =>
    ask(simulator, 'POST /broadcasting/auth', {
      ...(token === undefined ? {} : { token }),
      body: new URLSearchParams({ socket_id: SOCKET, channel_name: channel }),
    });

  beforeEach(async () => {
    simulator = await startSimulator();
  });
  afterEach(() => simulator.close());

  it('signs each of the four kinds of channel as the stock server library does', async () => {
    const pusher = pusherFor({ ...simulator, dataLimit: 0 });
    const channels = [
      MESSENGER,
      'private-v1.companies.3001',
      'private-v1.users.7001',
      'private-v1.companies.3001.users.7002',
    ];
    for (const channel of channels) {
      const { status, body } = await authorise(channel);
      assert.deepEqual([status, body], [200, pusher.authorizeChannel(SOCKET, channel)]);
    }
  });

  it('refuses what the account may not read', async () => {
    const channels = [
      'private-v1.licenses.1.messengers.telegram',
      'private-v1.licenses.50101.messengers.instagram',
      'private-v1.companies.1',
      'private-v1.users.7002',
      'private-v1.companies.3001.users.1',
      'private-v1.companies.1.users.7001',
      'private-anything',
      `${MESSENGER}.more`,
      '',
    ];
    for (const channel of channels) {
      const { status, body } = await authorise(channel);
      assert.deepEqual([status, body], [403, { message: 'This action is unauthorized.' }], channel);
    }
  });

  it('follows the account: lines come and go', async () => {
    const { licenseId } = simulator.account.addLine({ messengers: ['avito'] });
    const channel = `private-v1.licenses.${licenseId}.messengers.avito`;
    assert.equal((await authorise(channel)).status, 200);
    assert.equal(simulator.account.removeLine(licenseId), true);
    assert.equal((await authorise(channel)).status, 403);
  });

  it('refuses a dead token as the API does', async () => {
    const { status, code } = await authorise(MESSENGER, 'dead');
    assert.deepEqual([status, code], [403, 'ApiInvalidTokenError']);
  });

  it('refuses a socket id that is none', async () => {
    const body = new URLSearchParams({ socket_id: `${SOCKET}:private-v1.users.1`, channel_name: MESSENGER });
    assert.equal((await ask(simulator, 'POST /broadcasting/auth', { body })).status, 403);
  });

  it('notes which socket asked for which channel', async () => {
    await authorise(MESSENGER);
    const [request] = simulator.requestsTo('/broadcasting/auth');
    assert.deepEqual([request?.socketId, request?.channel, request?.status], [SOCKET, MESSENGER, 200]);
  });

  it('gives the answer that a test has set, until that is ended', async () => {
    simulator.answerAuthWith({ status: 429, body: 'slow down', headers: { 'retry-after': '7' } });
    const limited = await authorise(MESSENGER);
    assert.deepEqual([limited.status, limited.body, limited.headers.get('retry-after')], [429, 'slow down', '7']);
    simulator.answerAuthWith({ status: 200, body: null });
    assert.equal((await authorise(MESSENGER)).body, 'null');
    simulator.answerAuthWith({ status: 500, body: '<html>Server Error</html>' });
    assert.equal((await authorise(MESSENGER)).headers.get('content-type'), 'text/html');
    simulator.answerAuthWith(undefined);
    assert.equal((await authorise(MESSENGER)).status, 200);
  });

  it('can be slow: the answer is the normal one, but not before its time', async () => {
    simulator.answerAuthWith({ delayMs: 80 });
    const asked = performance.now();
    const { status, body } = await authorise(MESSENGER);
    assert.equal(status, 200);
    assert.ok(isRecord(body) && typeof body.auth === 'string');
    assert.ok(performance.now() - asked >= 75);
  });

  it('can leave a request without an answer for ever', async () => {
    simulator.answerAuthWith('hang');
    let isAnswered = false;
    const answer = authorise(MESSENGER).then(
      () => (isAnswered = true),
      () => 'ended with the simulator',
    );
    await simulator.until((it) => it.requestsTo('/broadcasting/auth').length === 1);
    // Another request is answered meanwhile.
    assert.equal((await ask(simulator, 'GET /v1/licenses')).status, 200);
    assert.deepEqual([isAnswered, simulator.requestsTo('/broadcasting/auth')[0]?.status], [false, 0]);
    await simulator.close();
    assert.equal(await answer, 'ended with the simulator');
  });
});

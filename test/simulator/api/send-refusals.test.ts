import assert from 'node:assert/strict';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator';
import { ask, type ApiAnswer } from '../api-client';

const CLOUD = { licenseId: 50102, messengerType: 'caWhatsApp' };
const CHAT = '/v1/licenses/50102/messengers/caWhatsApp/chats/77000000001/messages';
const WEB_CHAT = '/v1/licenses/50101/messengers/grWhatsApp/chats/77000000001/messages';
const START = 1_790_000_000_000;
const DAY = 24 * 60 * 60 * 1000;

describe('the simulator refuses to send', () => {
  let simulator: Simulator;
  let now = START;

  const start = async (options: SimulatorOptions = {}): Promise<void> => {
    now = START;
    simulator = await startSimulator({ now: () => now, accessTokenLifetime: 2 * DAY, ...options });
  };
  const send = (path: string, body: unknown): Promise<ApiAnswer> => ask(simulator, `POST ${path}`, { body });
  const codes = async (...answers: readonly Promise<ApiAnswer>[]): Promise<unknown[]> =>
    (await Promise.all(answers)).map(({ status, code }) => (status === 200 ? 200 : `${status} ${String(code)}`));
  const CLOSED = '422 ApiConversationWindowClosedError';
  afterEach(() => simulator.close());

  it('a text of more than 4,096 characters, whatever they are', async () => {
    await start();
    const answers = [
      send(`${WEB_CHAT}/text`, { text: '🌷'.repeat(4096) }),
      send(`${WEB_CHAT}/text`, { text: 'x'.repeat(4097) }),
    ];
    assert.deepEqual(await codes(...answers), [200, '422 ApiValidationError']);
  });

  it('anything but a template on WhatsApp Cloud API, where the customer has not written for 24 hours', async () => {
    await start();
    const file = { file: 'https://example.com/a.png', fileName: 'a.png' };
    const template = { template: { id: 'welcome' } };
    const all = (): Promise<unknown[]> =>
      codes(send(`${CHAT}/text`, { text: 'x' }), send(`${CHAT}/file`, file), send(`${CHAT}/template`, template));
    assert.deepEqual(await all(), [CLOSED, CLOSED, 200]);
    simulator.message({ ...CLOUD, text: 'What we wrote opens no window', side: 'out' });
    assert.deepEqual(await all(), [CLOSED, CLOSED, 200]);
    simulator.message({ ...CLOUD, text: 'hello' });
    assert.deepEqual(await all(), [200, 200, 200]);
    now += DAY - 1;
    assert.deepEqual(await all(), [200, 200, 200]);
    now += 1;
    assert.deepEqual(await all(), [CLOSED, CLOSED, 200]);
  });

  it('a template that the account does not have, if the account has a list of templates', async () => {
    await start({ account: { templates: ['welcome'] } });
    const template = (id: string): Promise<ApiAnswer> => send(`${WEB_CHAT}/template`, { template: { id } });
    assert.deepEqual(await codes(template('welcome'), template('other')), [200, '422 ApiTemplateNotFoundError']);
    simulator.account.templates = undefined;
    assert.deepEqual(await codes(template('other')), [200]);
  });
});

import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { connectionTo, type FlowNode } from '../support/node-red-child';

const LIST = '#chatapp-callbacks-list';
const LINE = { licenseId: 50101, messengerType: 'telegram' };
const OTHER = { ...LINE, events: ['message'], url: 'https://hooks.crm.example/chatapp?key=very-secret' };
const READ_ONLY = { type: 'credentials', users: [], default: { permissions: 'read' } };

const LISTENER: FlowNode = {
  ...{ id: 'listener', type: 'chatapp-messenger', z: 'tab', x: 300, y: 100, wires: [[]] },
  ...{ connection: 'simulator', licenseId: '50101', messengerType: '', events: ['message'], outputs: 1 },
};

/** Where the editor, and what flows serve, lie in Node-RED; and Node-RED behind a path of a reverse proxy. */
const PLACE = { root: '/admin', settings: { httpNodeRoot: '/flows' }, behind: '/automation' };

describeEditor('the webhooks of a deployed connection, behind a path of a reverse proxy,', PLACE, (harness) => {
  const row = (state: string, messenger: string): string =>
    `${LIST} > li[data-state="${state}"][data-messenger="${messenger}"]`;

  before(async () => {
    const { simulator, proxy } = harness();
    simulator.callbacks.plant(OTHER);
    const connection = { ...connectionTo(simulator, 'simulator'), receive: 'both', webhookUrl: proxy?.url };
    await harness().deploy([{ id: 'tab', type: 'tab', label: 'Flow' }, connection, LISTENER]);
  });
  beforeEach(() => harness().editConnection('simulator'));
  afterEach(() => harness().closeDialogs());

  it("are set, where they are not another integration's", async () => {
    const { page, simulator } = harness();
    await page.locator(row('set', 'grWhatsApp'), { hasText: 'Flower shop' }).waitFor();
    const words = await page.innerText(row('taken', 'telegram'));
    assert.match(words, /Flower shop · Telegram belongs to hooks\.crm\.example/);
    assert.deepEqual(
      simulator.callbacks.list.find(({ messengerType }) => messengerType === 'telegram'),
      OTHER,
    );
    await harness().screenshot('callbacks-deployed');
  });

  it('begin as the dialog says, and nothing in the page has more of any address', async () => {
    const { page, simulator } = harness();
    await page.locator(row('set', 'grWhatsApp')).waitFor();
    const reported = await page.innerText('#chatapp-callback-address');
    const begin = /^ChatApp will call (\S+)…$/.exec(reported)?.[1] ?? assert.fail(reported);
    const ours = simulator.callbacks.list.find(({ messengerType }) => messengerType === 'grWhatsApp');
    const url = ours?.url ?? assert.fail('ChatApp has got no address');
    assert.ok(url.startsWith(begin), `${url} does not begin with ${begin}`);
    const secret = url.split('/').at(-3) ?? '';
    assert.equal(secret.length, 43);
    const shown =
      (await page.content()) + String(await harness().ask('JSON.stringify(RED.nodes.createCompleteNodeSet())'));
    for (const word of [secret, 'very-secret']) assert.ok(!shown.includes(word), word);
  });

  it('of another integration are replaced after a yes, and all requests go to where the editor is', async () => {
    const { page, simulator, proxy } = harness();
    await page.click(`${row('taken', 'telegram')} button`);
    assert.match(
      await page.innerText('.chatapp-question'),
      /Flower shop · Telegram\? It belongs to hooks\.crm\.example/,
    );
    assert.equal(simulator.callbacks.list.find(({ messengerType }) => messengerType === 'telegram')?.url, OTHER.url);
    await page.getByText('Replace it', { exact: true }).click();
    await page.locator(row('set', 'telegram')).waitFor();
    const set = simulator.callbacks.list.find(({ messengerType }) => messengerType === 'telegram');
    assert.ok(set?.url.startsWith(`${proxy?.url}/flows/chatapp/callback/simulator/`), set?.url);
    assert.deepEqual(
      proxy?.strays.filter((asked) => asked.includes('chatapp')),
      [],
    );
  });

  it('that ChatApp does not take say why, and what to do; and when it does, they are shown as set', async () => {
    const { page, simulator, proxy } = harness();
    await harness().closeDialogs();
    const refusal = { success: false, error: { code: 'ApiValidationError', message: 'no 2xx' } };
    simulator.faults.answerWith('callbackUrl', { status: 422, body: refusal });
    await harness().deploy([
      { id: 'tab', type: 'tab', label: 'Flow' },
      { ...connectionTo(simulator, 'simulator'), receive: 'webhook', webhookUrl: `${proxy?.url}/` },
      { ...LISTENER, licenseId: '50102' },
    ]);
    await harness().editConnection('simulator');
    const failed = page.locator(`${LIST} > li[data-state="failed"]`).first();
    await failed.waitFor();
    assert.match(await failed.innerText(), /Check that it can reach 127\.0\.0\.1/);
    await harness().screenshot('callbacks-failed');
    simulator.faults.answerWith('callbackUrl', undefined);
    await failed.waitFor({ state: 'detached' });
    assert.match(await page.innerText('#chatapp-callbacks-note'), /^Set: (\d+) of \1$/);
  });

  it('are removed at ChatApp when the connection is deployed with the socket again', async () => {
    const { simulator } = harness();
    await harness().closeDialogs();
    assert.notDeepEqual(simulator.callbacks.list, []);
    await harness().deploy([
      { id: 'tab', type: 'tab', label: 'Flow' },
      { ...connectionTo(simulator, 'simulator'), receive: 'socket', webhookUrl: '' },
      LISTENER,
    ]);
    await simulator.until(({ callbacks }) => callbacks.list.length === 0);
    await harness().editConnection('simulator');
  });
});

describeEditor(
  'the webhooks of a deployed connection for someone who may only read',
  {
    settings: { adminAuth: READ_ONLY },
    flow: (simulator) => {
      simulator.callbacks.plant(OTHER);
      const connection = connectionTo(simulator, 'simulator');
      // Nothing of it is ever called: the line belongs to somebody else.
      const called = { ...connection, receive: 'both', webhookUrl: 'https://flows.example' };
      return [{ id: 'tab', type: 'tab', label: 'Flow' }, called, { ...LISTENER, messengerType: 'telegram' }];
    },
  },
  (harness) => {
    it('are shown, and stay as they are', async () => {
      const { page, simulator } = harness();
      await harness().open();
      await harness().editConnection('simulator');
      await page.locator(`${LIST} > li[data-state="taken"] button`).click();
      await page.locator(`${LIST} .chatapp-problem`, { hasText: 'but not replace webhooks' }).waitFor();
      const body = JSON.stringify({ licenseId: '50101', messengerType: 'telegram' });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${harness().url}chatapp/callbacks/simulator/replace`, {
        method: 'POST',
        headers,
        body,
      });
      assert.equal(answer.status, 401);
      assert.deepEqual(simulator.callbacks.list, [OTHER]);
    });
  },
);

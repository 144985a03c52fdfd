import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const FIELD = '#node-config-input-';
const API = 'Not encrypted: logins and tokens go to api.example in plain text. Use https:';
const SOCKET = 'Not encrypted: events come from socket.example:6001 in plain text. Use wss:';
const NATS = 'NATS without a login: anyone who reaches it can read and forge events';
const NATS_LOGIN = 'Not encrypted: the NATS login goes to nats-1:4222 in plain text. Use tls:// or fill in “NATS TLS”';
const WEBHOOK = "Not encrypted: ChatApp sends your customers' messages to flows.example in plain text. Use https:";
const ADMIN = 'Node-RED has no login (adminAuth): anyone who can open the editor can use this account';

describeEditor('the warnings in the dialog of a connection', {}, (harness) => {
  before(() => harness().deploy([TAB, connectionTo(harness().simulator, 'simulator')]));
  beforeEach(() => open());
  afterEach(() => harness().closeDialogs());

  const warnings = (): Promise<string[]> => harness().page.locator('#chatapp-warnings > div').allInnerTexts();

  async function open(): Promise<void> {
    await harness().editConnection('simulator');
    await harness().ask("document.querySelectorAll('.chatapp-form details').forEach((one) => { one.open = true; })");
  }

  it('name an editor without a login, and nothing else if all addresses are on this machine', async () => {
    assert.deepEqual(await warnings(), [ADMIN]);
  });

  it('appear while an address without encryption is typed, and go with it', async () => {
    const { page } = harness();
    await page.fill(`${FIELD}apiUrl`, 'http://api.example');
    assert.deepEqual(await warnings(), [API, ADMIN]);
    await page.fill(`${FIELD}socketUrl`, 'ws://socket.example:6001');
    assert.deepEqual(await warnings(), [API, SOCKET, ADMIN]);
    await page.fill(`${FIELD}apiUrl`, 'https://api.example');
    assert.deepEqual(await warnings(), [SOCKET, ADMIN]);
    await page.fill(`${FIELD}socketUrl`, 'ws://localhost:6001');
    assert.deepEqual(await warnings(), [ADMIN]);
  });

  it('appear if ChatApp is to call an address without encryption, as long as webhooks are chosen', async () => {
    const { page } = harness();
    await page.selectOption(`${FIELD}receive`, 'both');
    await page.fill(`${FIELD}webhookUrl`, 'http://flows.example');
    assert.deepEqual(await warnings(), [WEBHOOK, ADMIN]);
    await page.selectOption(`${FIELD}receive`, 'socket');
    assert.deepEqual(await warnings(), [ADMIN]);
  });

  it('appear if NATS servers have no login, until one is chosen or the servers are removed', async () => {
    const { page } = harness();
    await page.fill(`${FIELD}cluster`, 'nats://nats-1:4222');
    assert.deepEqual(await warnings(), [NATS, ADMIN]);
    await page.selectOption(`${FIELD}clusterAuth`, 'token');
    assert.deepEqual(await warnings(), [NATS_LOGIN, ADMIN]);
    await page.fill(`${FIELD}cluster`, 'tls://nats-1:4222');
    assert.deepEqual(await warnings(), [ADMIN]);
    await page.selectOption(`${FIELD}clusterAuth`, 'none');
    assert.deepEqual(await warnings(), [NATS, ADMIN]);
    await page.fill(`${FIELD}cluster`, '');
    assert.deepEqual(await warnings(), [ADMIN]);
  });

  it('do not make the dialog wider', async () => {
    const { page } = harness();
    const widthOf = async (): Promise<number | undefined> =>
      (await page.locator('.red-ui-tray').last().boundingBox())?.width;
    const width = await widthOf();
    await harness().closeDialogs();
    await page.addStyleTag({ content: '#chatapp-warnings { display: none }' });
    await harness().editConnection('simulator');
    assert.equal(await widthOf(), width);
    await harness().closeDialogs();
    // Without the style.
    await harness().open();
  });

  it('fit into the dialog, also in a narrow one, whatever the host is', async () => {
    const { page } = harness();
    const host = `${'long-'.repeat(30)}name.example`;
    await page.fill(`${FIELD}apiUrl`, `http://${host}`);
    await page.fill(`${FIELD}socketUrl`, 'ws://socket.example:6001');
    await page.fill(`${FIELD}cluster`, 'nats://nats-1:4222');
    await page.locator('#chatapp-warnings').scrollIntoViewIfNeeded();
    await harness().screenshot('warnings');
    for (const width of [undefined, 500]) {
      if (width !== undefined) {
        await harness().ask(`$('.red-ui-tray').last().width(${width})`);
        await page.locator('#chatapp-warnings').scrollIntoViewIfNeeded();
        await harness().screenshot('warnings-narrow');
      }
      const [inner, outer] = await Promise.all(
        ['#chatapp-warnings', '.chatapp-form'].map((selector) => page.locator(selector).boundingBox()),
      );
      assert.ok(inner && outer);
      assert.ok(inner.x + inner.width <= outer.x + outer.width + 1, `${inner.width} in ${outer.width}`);
      assert.equal(
        await harness().ask(
          "(() => { const it = document.getElementById('chatapp-warnings'); return it.scrollWidth <= it.clientWidth; })()",
        ),
        true,
      );
    }
  });
});

const USERS = { adminAuth: { type: 'credentials', users: [], default: { permissions: '*' } } };

describeEditor(
  'the warnings in the editor of a Node-RED with adminAuth',
  { settings: USERS, flow: (simulator) => [TAB, connectionTo(simulator, 'simulator')] },
  (harness) => {
    it('do not ask for a login', async () => {
      await harness().open();
      await harness().editConnection('simulator');
      assert.deepEqual(await harness().page.locator('#chatapp-warnings > div').allInnerTexts(), []);
      await harness().closeDialogs();
    });
  },
);

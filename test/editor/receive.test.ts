import assert from 'node:assert/strict';
import { parseJson } from '../../src/events/json';
import { CallbackAnswers } from '../support/callback-answers';
import { describeEditor } from '../support/editor-harness';
import { at } from '../support/flow';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const RECEIVE = '#node-config-input-receive';
const URL_FIELD = '#node-config-input-webhookUrl';
const ADDRESS = '#chatapp-callback-address';

describeEditor('how a connection receives, in a browser,', { settings: { httpNodeRoot: '/red' } }, (harness) => {
  before(async () => {
    await new CallbackAnswers().open(harness().page);
    const old = connectionTo(harness().simulator, 'old');
    const other = { ...connectionTo(harness().simulator, 'other'), receive: 'socket', webhookUrl: '' };
    const odd = { ...connectionTo(harness().simulator, 'odd'), receive: '${RECEIVE}', webhookUrl: '' };
    await harness().deploy([TAB, old, other, odd]);
  });
  afterEach(() => harness().closeDialogs());

  const isShown = (selector: string): Promise<boolean> => harness().page.locator(selector).isVisible();
  const isMarked = async (): Promise<boolean> => (await harness().page.locator(`${URL_FIELD}.input-error`).count()) > 0;
  async function type(url: string): Promise<void> {
    await harness().page.fill(URL_FIELD, url);
    await harness().page.press(URL_FIELD, 'Tab');
  }

  it('a flow from before stays valid, receives by the socket, and shows nothing of webhooks', async () => {
    assert.equal(await harness().ask("RED.nodes.node('old').valid"), true);
    await harness().editConnection('old');
    assert.equal(await harness().page.inputValue(RECEIVE), 'socket');
    for (const part of [URL_FIELD, ADDRESS, '#chatapp-callbacks-note', '#chatapp-callbacks-refresh']) {
      assert.equal(await isShown(part), false, part);
    }
    await harness().done();
    assert.equal(await harness().ask("RED.nodes.node('old').valid"), true);
    const { receive, webhookUrl } = await harness().exported('old');
    assert.deepEqual([receive, webhookUrl], ['socket', '']);
  });

  for (const [choice, tip] of [
    ['both', 'each is delivered once'],
    ['webhook', 'port 6001 is closed'],
  ] as const) {
    it(`with ${choice}, shows the address and the callbacks, and says what that means`, async () => {
      await harness().editConnection('other');
      await harness().page.selectOption(RECEIVE, choice);
      for (const part of [URL_FIELD, ADDRESS, '#chatapp-callbacks-note', '#chatapp-callbacks-refresh']) {
        assert.equal(await isShown(part), true, part);
      }
      assert.ok((await harness().page.innerText('#chatapp-receive-tip')).includes(tip));
      await harness().page.selectOption(RECEIVE, 'socket');
      assert.equal(await isShown(URL_FIELD), false);
      assert.equal(await harness().page.innerText('#chatapp-receive-tip'), '');
    });
  }

  it('requires an address as soon as there are webhooks, and none without them', async () => {
    await harness().editConnection('other');
    assert.equal(await isMarked(), false);
    await harness().page.selectOption(RECEIVE, 'webhook');
    assert.equal(await isMarked(), true);
    await harness().hover(URL_FIELD);
    await harness().page.locator('.red-ui-popover', { hasText: 'Missing: Public URL' }).waitFor();
    await harness().screenshot('receive-missing');
    await harness().page.selectOption(RECEIVE, 'socket');
    assert.equal(await isMarked(), false);
    await harness().page.selectOption(RECEIVE, 'both');
    await harness().done();
    const reported = String(await harness().ask("RED.nodes.node('other').validationErrors.join('\\n')"));
    assert.ok(reported.includes('Missing: Public URL'), reported);
    await harness().editConnection('other');
    await type('https://flows.example.com');
    await harness().done();
    assert.equal(await harness().ask("RED.nodes.node('other').valid"), true);
  });

  it('marks an address that ChatApp could not call, and says why', async () => {
    await harness().editConnection('other');
    await harness().page.selectOption(RECEIVE, 'both');
    const wrong = ['flows.example.com', 'ftp://a.example', 'https://', 'https://a b', 'https://a.example?x=1'];
    for (const url of [...wrong, 'https://a.example/#x', 'https://me:secret@a.example']) {
      await type(url);
      assert.equal(await isMarked(), true, url);
      assert.match(await harness().page.innerText(ADDRESS), /^The address at which ChatApp reaches this Node-RED/, url);
    }
    await harness().hover(URL_FIELD);
    await harness()
      .page.locator('.red-ui-popover', { hasText: 'an address that starts with https:// or http://' })
      .waitFor();
    for (const url of ['https://a.example', 'http://10.0.0.7:1880', 'https://a.example/some/where/', '${PUBLIC_URL}']) {
      await type(url);
      assert.equal(await isMarked(), false, url);
    }
  });

  it('shows how the addresses begin that ChatApp will call, under the path of this Node-RED', async () => {
    await harness().editConnection('other');
    await harness().page.selectOption(RECEIVE, 'both');
    for (const [typed, begin] of [
      ['https://a.example', 'https://a.example/red/chatapp/callback/…'],
      ['  https://a.example/automation/ ', 'https://a.example/automation/red/chatapp/callback/…'],
      ['${PUBLIC_URL}', '${PUBLIC_URL}/red/chatapp/callback/…'],
    ] as const) {
      await type(typed);
      assert.equal(await harness().page.innerText(ADDRESS), `ChatApp will call ${begin}`);
    }
    assert.equal(await harness().page.inputValue(URL_FIELD), '${PUBLIC_URL}');
  });

  it('keeps what was filled in, and is the same when it is opened again', async () => {
    await harness().editConnection();
    await harness().page.fill('#node-config-input-name', 'Called');
    await harness().page.selectOption(RECEIVE, 'webhook');
    await type('https://flows.example.com/');
    await harness().done();
    const id = await harness().connectionCalled('Called');
    const saved = await harness().exported(id);
    assert.deepEqual([saved.receive, saved.webhookUrl], ['webhook', 'https://flows.example.com/']);
    await harness().editConnection(id);
    assert.equal(await harness().page.inputValue(RECEIVE), 'webhook');
    await harness().done();
    assert.deepEqual(await harness().exported(id), saved);
  });

  it('takes a variable for the choice, shows what it may need, and asks for nothing', async () => {
    assert.equal(await harness().ask("RED.nodes.node('odd').valid"), true);
    await harness().editConnection('odd');
    assert.equal(await harness().page.inputValue(RECEIVE), '${RECEIVE}');
    assert.equal(await isShown(URL_FIELD), true);
    assert.equal(await isMarked(), false);
    await type('nonsense');
    assert.equal(await isMarked(), true);
    await type('');
    await harness().done();
    const { receive, webhookUrl } = await harness().exported('odd');
    assert.deepEqual([receive, webhookUrl], ['${RECEIVE}', '']);
  });

  it('tells the check of the connection how it receives', async () => {
    const { page } = harness();
    await harness().editConnection('other');
    await page.selectOption(RECEIVE, 'both');
    await type('https://flows.example.com');
    const asked = page.waitForRequest('**/chatapp/check');
    await page.click('#chatapp-check');
    const draft = parseJson((await asked).postData() ?? '');
    assert.equal(at(draft, 'settings', 'receive'), 'both');
    assert.equal(at(draft, 'settings', 'webhookUrl'), 'https://flows.example.com');
  });
});

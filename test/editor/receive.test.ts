import assert from 'node:assert/strict';
import { parseJson } from '../../src/events/json';
import { CallbackAnswers } from '../support/callback-answers';
import { describeEditor } from '../support/editor-stage';
import { at } from '../support/flow';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const RECEIVE = '#node-config-input-receive';
const URL_FIELD = '#node-config-input-webhookUrl';
const ADDRESS = '#chatapp-callback-address';

describeEditor('how a connection receives, in a browser,', { settings: { httpNodeRoot: '/red' } }, (stage) => {
  before(async () => {
    await new CallbackAnswers().open(stage().page);
    const old = connectionTo(stage().simulator, 'old');
    const other = { ...connectionTo(stage().simulator, 'other'), receive: 'socket', webhookUrl: '' };
    const odd = { ...connectionTo(stage().simulator, 'odd'), receive: '${RECEIVE}', webhookUrl: '' };
    await stage().deploy([TAB, old, other, odd]);
  });
  afterEach(() => stage().closeDialogs());

  const isShown = (selector: string): Promise<boolean> => stage().page.locator(selector).isVisible();
  const isMarked = async (): Promise<boolean> => (await stage().page.locator(`${URL_FIELD}.input-error`).count()) > 0;
  async function type(url: string): Promise<void> {
    await stage().page.fill(URL_FIELD, url);
    await stage().page.press(URL_FIELD, 'Tab');
  }

  it('a flow from before stays valid, receives by the socket, and shows nothing of webhooks', async () => {
    assert.equal(await stage().ask("RED.nodes.node('old').valid"), true);
    await stage().editConnection('old');
    assert.equal(await stage().page.inputValue(RECEIVE), 'socket');
    for (const part of [URL_FIELD, ADDRESS, '#chatapp-callbacks-note', '#chatapp-callbacks-refresh']) {
      assert.equal(await isShown(part), false, part);
    }
    await stage().done();
    assert.equal(await stage().ask("RED.nodes.node('old').valid"), true);
    const { receive, webhookUrl } = await stage().exported('old');
    assert.deepEqual([receive, webhookUrl], ['socket', '']);
  });

  for (const [choice, tip] of [
    ['both', 'each is delivered once'],
    ['webhook', 'port 6001 is closed'],
  ] as const) {
    it(`with ${choice}, shows the address and the callbacks, and says what that means`, async () => {
      await stage().editConnection('other');
      await stage().page.selectOption(RECEIVE, choice);
      for (const part of [URL_FIELD, ADDRESS, '#chatapp-callbacks-note', '#chatapp-callbacks-refresh']) {
        assert.equal(await isShown(part), true, part);
      }
      assert.ok((await stage().page.innerText('#chatapp-receive-tip')).includes(tip));
      await stage().page.selectOption(RECEIVE, 'socket');
      assert.equal(await isShown(URL_FIELD), false);
      assert.equal(await stage().page.innerText('#chatapp-receive-tip'), '');
    });
  }

  it('wants an address as soon as there are webhooks, and none without them', async () => {
    await stage().editConnection('other');
    assert.equal(await isMarked(), false);
    await stage().page.selectOption(RECEIVE, 'webhook');
    assert.equal(await isMarked(), true);
    await stage().hover(URL_FIELD);
    await stage().page.locator('.red-ui-popover', { hasText: 'Missing: Public URL' }).waitFor();
    await stage().screenshot('receive-missing');
    await stage().page.selectOption(RECEIVE, 'socket');
    assert.equal(await isMarked(), false);
    await stage().page.selectOption(RECEIVE, 'both');
    await stage().done();
    const told = String(await stage().ask("RED.nodes.node('other').validationErrors.join('\\n')"));
    assert.ok(told.includes('Missing: Public URL'), told);
    await stage().editConnection('other');
    await type('https://flows.example.com');
    await stage().done();
    assert.equal(await stage().ask("RED.nodes.node('other').valid"), true);
  });

  it('marks an address that ChatApp could not call, and says why', async () => {
    await stage().editConnection('other');
    await stage().page.selectOption(RECEIVE, 'both');
    const wrong = ['flows.example.com', 'ftp://a.example', 'https://', 'https://a b', 'https://a.example?x=1'];
    for (const url of [...wrong, 'https://a.example/#x', 'https://me:secret@a.example']) {
      await type(url);
      assert.equal(await isMarked(), true, url);
      assert.match(await stage().page.innerText(ADDRESS), /^The address at which ChatApp reaches this Node-RED/, url);
    }
    await stage().hover(URL_FIELD);
    await stage()
      .page.locator('.red-ui-popover', { hasText: 'an address that starts with https:// or http://' })
      .waitFor();
    for (const url of ['https://a.example', 'http://10.0.0.7:1880', 'https://a.example/some/where/', '${PUBLIC_URL}']) {
      await type(url);
      assert.equal(await isMarked(), false, url);
    }
  });

  it('shows how the addresses begin that ChatApp will call, under the path of this Node-RED', async () => {
    await stage().editConnection('other');
    await stage().page.selectOption(RECEIVE, 'both');
    for (const [typed, begin] of [
      ['https://a.example', 'https://a.example/red/chatapp/callback/…'],
      ['  https://a.example/automation/ ', 'https://a.example/automation/red/chatapp/callback/…'],
      ['${PUBLIC_URL}', '${PUBLIC_URL}/red/chatapp/callback/…'],
    ] as const) {
      await type(typed);
      assert.equal(await stage().page.innerText(ADDRESS), `ChatApp will call ${begin}`);
    }
    assert.equal(await stage().page.inputValue(URL_FIELD), '${PUBLIC_URL}');
  });

  it('keeps what was filled in, and is the same when it is opened again', async () => {
    await stage().editConnection();
    await stage().page.fill('#node-config-input-name', 'Called');
    await stage().page.selectOption(RECEIVE, 'webhook');
    await type('https://flows.example.com/');
    await stage().done();
    const id = await stage().connectionCalled('Called');
    const saved = await stage().exported(id);
    assert.deepEqual([saved.receive, saved.webhookUrl], ['webhook', 'https://flows.example.com/']);
    await stage().editConnection(id);
    assert.equal(await stage().page.inputValue(RECEIVE), 'webhook');
    await stage().done();
    assert.deepEqual(await stage().exported(id), saved);
  });

  it('takes a variable for the choice, shows what it may need, and asks for nothing', async () => {
    assert.equal(await stage().ask("RED.nodes.node('odd').valid"), true);
    await stage().editConnection('odd');
    assert.equal(await stage().page.inputValue(RECEIVE), '${RECEIVE}');
    assert.equal(await isShown(URL_FIELD), true);
    assert.equal(await isMarked(), false);
    await type('nonsense');
    assert.equal(await isMarked(), true);
    await type('');
    await stage().done();
    const { receive, webhookUrl } = await stage().exported('odd');
    assert.deepEqual([receive, webhookUrl], ['${RECEIVE}', '']);
  });

  it('tells the check of the connection how it receives', async () => {
    const { page } = stage();
    await stage().editConnection('other');
    await page.selectOption(RECEIVE, 'both');
    await type('https://flows.example.com');
    const asked = page.waitForRequest('**/chatapp/check');
    await page.click('#chatapp-check');
    const draft = parseJson((await asked).postData() ?? '');
    assert.equal(at(draft, 'settings', 'receive'), 'both');
    assert.equal(at(draft, 'settings', 'webhookUrl'), 'https://flows.example.com');
  });
});

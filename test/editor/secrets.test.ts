import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { assertClean, SECRETS } from '../secrets/secret-spy';
import { at } from '../support/flow';

const { accessToken, refreshToken, password } = SECRETS;
const OPTIONS = {
  simulator: { account: { email: 'olga@example.com', appId: 'app_7001_1', accessToken, refreshToken, password } },
  settings: { credentialSecret: 'a secret of this machine' },
};

describeEditor('secrets that were typed and deployed', OPTIONS, (harness) => {
  const answers: Promise<{ readonly url: string; readonly text: string }>[] = [];
  before(async () => {
    const { page, simulator } = harness();
    await harness().deploy([{ id: 'tab', type: 'tab', label: 'Flow' }]);
    for (const [name, auth] of [
      ['With account', 'account'],
      ['With tokens', 'token'],
    ] as const) {
      await harness().editConnection();
      await page.fill('#node-config-input-name', name);
      await page.selectOption('#node-config-input-auth', auth);
      const secrets =
        auth === 'account'
          ? { email: 'olga@example.com', password, appId: 'app_7001_1' }
          : { accessToken, refreshToken };
      for (const [field, value] of Object.entries(secrets)) await page.fill(`#node-config-input-${field}`, value);
      await page.click('#chatapp-advanced > summary');
      const addresses = { apiUrl: simulator.url, socketUrl: simulator.socketUrl };
      for (const [field, value] of Object.entries(addresses)) await page.fill(`#node-config-input-${field}`, value);
      await harness().done();
    }
    // The editor warns of connections that nobody uses.
    for (const name of ['With account', 'With tokens']) {
      const listener = { id: `listens ${name}`, type: 'chatapp-messenger', z: 'tab', x: 300, y: 100, wires: [[]] };
      const node = {
        ...listener,
        connection: await harness().connectionCalled(name),
        licenseId: '',
        messengerType: '',
      };
      await harness().ask(`void RED.nodes.import([${JSON.stringify(node)}])`);
    }
    page.on('response', (response) => {
      // A redirection has no text, nor has an answer to a page that is left.
      const text = response.text().catch(() => '');
      answers.push(text.then((words) => ({ url: response.url(), text: words })));
    });
    await page.click('#red-ui-header-button-deploy');
    await page.locator('.red-ui-notification', { hasText: 'Successfully deployed' }).waitFor();
    await harness().open();
    for (const name of ['With account', 'With tokens']) {
      await harness().editConnection(await harness().connectionCalled(name));
      await page.click('#chatapp-check');
      await page.locator('li[data-step="lines"][data-outcome="ok"]').waitFor();
      await harness().screenshot(`secrets ${name}`);
      await harness().cancel();
    }
  });

  it('are in no answer of Node-RED', async () => {
    await harness().page.waitForLoadState('networkidle');
    const all = await Promise.all(answers);
    const asked = all.map(({ url }) => new URL(url).pathname);
    for (const path of ['/flows', '/chatapp/check']) assert.ok(asked.includes(path), asked.join('\n'));
    assert.ok(
      asked.some((path) => path.startsWith('/credentials/chatapp-connection/')),
      asked.join('\n'),
    );
    for (const { text } of all) assertClean(text);
  });

  it('are nowhere in the page, be the dialog open or not', async () => {
    const typed = "[...document.querySelectorAll('input')].map(({ value }) => value).join('\\n')";
    const search = async (): Promise<void> =>
      assertClean((await harness().page.content()) + String(await harness().ask(typed)));
    await search();
    for (const name of ['With account', 'With tokens']) {
      await harness().editConnection(await harness().connectionCalled(name));
      await search();
      await harness().cancel();
    }
  });

  it('are not kept by the browser', async () => {
    assertClean(
      String(await harness().ask('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')),
    );
  });

  it('are in no export', async () => {
    const exported = String(await harness().ask('JSON.stringify(RED.nodes.createCompleteNodeSet())'));
    assert.ok(exported.includes('With tokens'));
    assertClean(exported);
  });

  it('are known to the dialog only as set or not set', async () => {
    const id = await harness().connectionCalled('With account');
    await harness().editConnection(id);
    const shown = await harness().page.inputValue('#node-config-input-password');
    assert.equal(shown, '__PWRD__');
    assert.equal(at(await harness().ask(`RED.nodes.node('${id}').credentials`), 'has_password'), true);
    await harness().closeDialogs();
  });
});

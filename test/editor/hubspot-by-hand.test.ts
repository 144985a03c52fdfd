import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { HttpStub } from '../support/http-stub';
import { ALL_NODES } from '../support/node-red-child';

const HUBSPOT = 'https://api.hubapi.com';

describeEditor('the example for HubSpot, imported by hand', { settings: ALL_NODES }, (harness) => {
  let stub: HttpStub;

  before(async () => {
    stub = await HttpStub.start(({ path }) =>
      path.endsWith('/upsert') ? { body: { results: [{ id: '501' }] } } : { status: 201 },
    );
  });
  after(() => stub.down());

  const openNode = async (name: string): Promise<void> => {
    const id = String(await harness().ask(`RED.nodes.filterNodes({}).find(({ name }) => name === '${name}').id`));
    await harness().page.locator(`[id="${id}"] .red-ui-flow-node`).dblclick();
    await harness().untilDialog();
  };

  /** Where a user has nothing to do: HubSpot is somewhere else here. */
  const replaceService = async (name: string): Promise<void> => {
    await openNode(name);
    const field = harness().page.locator('#node-input-url');
    await field.fill((await field.inputValue()).replace(HUBSPOT, stub.url));
    await harness().done();
  };

  it('brings a message of a customer to HubSpot as a note', async () => {
    const { page, simulator } = harness();
    await harness().open();
    await page.locator('#red-ui-header-button-sidemenu').click();
    await page.locator('#red-ui-header-button-sidemenu-submenu').getByText('Import', { exact: true }).click();
    await page.locator('#red-ui-clipboard-dialog-import-tabs').getByText('Examples').click();
    const examples = page.locator('#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label');
    for (const name of ['@chatapp-community/node-red-chatapp', 'crm', 'hubspot']) {
      await examples.getByText(name, { exact: true }).click();
    }
    await harness().screenshot('hubspot-import');
    await page.locator('#red-ui-clipboard-dialog-ok').click();
    await page.locator('.red-ui-tab-label', { hasText: 'CRM: HubSpot' }).click();
    await harness().screenshot('hubspot-imported');

    await openNode('a message');
    await harness().screenshot('hubspot-message');
    await page.click('#node-input-btn-connection-edit');
    await harness().untilConnectionDialog();
    for (const name of ['email', 'password', 'appId'] as const) {
      await page.fill(`#node-config-input-${name}`, simulator.account[name]);
    }
    await page.click('#chatapp-advanced > summary');
    await page.fill('#node-config-input-apiUrl', simulator.url);
    await page.fill('#node-config-input-socketUrl', simulator.socketUrl);
    await harness().done();
    await page.locator('#node-input-licenseId-toggle').click();
    await page.locator('#node-input-licenseId-list .chatapp-picker-row', { hasText: 'Flower shop' }).click();
    await harness().screenshot('hubspot-line');
    await harness().done();

    await page.locator('.red-ui-tab.active .red-ui-tab-label', { hasText: 'CRM: HubSpot' }).dblclick();
    await page.click('#red-ui-tab-editor-tab-envProperties-link-button');
    const rows = page.locator('.node-input-env-container-row .red-ui-editableList-item-content');
    const values = [
      ['HUBSPOT_TOKEN', 'pat-notarealsecret'],
      ['ALERT_URL', `${stub.url}/alert`],
    ] as const;
    for (const [row, [name, value]] of values.entries()) {
      assert.equal(await rows.nth(row).locator('.node-input-env-name').inputValue(), name);
      await rows.nth(row).locator('.red-ui-typedInput-input').fill(value);
    }
    await harness().screenshot('hubspot-variables');
    await harness().done();
    for (const name of ['find or make it', 'add the note']) await replaceService(name);
    await page.click('#red-ui-header-button-deploy');
    const channel = 'private-v1.licenses.50101.messengers.telegram';
    await simulator.until((it) => it.subscriptions(channel) > 0);
    simulator.message({ licenseId: '50101', messengerType: 'telegram', text: 'Do you have tulips?' });
    await stub.until(({ length }) => length > 1);
    await page.locator('.red-ui-flow-node-status-label', { hasText: /^done/ }).waitFor();
    await harness().screenshot('hubspot-done');
    const [contact, note] = stub.requests;
    assert.equal(contact?.headers.authorization, 'Bearer pat-notarealsecret');
    assert.match(note?.body ?? '', /Do you have tulips\?.*"id":"501"/);
    assert.equal(stub.requests.length, 2);
  });
});

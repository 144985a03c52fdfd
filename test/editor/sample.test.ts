import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { at } from '../support/flow';
import { parseJson } from '../../src/events/json';
import { connectionTo, debugNode } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };

describeEditor('samples, in a browser,', {}, (harness) => {
  before(async () => {
    await harness().page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const listener = { type: 'chatapp-messenger', z: 'tab', x: 300, y: 100, outputs: 1, wires: [['shown']] };
    await harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      {
        ...listener,
        id: 'listener',
        connection: 'simulator',
        licenseId: '50101',
        messengerType: 'telegram',
        events: ['message'],
      },
      { ...debugNode('shown', 'tab'), x: 600, y: 100 },
    ]);
  });
  afterEach(() => harness().closeDialogs());

  it('go through the flow into the debug sidebar, by the button on the node', async () => {
    const { page } = harness();
    await harness().ask("RED.sidebar.show('debug')");
    await page.locator('#listener .red-ui-flow-node-button-button').click();
    const shown = page.locator('.red-ui-debug-msg', { hasText: 'topic: "message"' });
    await shown.waitFor();
    await harness().screenshot('sample-sent');
  });

  it('can be read and copied in the dialog, as the button would send them', async () => {
    const { page } = harness();
    await harness().edit('listener');
    await page.click('#chatapp-sample > summary');
    await page.locator('#chatapp-sample-msg', { hasText: '"topic": "message"' }).waitFor();
    assert.deepEqual(await page.locator('#chatapp-sample-event option').allInnerTexts(), ['message']);
    await page.click('#chatapp-sample-copy');
    const copied = parseJson(String(await harness().ask('navigator.clipboard.readText()')));
    assert.equal(at(copied, 'topic'), 'message');
    assert.equal(at(copied, 'chatapp', 'sample'), true);
    assert.equal(at(copied, 'chatapp', 'licenseId'), '50101');
    assert.deepEqual(copied, parseJson(await page.locator('#chatapp-sample-msg').innerText()));
    await page.locator('#chatapp-sample').scrollIntoViewIfNeeded();
    await harness().screenshot('sample-message');
  });

  it('follow what is ticked and typed in the open dialog', async () => {
    const { page } = harness();
    await harness().edit('listener');
    await page.click('#chatapp-sample > summary');
    await page.check('#chatapp-events-list input[name="chatTag"]');
    await page.selectOption('#chatapp-sample-event', 'chatTag');
    await page.fill('#node-input-licenseId', '50102');
    await page.press('#node-input-licenseId', 'Tab');
    await page.locator('#chatapp-sample-msg', { hasText: '"licenseId": "50102"' }).waitFor();
    assert.match(await page.locator('#chatapp-sample-msg').innerText(), /"topic": "chatTag"/);
  });
});

import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { describeEditor } from '../support/editor-harness';
import { connectionTo } from '../support/node-red-child';

/** The button behind the choice of a connection. */
const ADD_CONNECTION = '#node-input-btn-connection-add';

/** Clicks and drags from an empty editor to the first message. */
const MAX_CLICKS = 13;

describeEditor("a user's first minute", {}, (harness) => {
  let clicks = 0;

  async function click(what: string | Locator): Promise<void> {
    clicks += 1;
    await (typeof what === 'string' ? harness().page.locator(what) : what).click();
  }

  /** From the palette into the workspace. */
  async function dragIn(type: string, x: number, y: number): Promise<void> {
    clicks += 1;
    const { page } = harness();
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    await entry.dragTo(page.locator('#red-ui-workspace-chart'), { targetPosition: { x, y } });
    await page.waitForFunction(`RED.nodes.filterNodes({ type: '${type}' }).length === 1`);
  }

  async function wire(from: string, to: string): Promise<void> {
    clicks += 1;
    const node = async (type: string): Promise<string> =>
      String(await harness().ask(`RED.nodes.filterNodes({ type: '${type}' })[0].id`));
    const output = harness().page.locator(`[id="${await node(from)}"] .red-ui-flow-port-output .red-ui-flow-port`);
    const input = harness().page.locator(`[id="${await node(to)}"] .red-ui-flow-port-input .red-ui-flow-port`);
    await output.dragTo(input);
    await harness().page.waitForFunction('RED.nodes.filterLinks({}).length === 1');
  }

  it(`leads to a WhatsApp message in the debug sidebar, with at most ${MAX_CLICKS} clicks`, async () => {
    const { page, simulator } = harness();
    const { account } = simulator;
    await harness().deploy([{ id: 'tab', type: 'tab', label: 'Flow' }]);
    await dragIn('chatapp-messenger', 200, 150);
    clicks += 1;
    await page.locator('.red-ui-flow-node-group .red-ui-flow-node').dblclick();
    await harness().untilDialog();

    await click(ADD_CONNECTION);
    await harness().untilConnectionDialog();
    await click('#node-config-input-email');
    for (const text of [account.email, account.password, account.appId]) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    // Someone with a real account has no need of this.
    await page.click('#chatapp-advanced > summary');
    await page.fill('#node-config-input-apiUrl', simulator.url);
    await page.fill('#node-config-input-socketUrl', simulator.socketUrl);
    clicks += 1;
    await harness().done();

    await click('#node-input-licenseId-toggle');
    await click(page.locator('#node-input-licenseId-list .chatapp-picker-row', { hasText: 'Flower shop' }));
    clicks += 1;
    await harness().done();
    await harness().screenshot('first-minute-node');

    await dragIn('debug', 500, 150);
    await wire('chatapp-messenger', 'debug');
    await click('#red-ui-header-button-deploy');
    await page.locator('.red-ui-notification', { hasText: 'Successfully deployed' }).waitFor();
    // Node-RED 5 shows it from the start.
    const isShown = await page.locator('.red-ui-debug-content-list').isVisible();
    if (!isShown) await click('#red-ui-tab-debug-link-button');

    const channel = 'private-v1.licenses.50101.messengers.grWhatsApp';
    await simulator.until((it) => it.subscriptions(channel) > 0);
    simulator.message({ licenseId: '50101', messengerType: 'grWhatsApp', text: 'Do you have tulips?' });
    await page.locator('.red-ui-debug-msg', { hasText: 'msg.payload : Object' }).waitFor();
    await harness().screenshot('first-minute');
    console.log(`      ${clicks} clicks and drags`);
    assert.ok(clicks <= MAX_CLICKS, `${clicks} clicks and drags`);
  });

  it('goes on with the only connection that there is, in each node that is added', async () => {
    const { page, simulator } = harness();
    await harness().deploy([{ id: 'tab', type: 'tab', label: 'Flow' }, connectionTo(simulator, 'chatapp')]);
    for (const [type, x] of [
      ['chatapp-messenger', 200],
      ['chatapp-send', 350],
      ['chatapp-api', 500],
    ] as const) {
      await dragIn(type, x, 250);
      const id = String(await harness().ask(`RED.nodes.filterNodes({ type: '${type}' })[0].id`));
      await page.locator(`[id="${id}"] .red-ui-flow-node`).dblclick();
      await harness().untilDialog();
      assert.equal(await page.locator('#node-input-connection').inputValue(), 'chatapp', type);
      await harness().done();
      assert.equal(await harness().ask(`RED.nodes.node('${id}').connection`), 'chatapp', type);
    }
  });
});

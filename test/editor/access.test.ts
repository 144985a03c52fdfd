import assert from 'node:assert/strict';
import { describeEditor, type EditorHarness, type HarnessOptions } from '../support/editor-harness';
import { connectionTo, debugNode, type FlowNode } from '../support/node-red-child';
import type { Simulator } from '../../simulator';

const LINE = '#node-input-licenseId';

function flow(simulator: Simulator): FlowNode[] {
  const place = { z: 'tab', y: 100 };
  const line = { licenseId: '50101', messengerType: 'telegram', events: ['message'], outputs: 1 };
  return [
    { id: 'tab', type: 'tab', label: 'Flow' },
    connectionTo(simulator, 'simulator'),
    {
      id: 'listener',
      type: 'chatapp-messenger',
      connection: 'simulator',
      ...line,
      ...place,
      x: 300,
      wires: [['shown']],
    },
    { ...debugNode('shown', 'tab'), ...place, x: 600 },
  ];
}

/** All requests of the editor go to the path where the editor is. */
async function usesEverything(harness: EditorHarness): Promise<void> {
  const { page } = harness;
  await harness.edit('listener');
  await page.locator(`${LINE}-note`, { hasText: 'Flower shop' }).waitFor();
  await page.click('#chatapp-sample > summary');
  await page.locator('#chatapp-sample-msg', { hasText: '"topic": "message"' }).waitFor();
  await harness.cancel();
  await harness.editConnection('simulator');
  await page.click('#chatapp-check');
  await page.locator('li[data-step="socket"][data-outcome="ok"]').waitFor();
  await page.locator('li[data-step="lines"][data-outcome="ok"]').waitFor();
  await harness.cancel();
  await harness.ask("RED.sidebar.show('debug')");
  await page.locator('#listener .red-ui-flow-node-button-button').click();
  await page.locator('.red-ui-debug-msg', { hasText: 'topic: "message"' }).waitFor();
}

const PLACES: Readonly<Record<string, HarnessOptions>> = {
  'at another root': { root: '/admin' },
  'behind a path of a reverse proxy': { behind: '/automation' },
  'at another root behind a path of a reverse proxy': { root: '/red', behind: '/some/where' },
};

for (const [place, options] of Object.entries(PLACES)) {
  describeEditor(`the editor ${place}`, { ...options, flow }, (harness) => {
    it('has pickers, samples and the check of a connection', async () => {
      await harness().open();
      await usesEverything(harness());
      assert.deepEqual(harness().proxy?.strays.filter((asked) => asked.includes('chatapp')) ?? [], []);
    });
  });
}

const READER = { adminAuth: { type: 'credentials', users: [], default: { permissions: 'read' } } };

describeEditor('the editor for someone who may only read', { settings: READER, flow }, (harness) => {
  before(() => harness().open());
  afterEach(() => harness().closeDialogs());

  it('shows names, out of the account as it is deployed', async () => {
    await harness().edit('listener');
    await harness().page.locator(`${LINE}-note`, { hasText: 'Flower shop' }).waitFor();
    await harness().page.locator('#red-ui-workspace-chart', { hasText: 'message · Flower shop · Telegram' }).waitFor();
  });

  it('says that a connection may not be checked', async () => {
    await harness().editConnection('simulator');
    await harness().page.click('#chatapp-check');
    const said = harness().page.locator('#chatapp-check-steps > li[data-outcome="failed"]');
    await said.waitFor();
    assert.match(await said.innerText(), /You may look at flows, but not check connections/);
    await harness().screenshot('reader-check');
  });

  it('says that no sample may be sent', async () => {
    await harness().page.locator('#listener .red-ui-flow-node-button-button').click();
    await harness().page.locator('.red-ui-notification', { hasText: 'You may read the flows, but not' }).waitFor();
    await harness().screenshot('reader-sample');
  });

  it('says that an account that is not deployed as it stands may not be read', async () => {
    await harness().ask("RED.nodes.node('simulator').changed = true");
    await harness().edit('listener');
    await harness()
      .page.locator(`${LINE}-note`, { hasText: 'You may look at flows, but not read this account' })
      .waitFor();
    await harness().screenshot('reader-picker');
  });
});

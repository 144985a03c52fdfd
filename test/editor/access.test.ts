import assert from 'node:assert/strict';
import { describeEditor, type EditorStage, type StageOptions } from '../support/editor-stage';
import { connectionTo, debugNode, type FlowNode } from '../support/node-red-child';
import type { Simulator } from '../../simulator';

const LINE = '#node-input-licenseId';

function flow(simulator: Simulator): FlowNode[] {
  const place = { z: 'tab', y: 100 };
  const line = { licenseId: '50101', messengerType: 'telegram', events: ['message'], outputs: 1 };
  return [
    { id: 'tab', type: 'tab', label: 'Flow' },
    connectionTo(simulator, 'stand-in'),
    {
      id: 'listener',
      type: 'chatapp-messenger',
      connection: 'stand-in',
      ...line,
      ...place,
      x: 300,
      wires: [['shown']],
    },
    { ...debugNode('shown', 'tab'), ...place, x: 600 },
  ];
}

/** That all that the editor asks Node-RED for is found where the editor lies. */
async function usesEverything(stage: EditorStage): Promise<void> {
  const { page } = stage;
  await stage.edit('listener');
  await page.locator(`${LINE}-note`, { hasText: 'Flower shop' }).waitFor();
  await page.click('#chatapp-sample > summary');
  await page.locator('#chatapp-sample-msg', { hasText: '"topic": "message"' }).waitFor();
  await stage.cancel();
  await stage.editConnection('stand-in');
  await page.click('#chatapp-check');
  await page.locator('li[data-step="socket"][data-outcome="ok"]').waitFor();
  await page.locator('li[data-step="lines"][data-outcome="ok"]').waitFor();
  await stage.cancel();
  await stage.ask("RED.sidebar.show('debug')");
  await page.locator('#listener .red-ui-flow-node-button-button').click();
  await page.locator('.red-ui-debug-msg', { hasText: 'topic: "message"' }).waitFor();
}

const PLACES: Readonly<Record<string, StageOptions>> = {
  'at another root': { root: '/admin' },
  'behind a path of a reverse proxy': { behind: '/automation' },
  'at another root behind a path of a reverse proxy': { root: '/red', behind: '/some/where' },
};

for (const [place, options] of Object.entries(PLACES)) {
  describeEditor(`the editor ${place}`, { ...options, flow }, (stage) => {
    it('has pickers, samples and the check of a connection', async () => {
      await stage().open();
      await usesEverything(stage());
      assert.deepEqual(stage().proxy?.strays.filter((asked) => asked.includes('chatapp')) ?? [], []);
    });
  });
}

const READER = { adminAuth: { type: 'credentials', users: [], default: { permissions: 'read' } } };

describeEditor('the editor for someone who may only read', { settings: READER, flow }, (stage) => {
  before(() => stage().open());
  afterEach(() => stage().closeDialogs());

  it('shows names, out of the account as it is deployed', async () => {
    await stage().edit('listener');
    await stage().page.locator(`${LINE}-note`, { hasText: 'Flower shop' }).waitFor();
    await stage().page.locator('#red-ui-workspace-chart', { hasText: 'message · Flower shop · Telegram' }).waitFor();
  });

  it('says that a connection may not be checked', async () => {
    await stage().editConnection('stand-in');
    await stage().page.click('#chatapp-check');
    const said = stage().page.locator('#chatapp-check-steps > li[data-outcome="failed"]');
    await said.waitFor();
    assert.match(await said.innerText(), /You may look at flows, but not check connections/);
    await stage().screenshot('reader-check');
  });

  it('says that no sample may be sent', async () => {
    await stage().page.locator('#listener .red-ui-flow-node-button-button').click();
    await stage().page.locator('.red-ui-notification', { hasText: 'You may read the flows, but not' }).waitFor();
    await stage().screenshot('reader-sample');
  });

  it('says that an account that is not deployed as it stands may not be read', async () => {
    await stage().ask("RED.nodes.node('stand-in').changed = true");
    await stage().edit('listener');
    await stage()
      .page.locator(`${LINE}-note`, { hasText: 'You may look at flows, but not read this account' })
      .waitFor();
    await stage().screenshot('reader-picker');
  });
});

import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { connectionTo, type FlowNode } from '../support/node-red-child';
import type { Simulator } from '../../simulator';

const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'Flow' };
const flow = (simulator: Simulator): FlowNode[] => [TAB, connectionTo(simulator, 'simulator')];

describeEditor('the report button of the connection', { flow }, (harness) => {
  it('copies a report of the deployed connection, and shows what is in it', async () => {
    const { page } = harness();
    await harness().open();
    await harness().ask('Object.assign(RED.clipboard, { copyText: (text) => { window.copied = text; return true; } })');
    await harness().editConnection('simulator');
    await page.click('#chatapp-report');
    await page.locator('#chatapp-report-note', { hasText: 'Copied, without secrets' }).waitFor();
    const report = await page.locator('#chatapp-report-text').innerText();
    assert.match(report, /^ {2}login: email and password$/m);
    assert.equal(await page.evaluate('window.copied'), report);
    await harness().cancel();
  });

  it('says that a connection has to be deployed first', async () => {
    const { page } = harness();
    await harness().ask("RED.editor.editConfig('', 'chatapp-connection', '_ADD_')");
    await page.locator('#chatapp-report').click();
    await page.locator('#chatapp-report-note', { hasText: 'Deploy the connection first' }).waitFor();
  });
});

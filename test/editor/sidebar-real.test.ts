import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { openSidebar, sidebarFlow } from '../support/sidebar';
import type { Simulator } from '../../simulator';
import type { FlowNode } from '../support/node-red-child';

const LIST = '.chatapp-sidebar .chatapp-list';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const row = (title: string): string => `${LIST} .chatapp-row:has(> .chatapp-head > .chatapp-title:text-is("${title}"))`;

/** A flow that gives up each message that its second listener gets. */
function flow(simulator: Simulator): FlowNode[] {
  const givesUp = {
    id: 'done',
    z: 'tab',
    type: 'chatapp-done',
    outcome: 'giveUp',
    version: 1,
    x: 500,
    y: 200,
    wires: [],
  };
  const nodes = sidebarFlow(simulator).map((node) => (node.id === 'worker' ? { ...node, wires: [['done']] } : node));
  return [...nodes, givesUp];
}

describeEditor(
  'the sidebar of a Node-RED with a real connection',
  { flow, simulator: { socketPort: 0 } },
  (harness) => {
    before(async () => {
      await harness().open();
      await openSidebar(harness());
    });

    it('shows the login, the socket and the lines by their names', async () => {
      const { page } = harness();
      await page.locator(LIST, { hasText: /Receiving: (\d+) of \1/ }).waitFor();
      await page.locator(LIST, { hasText: /E-mail and password, account \d+, token renewed/ }).waitFor();
      await page.locator(LIST, { hasText: /Open, connected/ }).waitFor();
      await page.locator(row('Flower shop · Telegram'), { hasText: 'No event yet' }).waitFor();
      await harness().screenshot('sidebar-real');
    });

    it('shows an event, and the dead letter that a flow makes of it, without what the customer wrote', async () => {
      const { page, simulator } = harness();
      simulator.message({ ...LINE, text: 'A secret order: 12 tulips' });
      await page.locator(row('Flower shop · Telegram'), { hasText: /Last event (just now|\d+ sec)/ }).waitFor();
      await page.locator(row('orders to CRM'), { hasText: 'Given up (dead letters): 1' }).waitFor();
      await page.locator(`${LIST} .chatapp-row[data-kind="error"]`, { hasText: 'DELIVERY_FAILED' }).first().waitFor();
      assert.ok(!(await page.innerText(LIST)).includes('tulips'));
    });

    it('shows the dead letter to somebody who may see it, and discards it after a yes', async () => {
      const { page } = harness();
      await page.click(`${row('orders to CRM')} > .chatapp-head`);
      await page.click(`${row('orders to CRM')} button[data-focus="deadLetters"]`);
      const letter = page.locator(`${LIST} .chatapp-letters > li`);
      await letter.locator('button[data-focus="showLetter"]').click();
      await letter.locator('pre', { hasText: 'A secret order: 12 tulips' }).waitFor();
      await letter.locator('button[data-focus="discard"]').click();
      await letter.locator('.chatapp-question button.primary').click();
      await page.locator(row('orders to CRM'), { hasText: 'It was discarded.' }).waitFor();
      await page.locator(row('orders to CRM'), { hasText: 'Nothing waits' }).waitFor();
      assert.equal(await letter.count(), 0);
    });

    it('checks the connection as it is deployed', async () => {
      const { page } = harness();
      await page.click(`${row('Flowers & Co')} button[data-focus="check"]`);
      for (const step of ['settings', 'login', 'lines', 'socket']) {
        await page.locator(`.chatapp-steps > li[data-step="${step}"][data-outcome="ok"]`).waitFor();
      }
    });

    it('copies a report that holds no secret', async () => {
      const { page, simulator } = harness();
      await harness().ask(
        'document.execCommand = () => { window.copied = String(document.activeElement.value); return true; }',
      );
      await page.click(`${row('Flowers & Co')} button[data-focus="copyReport"]`);
      await page.waitForFunction('window.copied !== undefined');
      const report = String(await harness().ask('window.copied'));
      assert.match(report, /Node-RED.*\d/);
      assert.ok(!report.includes(simulator.account.password) && !report.includes('tulips'));
    });

    it('shows that the socket is lost, and that it is back', async () => {
      const { page, simulator } = harness();
      await simulator.faults.down('socket');
      await page.locator(row('Flower shop · Telegram'), { hasText: 'Not receiving: there is no socket' }).waitFor();
      await page.locator(row('Flowers & Co'), { hasText: /Lost .*Next try/ }).waitFor();
      await harness().screenshot('sidebar-real-lost');
      await simulator.faults.up();
      await page.locator(LIST, { hasText: /Receiving: (\d+) of \1/ }).waitFor();
    });
  },
);

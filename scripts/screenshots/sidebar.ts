import { mkdir } from 'node:fs/promises';
import type { Simulator } from '../../simulator';
import { linkPackage, startNodeRed } from '../demo/node-red';
import { openEditor, take, WAIT_LIMIT, type Harness } from './harness';

/** High enough for all rows. */
const SIZE = { width: 1120, height: 1000 };
const WIDTH = 330;
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const MESSAGES = ['Do you still have white tulips?', '12 please', 'Can you deliver them today?'];

/** The picture of the tab in the sidebar: a connection that works, and an event that a flow has given up. */
export async function takeSidebar(harness: Harness, simulator: Simulator, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await linkPackage(folder);
  const nodeRed = await startNodeRed({ folder, port: 0 });
  try {
    await deploy(nodeRed.url, simulator);
    await simulator.until(({ sockets }) => sockets > 0, WAIT_LIMIT);
    const page = await harness.open(SIZE);
    await openEditor(page, nodeRed.url, "RED.nodes.getType('chatapp-messenger')");
    await page.evaluate("RED.sidebar.show('chatapp-sidebar')");
    await page.evaluate(`(() => {
      document.querySelector('.chatapp-sidebar').closest('#red-ui-sidebar, .red-ui-sidebar').style.width = '${WIDTH}px';
      window.dispatchEvent(new Event('resize'));
    })()`);
    await page.locator('.chatapp-list', { hasText: /Receiving: (\d+) of \1/ }).waitFor();
    for (const text of MESSAGES) simulator.message({ ...LINE, text });
    const rows = page.locator('.chatapp-row');
    await rows.filter({ hasText: /orders.*Given up.*3/ }).waitFor();
    await rows.filter({ hasText: 'DELIVERY_FAILED' }).first().waitFor();
    await take(page, 'sidebar', page.locator('.chatapp-sidebar'));
    await page.close();
  } finally {
    await nodeRed.stop();
  }
}

async function deploy(url: string, { url: apiUrl, socketUrl, account }: Simulator): Promise<void> {
  const { email, password, appId } = account;
  const login = { auth: 'account', credentials: { email, password, appId } };
  const listener = { type: 'chatapp-messenger', z: 'tab', connection: 'shop', events: ['message'], direction: 'in' };
  const nodes = [
    { id: 'tab', type: 'tab', label: 'Orders' },
    { id: 'shop', type: 'chatapp-connection', name: 'Flowers & Co', apiUrl, socketUrl, ...login },
    { ...listener, id: 'every', name: 'every message', x: 160, y: 100, wires: [[]] },
    { ...listener, id: 'orders', name: 'orders to CRM', ...LINE, ack: 'done', x: 160, y: 180, wires: [['done']] },
    { id: 'done', type: 'chatapp-done', z: 'tab', outcome: 'giveUp', version: 1, x: 400, y: 180, wires: [] },
  ];
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/flows`, { method: 'POST', headers, body: JSON.stringify(nodes) });
  if (!answer.ok) throw new Error(`The deploy was answered with ${answer.status}.`);
}

import type { Page } from 'playwright-core';
import type { Simulator } from '../../simulator';
import { startNodeRed } from '../demo/node-red';
import { liveShopDay } from '../demo/shop-day';
import { prepareUserDirectory } from '../demo/user-directory';
import { untilDialogIsReady } from '../editor-dialog';
import { openEditor, WAIT_LIMIT, take, type Harness } from './harness';

const SIZE = { width: 1260, height: 720 };
/** High enough for a whole dialog. */
const DIALOG_SIZE = { width: 1260, height: 1000 };
/** Between two events of the demo, in ms. */
const PAUSE = 300;
/** How many events stand in the sidebar of the first picture. */
const EVENTS = 14;

/** The pictures of the demo: its flow at work, and the dialogs of three of its nodes. */
export async function takeDemo(harness: Harness, simulator: Simulator, folder: string): Promise<void> {
  await prepareUserDirectory(folder, simulator.account);
  const nodeRed = await startNodeRed({
    folder,
    port: 0,
    settings: { paletteCategories: ['ChatApp', 'common', 'function'] },
    environment: { SIMULATOR_URL: simulator.url, SIMULATOR_SOCKET_URL: simulator.socketUrl },
  });
  const over = new AbortController();
  try {
    const page = await harness.open(SIZE);
    await openEditor(page, nodeRed.url, "RED.nodes.filterNodes({ type: 'chatapp-messenger' }).length > 0");
    await page.evaluate("RED.sidebar.show('debug')");
    await page.locator('.red-ui-debug-content-list').waitFor();
    // Nobody may listen yet: what is announced to nobody is in no picture.
    await simulator.until(({ sockets }) => sockets > 0, WAIT_LIMIT);
    void liveShopDay(simulator, PAUSE, over.signal);
    await takeFlow(page, () => over.abort());
    await page.setViewportSize(DIALOG_SIZE);
    await takeMessengerDialog(page);
    await takeSendDialog(page);
    await takeConnectionDialog(page);
    await page.close();
  } finally {
    over.abort();
    await nodeRed.stop();
  }
}

/** All that the demo shows at a glance: listeners that listen, and events in the sidebar. */
async function takeFlow(page: Page, stopEvents: () => void): Promise<void> {
  await page.waitForFunction(`document.querySelectorAll('.red-ui-debug-msg').length >= ${EVENTS}`);
  stopEvents();
  await page.waitForFunction(
    "[...document.querySelectorAll('.red-ui-flow-node-status-label')].filter((label) => /last event/.test(label.textContent)).length >= 5",
  );
  await take(page, 'demo');
}

async function takeMessengerDialog(page: Page): Promise<void> {
  await page.evaluate(
    "RED.editor.edit(RED.nodes.filterNodes({ type: 'chatapp-messenger' }).find((node) => node.separate))",
  );
  await untilDialogIsReady(page, '#node-dialog-ok');
  await page.locator('#node-input-direction').scrollIntoViewIfNeeded();
  await take(page, 'messenger-dialog', page.locator('.red-ui-tray'));
  await page.locator('#node-dialog-cancel').click();
  await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
}

async function takeSendDialog(page: Page): Promise<void> {
  await page.evaluate("RED.editor.edit(RED.nodes.filterNodes({ type: 'chatapp-send' })[0])");
  await untilDialogIsReady(page, '#node-dialog-ok');
  await take(page, 'send-dialog', page.locator('.red-ui-tray'));
  await page.locator('#node-dialog-cancel').click();
  await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
}

async function takeConnectionDialog(page: Page): Promise<void> {
  await page.evaluate(
    "RED.nodes.eachConfig((node) => { if (node.type === 'chatapp-connection') RED.editor.editConfig('', node.type, node.id); })",
  );
  await untilDialogIsReady(page, '#node-config-dialog-ok');
  await page.locator('#chatapp-advanced > summary').click();
  await page.locator('#node-config-input-recoverHours').scrollIntoViewIfNeeded();
  await take(page, 'connection-dialog', page.locator('.red-ui-tray'));
}

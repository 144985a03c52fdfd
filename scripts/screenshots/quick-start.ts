import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Simulator } from '../../simulator';
import { linkPackage, startNodeRed } from '../demo/node-red';
import { untilDialogIsBack, untilDialogIsReady } from '../editor-dialog';
import { Animation } from './animation';
import { openEditor, WAIT_LIMIT, take, type Harness } from './harness';

const SIZE = { width: 1120, height: 720 };
const TEXT = 'Hello! Do you still have white tulips?';
const WORKSPACE = '#red-ui-workspace-chart';

/** The pictures of the quick start: the way of a newcomer from an empty editor to a message, done as they do it. */
export async function takeQuickStart(harness: Harness, simulator: Simulator, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await linkPackage(folder);
  const nodeRed = await startNodeRed({
    folder,
    port: 0,
    settings: { paletteCategories: ['ChatApp', 'common', 'function'] },
  });
  try {
    const page = await harness.open(SIZE);
    await openEditor(page, nodeRed.url, "RED.nodes.getType('chatapp-messenger')");
    const animation = new Animation(page);
    await dragNode(page, animation);
    await logIn(page, simulator, animation);
    await pickLine(page, animation);
    await wireAndDeploy(page, animation);
    await writeAndSee(page, simulator, animation);
    await animation.write('first-message');
    await page.close();
  } finally {
    await nodeRed.stop();
  }
}

async function dragNode(page: Page, animation: Animation): Promise<void> {
  await dragOntoCanvas(page, 'chatapp-messenger', 180, 120);
  const lastOfOurs = page.locator('.red-ui-palette-node[data-palette-type="chatapp-employee"]');
  await take(page, 'quick-start/palette', page.locator('#red-ui-palette-search'), lastOfOurs, nodes(page));
  await animation.add();
  await page.locator('.red-ui-flow-node-group').first().dblclick();
  await untilDialogIsReady(page, '#node-dialog-ok');
}

async function logIn(page: Page, { url, socketUrl, account }: Simulator, animation: Animation): Promise<void> {
  await page.locator('#node-input-btn-connection-add').click();
  await untilDialogIsReady(page, '#node-config-dialog-ok');
  await page.locator('#node-config-input-auth').selectOption('account');
  for (const name of ['email', 'password', 'appId'] as const) {
    await page.locator(`#node-config-input-${name}`).fill(account[name]);
  }
  // Nobody who begins has to change these: only the simulator is somewhere else than ChatApp.
  await page.evaluate(`$('#node-config-input-apiUrl').val('${url}').trigger('change')`);
  await page.evaluate(`$('#node-config-input-socketUrl').val('${socketUrl}').trigger('change')`);
  await take(
    page,
    'quick-start/connection',
    page.locator('.red-ui-tray-header').last(),
    page.locator('#chatapp-check'),
  );
  await animation.add();
  await page.locator('#chatapp-check').click();
  await page.waitForFunction(
    "[...document.querySelectorAll('#chatapp-check-steps > li')].every((step) => /in order|lines/.test(step.textContent))",
  );
  await page.locator('#chatapp-check-steps > li').last().scrollIntoViewIfNeeded();
  await take(page, 'quick-start/check', page.locator('#chatapp-check'), page.locator('#chatapp-check-steps'));
  await animation.add();
  await page.locator('#node-config-dialog-ok').click();
  await page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' });
}

async function pickLine(page: Page, animation: Animation): Promise<void> {
  await untilDialogIsBack(page);
  await page.locator('#node-input-licenseId-toggle').click();
  const list = page.locator('#node-input-licenseId-list');
  await list.locator('[role=option]').nth(2).waitFor();
  await list.locator('[role=option]').nth(1).hover();
  await take(
    page,
    'quick-start/pick-line',
    page.locator('#node-input-connection'),
    page.locator('label[for=node-input-licenseId]'),
    list,
  );
  await animation.add();
  await list.locator('[role=option]').nth(1).click();
  await page.locator('#node-dialog-ok').click();
  await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
}

async function wireAndDeploy(page: Page, animation: Animation): Promise<void> {
  await dragOntoCanvas(page, 'debug', 480, 120);
  const from = await centreOf(page, '.red-ui-flow-port-output .red-ui-flow-port');
  const to = await centreOf(page, '.red-ui-flow-port-input .red-ui-flow-port');
  await drag(page, from, to);
  await page.locator('.red-ui-flow-link').first().waitFor({ state: 'attached' });
  await page.mouse.move(500, 500);
  await take(page, 'quick-start/wired', nodes(page), nodes(page, 1));
  await animation.add();
  await page.locator('#red-ui-header-button-deploy').click();
  await page.waitForFunction("/listening/.test(document.querySelector('.red-ui-flow-node-status-label')?.textContent)");
  await page.mouse.click(500, 500);
  await page.mouse.move(500, 500);
  await take(page, 'quick-start/listening', nodes(page), nodes(page, 1));
  await animation.add();
}

async function writeAndSee(page: Page, simulator: Simulator, animation: Animation): Promise<void> {
  await page.evaluate("RED.sidebar.show('debug')");
  await page.locator('.red-ui-debug-content-list').waitFor();
  // A Node-RED of this machine alone has no login, and the connection warns of that.
  await page.locator('#red-ui-sidebar-debug-clear').click();
  simulator.message({
    licenseId: '50101',
    messengerType: 'grWhatsApp',
    text: TEXT,
  });
  const message = page.locator('.red-ui-debug-msg', { hasText: 'msg.payload' });
  await message.waitFor({ timeout: WAIT_LIMIT });
  await message.locator('.red-ui-debug-msg-object-handle').first().click();
  const entry = message.locator('.red-ui-debug-msg-object-entry', { hasText: /^message:/ });
  await entry.locator('.red-ui-debug-msg-object-handle').first().click();
  const text = entry.getByText(TEXT);
  await text.scrollIntoViewIfNeeded();
  await take(page, 'quick-start/message', page.locator('#red-ui-sidebar'));
  await animation.add();
}

/** Drags a node type out of the palette to a place on the canvas, in px from its corner. */
async function dragOntoCanvas(page: Page, type: string, x: number, y: number): Promise<void> {
  const canvas = await page.locator(WORKSPACE).boundingBox();
  if (!canvas) throw new Error('The editor shows no canvas.');
  const from = await centreOf(page, `.red-ui-palette-node[data-palette-type="${type}"]`);
  await drag(page, from, { x: canvas.x + x, y: canvas.y + y });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

async function drag(page: Page, from: Point, to: Point): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 12 });
  await page.mouse.up();
}

async function centreOf(page: Page, selector: string): Promise<Point> {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not in the view.`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function nodes(page: Page, at = 0): ReturnType<Page['locator']> {
  return page.locator('.red-ui-flow-node-group').nth(at);
}

/**
 * `npm run screenshots`: the pictures of docs/images, out of the running editor of the demo. It drives the Chromium
 * that the variable CHROMIUM names, else /usr/bin/chromium.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { startSimulator } from '../simulator';
import { startNodeRed } from './demo/node-red';
import { liveShopDay } from './demo/shop-day';
import { prepareUserDirectory } from './demo/user-directory';

const IMAGES = resolve(__dirname, '../docs/images');
const SIZE = { width: 1280, height: 800 };
/** Between two events of the demo, in ms. */
const PAUSE = 300;
/** How many events stand in the sidebar of the first picture. */
const EVENTS = 14;
/** What may take how long on a slow machine, in ms. */
const PATIENCE = 60_000;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-screenshots-'));
  const over = new AbortController();
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const simulator = await startSimulator();
    ends.unshift(() => simulator.close());
    await prepareUserDirectory(folder, simulator.account);
    const nodeRed = await startNodeRed({
      folder,
      port: 0,
      settings: { paletteCategories: ['ChatApp', 'common', 'function'] },
      environment: { STAND_IN_URL: simulator.url, STAND_IN_SOCKET_URL: simulator.socketUrl },
    });
    ends.unshift(() => nodeRed.stop());
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: FLAGS,
    });
    ends.unshift(() => browser.close());
    const page = await browser.newPage({
      viewport: SIZE,
      colorScheme: 'light',
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(PATIENCE);
    await mkdir(IMAGES, { recursive: true });
    await openEditor(page, nodeRed.url);
    // Nobody may listen yet: what is announced to nobody is in no picture.
    await simulator.until(({ sockets }) => sockets > 0, PATIENCE);
    void liveShopDay(simulator, PAUSE, over.signal);
    await takeDemo(page, () => over.abort());
    await takeMessengerDialog(page);
    await takeConnectionDialog(page);
  } finally {
    over.abort();
    for (const end of ends) await end();
  }
}

/** The editor, with the flow in its workspace and the debug sidebar open. */
async function openEditor(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(
    "typeof RED === 'object' && RED.nodes.filterNodes({ type: 'chatapp-messenger' }).length > 0",
  );
  await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  await page.evaluate("RED.sidebar.show('debug')");
  await page.locator('.red-ui-debug-content-list').waitFor();
}

/** All that the demo shows at a glance: listeners that listen, and events in the sidebar. */
async function takeDemo(page: Page, stopEvents: () => void): Promise<void> {
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
  await untilStill(page, '#node-dialog-ok');
  await page.locator('#node-input-direction').scrollIntoViewIfNeeded();
  await take(page, 'messenger-dialog');
  await page.locator('#node-dialog-cancel').click();
  await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
}

async function takeConnectionDialog(page: Page): Promise<void> {
  await page.evaluate(
    "RED.nodes.eachConfig((node) => { if (node.type === 'chatapp-connection') RED.editor.editConfig('', node.type, node.id); })",
  );
  await untilStill(page, '#node-config-dialog-ok');
  await page.locator('#chatapp-advanced > summary').click();
  await page.locator('#node-config-input-recoverHours').scrollIntoViewIfNeeded();
  await take(page, 'connection-dialog');
}

/** A dialog slides in: waits until its button could be pressed. */
async function untilStill(page: Page, button: string): Promise<void> {
  await page.locator(button).click({ trial: true });
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForFunction("document.querySelectorAll('.red-ui-notification').length === 0");
  await page.evaluate('document.fonts.ready.then(() => true)');
  const path = join(IMAGES, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  console.log(relative(process.cwd(), path));
}

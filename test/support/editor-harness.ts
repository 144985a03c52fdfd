import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { linkPackage, startNodeRed, type NodeRedProcess } from '../../scripts/demo/node-red';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { untilDialogIsBack, untilDialogIsReady } from '../../scripts/editor-dialog';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { describeInBrowser, sharedBrowser } from './browser';
import { LEAN_SETTINGS, sharedNodeRed, type FlowNode } from './node-red-child';
import { startPathProxy, type PathProxy } from './path-proxy';
import { WAIT_LIMIT } from './wait-limit';

/** The major version of the Node-RED that is tested. */
export const MAJOR = /"version": "(\d+)/.exec(readFileSync(fileOfNodeRed('node-red/package.json'), 'utf8'))?.[1] ?? '';
const SCREENS = join(__dirname, '../../.cache/screens');
const SIZE = { width: 1280, height: 900 };

export interface HarnessOptions {
  /** Of Node-RED. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly simulator?: SimulatorOptions;
  /** What is deployed when Node-RED starts, made for the simulator. */
  readonly flow?: (simulator: Simulator) => readonly FlowNode[];
  /** The path of the editor in Node-RED: its `httpAdminRoot`, as `/admin`. */
  readonly root?: string;
  /** What the browser remembers of this editor, by name. */
  readonly remembered?: Readonly<Record<string, string>>;
  /** The path of a reverse proxy in front of Node-RED, as `/automation`. */
  readonly behind?: string;
}

/** Tests that look at the editor, all in the same one. What it looks like when one of them fails is kept as a picture. */
export function describeEditor(
  title: string,
  options: HarnessOptions,
  tests: (harness: () => EditorHarness) => void,
): void {
  describeInBrowser(title, () => {
    let harness: EditorHarness | undefined;
    before(async () => {
      harness = await EditorHarness.start(options);
    });
    after(async function () {
      const isGood = this.test?.parent?.tests.every(({ state }) => state === 'passed' || state === 'pending');
      if (!isGood) await harness?.screenshot(`failed ${title.replace(/\W+/g, ' ')}`);
      await harness?.close();
    });
    afterEach(async function () {
      const { currentTest } = this;
      if (currentTest?.state === 'failed')
        await harness?.screenshot(`failed ${currentTest.title.replace(/\W+/g, ' ')}`);
    });
    tests(() => harness ?? assert.fail('the editor is not open yet'));
  });
}

/** A browser on the editor of a real Node-RED, with the simulator of ChatApp behind it. */
export class EditorHarness {
  private constructor(
    readonly simulator: Simulator,
    readonly nodeRed: Pick<NodeRedProcess, 'url' | 'lines'>,
    readonly proxy: PathProxy | undefined,
    readonly page: Page,
    /** Of the editor, with a slash at its end. */
    readonly url: string,
    private readonly ends: readonly (() => Promise<unknown>)[],
  ) {}

  static async start(options: HarnessOptions = {}): Promise<EditorHarness> {
    const ends: (() => Promise<unknown>)[] = [];
    try {
      const simulator = await startSimulator({ requestsPerSecond: 10_000, ...options.simulator });
      ends.unshift(() => simulator.close());
      const nodes = options.flow?.(simulator) ?? [];
      const { settings, environment = {}, root = '' } = options;
      const isOrdinary = settings === undefined && options.environment === undefined && root === '';
      const nodeRed = isOrdinary
        ? await useShared(nodes, ends)
        : await startOwn(nodes, { ...settings, ...(root !== '' && { httpAdminRoot: root }) }, environment, ends);
      const { behind } = options;
      const proxy = behind === undefined ? undefined : await startPathProxy(behind, new URL(nodeRed.url));
      if (proxy) ends.unshift(() => proxy.close());
      const page = await newPage(await sharedBrowser(), options.remembered ?? {});
      ends.unshift(() => page.close());
      return new EditorHarness(simulator, nodeRed, proxy, page, `${proxy?.url ?? nodeRed.url}${root}/`, ends);
    } catch (error) {
      for (const end of ends) await end();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end();
  }

  /** Deploys these nodes in place of all others, and opens the editor again. */
  async deploy(nodes: readonly FlowNode[]): Promise<void> {
    await this.deployElsewhere(nodes);
    await this.open();
  }

  /** Deploys these nodes in place of all others, as if by another editor. */
  async deployElsewhere(nodes: readonly FlowNode[]): Promise<void> {
    const headers = { 'content-type': 'application/json', 'node-red-deployment-type': 'full' };
    const body = JSON.stringify(nodes);
    const answer = await fetch(`${this.url}flows`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`the deploy was answered with ${answer.status}: ${await answer.text()}`);
  }

  /** Opens the editor, or opens it again. */
  async open(): Promise<void> {
    await this.page.goto(this.url);
    await this.page.waitForFunction("typeof RED === 'object' && RED.nodes?.getType('chatapp-send') !== undefined");
    await this.page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    await this.page.waitForFunction("document.querySelectorAll('.red-ui-notification').length === 0");
  }

  /** Opens the dialog of a node. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
    await this.untilDialog();
  }

  /** Opens the dialog of a connection, or of one that does not exist yet. */
  async editConnection(id = '_ADD_'): Promise<void> {
    await this.page.evaluate(`RED.editor.editConfig('', 'chatapp-connection', ${JSON.stringify(id)})`);
    await this.untilConnectionDialog();
  }

  /** Resolves once the dialog of a node, which is opening, can be used. */
  untilDialog(): Promise<void> {
    return untilDialogIsReady(this.page, '#node-dialog-ok');
  }

  /** The same for the dialog of a connection. */
  untilConnectionDialog(): Promise<void> {
    return untilDialogIsReady(this.page, '#node-config-dialog-ok');
  }

  /** Presses Done, Add or Update in the dialog on top. */
  async done(): Promise<void> {
    await this.press('ok');
  }

  async cancel(): Promise<void> {
    await this.press('cancel');
  }

  /** Points at an element, as if the mouse came from elsewhere: it may be there already, and would not be noticed. */
  async hover(selector: string): Promise<void> {
    await this.page.mouse.move(0, 0);
    await this.page.hover(selector);
  }

  /** Chooses the entry with this value out of a picker's list. */
  async pick(input: string, value: string): Promise<void> {
    await this.page.click(`${input}-toggle`);
    await this.page.click(
      `${input}-list .chatapp-picker-row:has(.chatapp-picker-value:text-is(${JSON.stringify(value)}))`,
    );
    await this.page.locator(`${input}-list`).waitFor({ state: 'hidden' });
  }

  /** The node with this id, as the editor exports it, but for its place: drawing a node with another label moves it. */
  async exported(id: string): Promise<JsonRecord> {
    const nodes = parseJson(
      String(await this.ask('JSON.stringify(RED.nodes.createCompleteNodeSet({ credentials: false }))')),
    );
    const node: unknown = (Array.isArray(nodes) ? nodes : []).find((one: unknown) => isRecord(one) && one.id === id);
    if (!isRecord(node)) assert.fail(`the editor has no node ${id}`);
    const { x: _x, y: _y, ...properties } = node;
    return properties;
  }

  /** The id of the connection with this name. */
  async connectionCalled(name: string): Promise<string> {
    const ids = await this.ask(
      '(() => { const all = {}; RED.nodes.eachConfig((node) => { all[node.name] = node.id; }); return all; })()',
    );
    return isRecord(ids) ? String(ids[name]) : assert.fail('the editor does not list its connections');
  }

  /** Closes what dialogs a test has left open. */
  async closeDialogs(): Promise<void> {
    while ((await this.page.locator('.red-ui-tray').count()) > 0) await this.cancel();
  }

  /** What an expression is in the page. */
  async ask(expression: string): Promise<unknown> {
    const value: unknown = await this.page.evaluate(expression);
    return value;
  }

  /** A picture for people to look at, of the page or a part of it: `.cache/screens/<major of Node-RED>/<name>.png`. */
  async screenshot(
    name: string,
    part: Pick<Page, 'screenshot'> | Pick<Locator, 'screenshot'> = this.page,
  ): Promise<void> {
    const path = join(SCREENS, MAJOR, `${name}.png`);
    await mkdir(join(SCREENS, MAJOR), { recursive: true });
    await part.screenshot({ path, animations: 'disabled', caret: 'hide' });
  }

  private async press(which: 'ok' | 'cancel'): Promise<void> {
    const config = this.page.locator(`#node-config-dialog-${which}`);
    const button = (await config.count()) > 0 ? config : this.page.locator(`#node-dialog-${which}`);
    await button.click();
    await button.waitFor({ state: 'detached' });
    await untilDialogIsBack(this.page);
  }
}

type Ends = (() => Promise<unknown>)[];

/** The Node-RED of this worker, with these nodes alone. */
async function useShared(nodes: readonly FlowNode[], ends: Ends): Promise<Pick<NodeRedProcess, 'url' | 'lines'>> {
  const nodeRed = await sharedNodeRed();
  ends.unshift(() => nodeRed.deploy([]));
  await nodeRed.deploy(nodes);
  return nodeRed;
}

async function startOwn(
  nodes: readonly FlowNode[],
  settings: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>>,
  ends: Ends,
): Promise<NodeRedProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-editor-'));
  ends.unshift(() => rm(folder, { recursive: true, force: true }));
  await linkPackage(folder);
  await writeFlow(folder, nodes);
  const nodeRed = await startNodeRed({ folder, port: 0, settings: { ...LEAN_SETTINGS, ...settings }, environment });
  ends.unshift(() => nodeRed.stop());
  return nodeRed;
}

async function newPage(browser: Browser, remembered: Readonly<Record<string, string>>): Promise<Page> {
  const page = await browser.newPage({
    viewport: SIZE,
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(WAIT_LIMIT);
  await keepLight(page);
  await page.addInitScript(`Object.assign(localStorage, ${JSON.stringify(remembered)})`);
  return page;
}

/** A third less CPU time: the editor loads a library of 3.5 MB that no test needs, and moves dialogs in 15 steps. */
async function keepLight(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Network.enable');
  await devTools.send('Network.setBlockedURLs', { urls: ['*/vendor/mermaid/*'] });
  await page.addInitScript(`addEventListener('DOMContentLoaded', () => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: '* { transition: none !important }' }));
  })`);
}

/** The flow as Node-RED would have kept it. */
async function writeFlow(folder: string, nodes: readonly FlowNode[]): Promise<void> {
  const flow = nodes.map(({ credentials: _credentials, ...node }) => node);
  const credentials = nodes.flatMap((node) => ('credentials' in node ? [[node.id, node.credentials]] : []));
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flow));
  await writeFile(join(folder, 'flows_cred.json'), JSON.stringify(Object.fromEntries(credentials)));
}

/**
 * `npm run recipe-pictures`: the pictures of docs/images/recipes, one of each example flow as the editor draws it. It
 * drives the Chromium that the variable CHROMIUM names, or one of the system. Names of examples, such as
 * `email/digest`, restrict it to these.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../simulator';
import { isRecord } from '../src/events/json';
import { startNatsServer } from './demo/nats-server';
import { startNodeRed } from './demo/node-red';
import { examples, linkExamples, recipeName, type Example, type FlowNode } from './example-flows';
import { openEditor, startHarness } from './screenshots/harness';

const IMAGES = resolve(__dirname, '../docs/images/recipes');
/** Room for every example between palette and sidebar, so that none has to be scrolled. */
const SIZE = { width: 1900, height: 1300 };
/** Around the flow, in pixels. */
const MARGIN = 10;
/** No grid on the canvas. */
const BARE = '.red-ui-workspace-chart-grid { display: none }';
/** The corners of all that is drawn, on the page. */
const DRAWN = `(() => {
  const boxes = [...document.querySelectorAll('.red-ui-flow-node-group, .red-ui-flow-group-body')]
    .map((one) => one.getBoundingClientRect())
    .filter(({ width }) => width > 0);
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
})()`;

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function main(wanted: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-recipes-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const simulator = await startSimulator();
    ends.unshift(() => simulator.close());
    await linkExamples(folder);
    const nodeRed = await startNodeRed({ folder, port: 0 });
    ends.unshift(() => nodeRed.stop());
    const harness = await startHarness();
    ends.unshift(() => harness.close());
    await mkdir(IMAGES, { recursive: true });
    for (const example of examples()) {
      if (wanted.length > 0 && !wanted.includes(example.name)) continue;
      const nats = example.name.startsWith('scale/') ? await startNatsServer(join(folder, 'nats')) : undefined;
      if (nats) ends.unshift(() => nats.stop());
      await deploy(nodeRed.url, example, simulator, nats?.url);
      const page = await harness.open(SIZE);
      await take(page, nodeRed.url, example);
      await page.close();
    }
  } finally {
    for (const end of ends) await end();
  }
}

/** The example as someone would have it who has filled in the settings. */
async function deploy(url: string, { nodes }: Example, simulator: Simulator, nats?: string): Promise<void> {
  const { email, password, appId, cabinetUserId, companies } = simulator.account;
  const values: Readonly<Record<string, string>> = {
    COMPANY: String(companies[0]?.companyId ?? ''),
    USER: String(cabinetUserId),
  };
  const filled = nodes
    .filter(({ type }) => type !== 'global-config')
    .map((node): FlowNode => {
      if (node.type === 'chatapp-connection') {
        const { socketUrl } = simulator;
        const cluster = nats ?? '';
        return { ...node, apiUrl: simulator.url, socketUrl, cluster, credentials: { email, password, appId } };
      }
      if (node.type === 'e-mail') return { ...node, credentials: { userid: email, password } };
      // Taking a picture must not use a database of this machine.
      if (node.type === 'inject') return { ...node, once: false };
      return node.type === 'tab' && Array.isArray(node.env) ? { ...node, env: node.env.map(fill) } : node;
    });
  const headers = { 'content-type': 'application/json', 'node-red-deployment-type': 'full' };
  const answer = await fetch(`${url}/flows`, { method: 'POST', headers, body: JSON.stringify(filled) });
  if (!answer.ok) throw new Error(`the deploy was answered with ${answer.status}`);

  function fill(variable: unknown): unknown {
    return isRecord(variable) ? { ...variable, value: values[String(variable.name)] ?? variable.value } : variable;
  }
}

async function take(page: Page, url: string, example: Example): Promise<void> {
  await openEditor(page, url, "RED.nodes.filterNodes({ type: 'comment' }).length > 0");
  await page.addStyleTag({ content: BARE });
  const listeners = example.nodes.filter(({ type }) => /^chatapp-(messenger|company|user|employee)$/.test(type)).length;
  await page.waitForFunction(
    `[...document.querySelectorAll('.red-ui-flow-node-status-label')].filter((label) => /listening|receiving|leader/.test(label.textContent)).length >= ${listeners}`,
  );
  await page.evaluate('document.fonts.ready.then(() => true)');
  const drawn: unknown = await page.evaluate(DRAWN);
  const side = (key: string): number => (isRecord(drawn) ? Number(drawn[key]) : 0);
  const [x, y] = [side('left') - MARGIN, side('top') - MARGIN];
  const [width, height] = [side('right') + MARGIN - x, side('bottom') + MARGIN - y];
  const path = join(IMAGES, `${recipeName(example)}.png`);
  await page.screenshot({ path, clip: { x, y, width, height }, animations: 'disabled' });
  console.log(relative(process.cwd(), path));
}

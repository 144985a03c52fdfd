import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { asNodes } from '../../scripts/example-flows';
import { parseJson } from '../../src/events/json';
import { describeInBrowser, sharedBrowser } from '../support/browser';
import { ExampleHarness, type RunningExample } from '../support/example-harness';
import { WAIT_LIMIT } from '../support/wait-limit';

const EXAMPLE = 'dashboard/live-inbox';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const OTHER_LINE = { licenseId: '50102', messengerType: 'instagram' } as const;
const ERRORS = 'read the text and act';
const MARKUP = `<img src="x" onerror="window.harmed = true"><script>window.harmed = true</script>{{ 6 * 7 }}`;
/** In ms. The page gets at most four updates a second. */
const SOON = 1_500;
/** From the lowest to the highest point of the chart's line, in pixels: what has about its colour. */
const CLIMB = `() => {
  const canvas = document.querySelector('canvas');
  if (!canvas) return 0;
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const rows = [];
  for (let at = 0; at < data.length; at += 4) {
    const isLine = data[at] < 60 && Math.abs(data[at + 1] - 149) < 30 && data[at + 2] > 220 && data[at + 3] > 100;
    if (isLine) rows.push(Math.floor(at / 4 / width));
  }
  return rows.length > 0 ? 1 + rows.at(-1) - rows[0] : 0;
}`;

describeInBrowser('the example of a live inbox', () => {
  let harness: ExampleHarness;
  let browser: Browser;
  let page: Page;
  let flow: RunningExample;

  before(async () => {
    harness = await ExampleHarness.start();
    browser = await sharedBrowser();
  });

  after(() => harness.close());

  beforeEach(async () => {
    await open();
  });

  afterEach(async () => {
    await page.close();
    await harness.deploy([]);
  });

  it('shows a new message within a second or so, and the newest of each chat on top of its line', async () => {
    harness.simulator.message({ ...LINE, chat: { id: '7', name: 'Ольга' }, text: 'are you open?' });
    await page.getByText('are you open?').waitFor({ timeout: SOON });
    harness.simulator.message({ ...OTHER_LINE, chat: { id: '8', name: 'Júlia' }, text: 'oi!' });
    const time = Math.floor(Date.now() / 1000);
    const picture = { caption: '', file: { link: 'https://files.example/a.jpg' } };
    harness.simulator.message({
      ...LINE,
      chat: { id: '9', name: 'Max' },
      type: 'image',
      message: picture,
      time: time + 1,
    });
    harness.simulator.message({
      ...LINE,
      chat: { id: '7', name: 'Ольга' },
      text: 'we are',
      side: 'out',
      time: time + 2,
    });
    await page.getByText('← we are').waitFor({ timeout: SOON });
    assert.deepEqual(await texts('.inbox h3'), ['Line 50101 · telegram', 'Line 50102 · instagram']);
    assert.deepEqual(await texts('.inbox .chat b'), ['Ольга', 'Max', 'Júlia']);
    assert.deepEqual(await texts('.inbox .chat p'), ['← we are', 'image', 'oi!']);
  });

  it('shows an edit of the newest message, and not one of an older message', async () => {
    const time = Math.floor(Date.now() / 1000);
    harness.simulator.message({ ...LINE, text: 'first', time: time - 60 });
    const { id } = harness.simulator.message({ ...LINE, text: 'secnd', time });
    harness.simulator.message({ ...LINE, id, text: 'second', time, edited: true });
    harness.simulator.message({ ...LINE, text: 'FIRST', time: time - 60, edited: true });
    await page.getByText('second').waitFor({ timeout: SOON });
    assert.deepEqual(await texts('.inbox .chat p'), ['second']);
  });

  it('shows the markup that someone puts into a name or a message as text, and runs nothing of it', async () => {
    harness.simulator.message({ ...LINE, chat: { id: '7', name: MARKUP }, text: MARKUP });
    harness.simulator.message({ ...OTHER_LINE, text: 'and then' });
    await page.getByText('and then').waitFor({ timeout: SOON });
    assert.deepEqual((await texts('.inbox .chat b'))[0], MARKUP);
    assert.deepEqual((await texts('.inbox .chat p'))[0], MARKUP);
    assert.equal(await page.locator('.inbox img, .inbox script').count(), 0);
    assert.equal(await page.evaluate('window.harmed'), undefined);
  });

  it('shows what there is to a page that is opened later, and what it had before a deploy', async () => {
    harness.simulator.message({ ...LINE, text: 'long ago' });
    await page.getByText('long ago').waitFor();
    await page.reload();
    await page.getByText('long ago').waitFor();
    // A widget that the dashboard does not know yet: it shows what the flow has stored.
    const inbox = flow.nodes.find(({ name }) => name === 'inbox')?.id ?? assert.fail();
    const text = JSON.stringify(flow.nodes).replaceAll(inbox, 'c0ffeec0ffeec0ff');
    await harness.deploy(asNodes(parseJson(text)));
    await page.reload();
    await page.getByText('long ago').waitFor();
  });

  it('says so when ChatApp is not there, and when it is there again', async () => {
    await page.locator('.state').filter({ hasText: 'listening' }).waitFor();
    await harness.simulator.faults.down();
    await page.locator('.state').filter({ hasNotText: 'listening' }).waitFor({ timeout: SOON });
    await harness.simulator.faults.up();
    await page.locator('.state').filter({ hasText: 'listening' }).waitFor();
  });

  it('shows an error until the listener listens again', async () => {
    harness.simulator.answerAuthWith({ status: 403, body: { success: false } });
    harness.simulator.dropAll();
    await harness.nodeRed.until('the error', () => flow.shown(ERRORS).length > 0);
    await page.locator('.error').filter({ hasText: /\w/ }).waitFor();
    harness.simulator.answerAuthWith(undefined);
    harness.simulator.dropAll();
    await page.locator('.error').waitFor({ state: 'detached' });
  });

  it('draws what came within the last minute whenever its clock ticks', async () => {
    await page.waitForFunction(`(${CLIMB})() > 0`);
    assert.ok(Number(await page.evaluate(`(${CLIMB})()`)) < 20);
    for (let count = 0; count < 9; count++) harness.announce('chatTag', { type: 'messenger', ...LINE });
    harness.simulator.message({ ...LINE, text: 'the tenth event' });
    await page.getByText('the tenth event').waitFor();
    await flow.press('every 10 seconds');
    // From nought to ten.
    await page.waitForFunction(`(${CLIMB})() > 100`);
  });

  async function open(): Promise<void> {
    flow = await harness.run(EXAMPLE);
    page = await browser.newPage({ locale: 'en-GB' });
    page.setDefaultTimeout(WAIT_LIMIT);
    await page.goto(`${harness.nodeRed.url}/dashboard/chatapp-inbox`);
    await page.locator('.inbox').waitFor();
  }

  function texts(selector: string): Promise<string[]> {
    return page.locator(selector).allInnerTexts();
  }
});

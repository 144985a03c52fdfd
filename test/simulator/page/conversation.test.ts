import assert from 'node:assert/strict';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Simulator, startSimulator } from '../../../simulator';
import { chatIdOf, CUSTOMERS } from '../../../simulator/history/customers';
import { describeInBrowser, sharedBrowser } from '../../support/browser';
import { WAIT_LIMIT } from '../../support/wait-limit';
import { ask } from '../api-client';

const CHAT = '/v1/licenses/50101/messengers/grWhatsApp/chats/77000000001/messages';

describeInBrowser('a conversation on the page of the simulator', () => {
  let browser: Browser;
  let simulator: Simulator;
  let page: Page;
  const complaints: string[] = [];

  const bubbles = (): Locator => page.locator('#messages li');
  const write = async (text: string): Promise<void> => {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Send to the flow' }).click();
  };
  const answer = async (text: string): Promise<void> => {
    assert.equal((await ask(simulator, `POST ${CHAT}/text`, { body: { text } })).status, 200);
  };

  before(async () => {
    browser = await sharedBrowser();
  });

  beforeEach(async () => {
    complaints.length = 0;
    simulator = await startSimulator({ requestsPerSecond: 1000, statusDelay: 0 });
    page = await browser.newPage({ viewport: { width: 400, height: 800 } });
    page.setDefaultTimeout(WAIT_LIMIT);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(simulator.url);
    await page.locator('#chat option').first().waitFor({ state: 'attached' });
  });
  afterEach(async () => {
    await page.close();
    await simulator.close();
    assert.deepEqual(complaints, []);
  });

  it('goes both ways: what the customer writes, what the flow answers, and how the answer fares', async () => {
    await page.getByText('Nothing was written in this chat yet.').waitFor();
    await write('Are you open?');
    await bubbles().filter({ hasText: 'Anna Beispiel' }).filter({ hasText: 'Are you open?' }).waitFor();
    assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), '');
    await answer('Yes, <b>until</b> 20:00');
    const reply = bubbles().filter({ hasText: 'The flow' });
    await reply.filter({ hasText: 'Yes, <b>until</b> 20:00' }).waitFor();
    await reply.getByText('viewed').waitFor();
    simulator.faults.sentMessagesEnd('failed');
    await answer('Come by!');
    await bubbles().nth(2).getByText('failed: Message Undeliverable.').waitFor();
    const sides = [0, 1, 2].map((index) => bubbles().nth(index).getAttribute('class'));
    assert.deepEqual(await Promise.all(sides), ['in', 'out', 'out']);
  });

  it('keeps apart what is written in each chat, though ids begin again there, and who of the shop wrote it', async () => {
    await page.locator('#messenger').selectOption({ index: 1 });
    await page.locator('#chat option').filter({ hasText: 'Тимур Пример (new)' }).waitFor({ state: 'attached' });
    await write('From Anna');
    await bubbles().filter({ hasText: 'From Anna' }).waitFor();
    const place = { licenseId: 50101, messengerType: 'telegram', chat: chatIdOf(CUSTOMERS[1], 'telegram') };
    simulator.message({ ...place, text: 'An employee to Timur', side: 'out' });
    await page.locator('#chat').selectOption({ label: 'Тимур Пример' });
    const row = bubbles().filter({ hasText: 'An employee to Timur' });
    await row.filter({ hasText: 'The shop' }).waitFor();
    assert.deepEqual([await bubbles().count(), await row.getAttribute('class')], [1, 'out']);
    await page.locator('#messenger').selectOption({ index: 2 });
    await page.getByText('Nothing was written in this chat yet.').waitFor();
  });

  it('sends by Enter; Shift and Enter begin a new line', async () => {
    const field = page.getByLabel('Message', { exact: true });
    await field.fill('One');
    await field.press('Shift+Enter');
    await field.pressSequentially('two');
    await field.press('Enter');
    await bubbles().first().waitFor();
    assert.equal(await bubbles().first().locator('.said').textContent(), 'One\ntwo');
  });

  it('leaves rows alone that are there: a screen reader reads out only what is new', async () => {
    await write('First');
    await bubbles().first().waitFor();
    await bubbles()
      .first()
      .evaluate((row) => row.setAttribute('data-seen', 'yes'));
    await answer('Second');
    await bubbles().nth(1).getByText('viewed').waitFor();
    assert.equal(await bubbles().first().getAttribute('data-seen'), 'yes');
    assert.equal(await page.getByRole('log', { name: 'Messages of the chat' }).count(), 1);
  });

  it('reports which webhook addresses are set', async () => {
    await page.locator('#callbacks').getByText('None is set.').waitFor();
    const events = ['message'];
    simulator.callbacks.plant({ licenseId: 50102, messengerType: 'caWhatsApp', events, url: 'https://crm.example/x' });
    await page.locator('#callbacks').getByText('goes to crm.example').waitFor();
  });

  it('fits a narrow screen', async () => {
    await write('x'.repeat(200));
    await bubbles().first().waitFor();
    const widths = await page.locator('html').evaluate((html) => [html.scrollWidth, html.clientWidth]);
    assert.equal(widths[0], widths[1]);
  });
});

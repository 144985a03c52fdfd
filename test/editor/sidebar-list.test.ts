import assert from 'node:assert/strict';
import type { HealthAnswer } from '../../nodes/shared/health-answers';
import { describeEditor } from '../support/editor-harness';
import { HealthAnswers } from '../support/health-answers';
import { answerOf, channel, healthy, NOW, STATES } from '../support/health-states';
import { openSidebar, sidebarFlow } from '../support/sidebar';

const LIST = '.chatapp-sidebar .chatapp-list';
const ROWS = `${LIST} [role="listitem"]`;
const SEARCH = '.chatapp-sidebar input[type="search"]';
const ONLY = '.chatapp-sidebar input[type="checkbox"]';
/** More rows than fit into the tab, above and below of it. */
const MAX_DRAWN = 60;
/** In ms: what one takes for at once, for 1,000 lines, on a machine that also runs Node-RED and the tests. */
const MAX_DRAWING = 500;

describeEditor('the list in the sidebar', { flow: sidebarFlow }, (harness) => {
  const answers = new HealthAnswers(NOW);
  before(async () => {
    await answers.open(harness().page);
    answers.show(STATES['1,000 lines'] ?? { connections: [] });
    await harness().open();
    await openSidebar(harness());
    await harness().page.locator(`${ROWS} .chatapp-head`).first().click();
  });
  beforeEach(async () => {
    await harness().page.fill(SEARCH, '');
    await harness().page.uncheck(ONLY);
    await show(STATES['1,000 lines']);
    await harness().ask(`document.querySelector('${LIST}').scrollTop = 0`);
    await harness().page.locator(ROWS, { hasText: 'Branch 0001' }).waitFor();
  });

  async function show(answer: HealthAnswer | undefined): Promise<void> {
    assert.ok(answer);
    answers.show(answer);
    await harness().ask("RED.events.emit('deploy')");
  }

  function titles(): Promise<string[]> {
    return harness().page.locator(`${ROWS} .chatapp-title`).allInnerTexts();
  }

  it('draws only what one sees of 1,000 lines, says how many there are, and shows the last one at its end', async () => {
    const { page } = harness();
    const drawn = page.locator(ROWS);
    assert.ok((await drawn.count()) < MAX_DRAWN, String(await drawn.count()));
    // With the connection, a listener, a node that sends, and four headings.
    assert.equal(await drawn.first().getAttribute('aria-setsize'), '1007');
    // What was not drawn is taken to be as high as the others: who drags to the end may have to drag again.
    await page.waitForFunction(`(() => {
      const list = document.querySelector('${LIST}');
      list.scrollTop = list.scrollHeight;
      return list.innerText.includes('Sent: 128');
    })()`);
    assert.ok((await drawn.count()) < MAX_DRAWN);
    assert.equal(await drawn.last().getAttribute('aria-posinset'), '1007');
  });

  it('draws changes of 1,000 lines at once', async () => {
    const lines = STATES['1,000 lines'];
    const health = lines?.connections[0]?.health;
    assert.ok(health);
    const times: number[] = [];
    for (const count of [1, 2, 3, 4, 5]) {
      const login = { ...health.login, accountId: String(count) };
      await harness().ask(`(() => {
        const list = document.querySelector('${LIST}');
        window.took = undefined;
        const parse = JSON.parse;
        JSON.parse = (...all) => { JSON.parse = parse; const read = parse(...all); window.began = performance.now(); return read; };
        new MutationObserver((_, observer) => { window.took = performance.now() - window.began; observer.disconnect(); }).observe(list, { subtree: true, childList: true });
      })()`);
      await show(answerOf({ ...health, login }));
      await harness()
        .page.locator(ROWS, { hasText: `account ${count},` })
        .waitFor();
      times.push(Number(await harness().ask('window.took')));
    }
    const typical = times.sort((one, other) => one - other)[2] ?? Infinity;
    assert.ok(typical < MAX_DRAWING, times.join(', '));
  });

  it('keeps the place, the focus and what is unfolded when the state changes', async () => {
    const { page } = harness();
    const head = page.locator(`${ROWS}:has-text("Branch 0004") > .chatapp-head`);
    await head.click();
    await harness().ask(`document.querySelector('${LIST}').scrollTop = 150`);
    await page.locator(ROWS, { hasText: 'Branch 0004' }).locator('button[data-focus="selectNodes"]').focus();
    const scrolled = `document.querySelector('${LIST}').scrollTop`;
    const place = await harness().ask(scrolled);
    assert.ok(typeof place === 'number' && place > 100);
    const lines = STATES['1,000 lines']?.connections[0]?.health ?? assert.fail();
    const [first, ...others] = lines.channels;
    const changed = others.map((one) => (one.lineName === 'Branch 0004' ? { ...one, lastEvent: NOW - 7_000 } : one));
    await show(answerOf({ ...lines, channels: [...(first ? [first] : []), ...changed] }));
    await page.locator(ROWS, { hasText: 'Last event 7 sec. ago' }).waitFor();
    assert.equal(await harness().ask(scrolled), place);
    const focused =
      '[document.activeElement.dataset.focus, document.activeElement.closest("[data-key]")?.innerText.includes("Branch 0004")]';
    assert.deepEqual(await harness().ask(focused), ['selectNodes', true]);
    await head.click();
  });

  it('can be walked through with the arrow keys, beyond what is drawn, and unfolded with Enter', async () => {
    const { page } = harness();
    await page.locator(`${ROWS} .chatapp-head`).first().focus();
    for (let step = 0; step < 80; step += 1) await page.keyboard.press('ArrowDown');
    const focused = "document.activeElement.querySelector('.chatapp-title')?.textContent";
    assert.equal(await harness().ask(focused), 'Branch 0079 · Telegram');
    await page.keyboard.press('Enter');
    await page.locator(`${LIST} dt`, { hasText: 'Events in 24 hours' }).waitFor();
    assert.equal(await harness().ask('document.activeElement.getAttribute("aria-expanded")'), 'true');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    assert.equal(await harness().ask(focused), 'Branch 0078 · Telegram');
  });

  it('searches names, and says if nothing has this one', async () => {
    const { page } = harness();
    await page.fill(SEARCH, 'branch 042');
    await page.locator(ROWS, { hasText: 'Branch 0429' }).waitFor();
    assert.deepEqual(
      (await titles()).slice(1),
      Array.from({ length: 10 }, (_, index) => `Branch 042${index} · Telegram`),
    );
    await page.fill(SEARCH, 'no such line');
    await page.locator('.chatapp-message', { hasText: 'Nothing has this name or text.' }).waitFor();
    assert.deepEqual(await titles(), []);
  });

  it('shows only what needs attention if one wants that', async () => {
    const { page } = harness();
    await page.check(ONLY);
    await page.locator(ROWS, { hasText: 'Branch 0001' }).waitFor({ state: 'detached' });
    assert.deepEqual(await titles(), ['Flowers & Co', 'Branch 0777 · Telegram']);
    await show(STATES.healthy);
    await page.locator('.chatapp-message', { hasText: 'Nothing needs attention.' }).waitFor();
    assert.deepEqual(await titles(), []);
  });

  it('shows connections with a problem before others', async () => {
    const good = answerOf(healthy({ channels: [channel({ lineName: 'Good line' })] })).connections;
    const bad = (STATES['dead token']?.connections ?? []).map((entry) => ({
      ...entry,
      id: 'second',
      name: 'A second one',
    }));
    await show({ connections: [...good, ...bad] });
    await harness().page.locator(ROWS, { hasText: 'A second one' }).first().waitFor();
    const shown = await titles();
    assert.equal(shown[0], 'A second one');
    assert.ok(shown.includes('Flowers & Co'));
  });

  it('is asked for while somebody looks, and not while nobody does', async () => {
    const asks = (): number => answers.asked.filter(({ path }) => path === 'chatapp/health').length;
    const { page } = harness();
    const before = asks();
    // By itself, so that Node-RED goes on telling of changes.
    await page.waitForResponse(/chatapp\/health/);
    assert.ok(asks() > before);
    await harness().ask("RED.sidebar.show('info')");
    await page.locator('.chatapp-sidebar').waitFor({ state: 'hidden' });
    // What was asked for before it was hidden may still come.
    await page.waitForTimeout(500);
    const hidden = asks();
    await harness().ask("RED.events.emit('deploy')");
    await page.waitForTimeout(5_000);
    assert.equal(asks(), hidden);
    const asked = page.waitForResponse(/chatapp\/health/);
    await harness().ask("RED.sidebar.show('chatapp-sidebar')");
    await asked;
  });
});

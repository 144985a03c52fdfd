import assert from 'node:assert/strict';
import { describeEditor, MAJOR, type EditorHarness } from '../support/editor-harness';
import type { HealthAnswer } from '../../nodes/shared/health-answers';
import { HealthAnswers } from '../support/health-answers';
import { answerOf, channel, healthy, NOW, STATES } from '../support/health-states';
import { openSidebar, sidebarFlow } from '../support/sidebar';

const LIST = '.chatapp-sidebar .chatapp-list';
const LINE = `${LIST} .chatapp-row[data-kind="channel"]:has-text("Flower shop · Telegram") > .chatapp-head`;
const MESSAGE = '.chatapp-sidebar .chatapp-message';

/** What one reads of each state, as expressions, in this order. */
const SEEN: Readonly<Record<string, readonly RegExp[]>> = {
  healthy: [
    /Everything works/,
    /Flowers & Co\s+Receiving: 3 of 3/,
    /Login\s+E-mail and password, account 4711, token renewed 3 hr\. ago, ends in 21 hr\./,
    /Socket\s+Open, connected 3 hr\. ago\. Ping 42 ms, 8 sec\. ago/,
    /Lines of Flowers & Co: 3/,
    /Flower shop · Telegram\s+Receiving\. Last event 3 min\. ago/,
    /orders to CRM\s+Waiting: 3 · In progress: 1 · Oldest: 20 sec\. ago/,
    /answer\s+Sent: 128/,
  ],
  'first start': [
    /Nothing needs attention\. In progress: 2/,
    /Socket\s+Connecting …/,
    /Flower shop · Telegram\s+Subscribing/,
  ],
  'nothing deployed': [/No ChatApp connection is deployed yet/],
  'socket lost': [
    /Needs attention: 4/,
    /Receiving: 0 of 3/,
    /Lost 2 min\. ago\. No connection to socket\.chatapp\.online:6001 since 11:58 \(ECONNREFUSED\).*Next try in 12 sec/,
    /Not receiving: there is no socket/,
    /Latest errors: 1/,
    /CONNECTION_LOST, 2 min\. ago/,
  ],
  'backfill at 40 %': [
    /Nothing needs attention\. In progress: 1/,
    /Flower shop · Telegram\s+Receiving\. Fetching missed messages: chats 100 of 250, messages 1240/,
  ],
  'refused channel': [
    /Needs attention: 2/,
    /Flower shop · WhatsApp\s+Receiving\. The webhook belongs to crm\.example\.com\. Replace it/,
    /Support · Instagram\s+ChatApp refuses private-v1\.licenses\.50102\.messengers\.instagram\. Check its ids/,
    /Flower shop · Telegram\s+Receiving/,
    /CHANNEL_REFUSED, 12 min\. ago\s+ChatApp refuses.*Check its ids, and that this account may read it\.\s+every message/,
  ],
  'dead token': [
    /Needs attention: 4/,
    /Login\s+Access and refresh token are not valid any more\. Paste a new pair.*Next try in 5 min\./,
    /Flower shop · Telegram\s+Not receiving: nobody is logged in/,
  ],
  'dead letters': [
    /Needs attention in Flowers & Co: 2/,
    /orders to CRM\s+Waiting: 3 · In progress: 1 · Oldest: 20 min\. ago · Next attempt: in 1 min\. · Given up \(dead letters\): 2/,
    /answer\s+Sent: 128 · Waiting: 4 · Refused: 9 · Uncertain: 1/,
    /DELIVERY_FAILED, 9 min\. ago \(×3\)[^]*DELIVERY_FAILED, 30 min\. ago/,
  ],
  cluster: [
    /This instance is standby, instances: 3, leader: 19ac, this one: b7f2/,
    /Partitions of every message\s+5 \/ 16/,
    /Partitions of orders to CRM\s+6 \/ 16/,
  ],
  'wrong settings': [/Cannot start: check its settings/, /These fields are missing: E-mail, Password\. Fill them in/],
  '1,000 lines': [
    /Needs attention: 1/,
    /Receiving: 999 of 1000/,
    /Branch 0777 · Telegram\s+ChatApp refuses[^]*Branch 0001/,
  ],
};

/** Node-RED 4 has one theme only. */
const THEMES = MAJOR === '4' ? ['light'] : ['light', 'dark'];

for (const theme of THEMES)
  describeEditor(
    `the sidebar (${theme})`,
    { flow: sidebarFlow, remembered: { 'view-dark-theme': theme } },
    (harness) => {
      const answers = new HealthAnswers(NOW);
      before(async () => {
        await answers.open(harness().page);
        answers.show(STATES.healthy ?? { connections: [] });
        await harness().open();
        await openSidebar(harness());
      });

      /** Shows a state at once: otherwise the tab would ask within 4 s. */
      async function show(answer: HealthAnswer): Promise<void> {
        answers.show(answer);
        await harness().ask("RED.events.emit('deploy')");
      }

      for (const [state, expressions] of Object.entries(SEEN)) {
        it(`shows what it should: ${state}`, async () => {
          const answer = STATES[state];
          assert.ok(answer);
          await show(answer);
          let rest = await textWith(harness(), expressions);
          await harness().screenshot(`sidebar-${state.replace(/\W+/g, '-')}-${theme}`);
          for (const expression of expressions) {
            const found = expression.exec(rest);
            assert.ok(found, `${String(expression)} in:\n${rest}`);
            rest = rest.slice(found.index);
          }
          assert.deepEqual(await tooWide(harness()), []);
          assert.deepEqual(await nameless(harness()), []);
        });
      }

      it('says how far a gap is, for those who do not see the bar, and how long it takes', async () => {
        const { page } = harness();
        await show(STATES['backfill at 40 %'] ?? { connections: [] });
        const bar = page.locator(`${LIST} [role="progressbar"]`);
        await bar.waitFor();
        const attributes = ['aria-valuenow', 'aria-valuemax'].map((name) => bar.getAttribute(name));
        assert.deepEqual(await Promise.all(attributes), ['100', '250']);
        const [bars, filled] = await Promise.all([bar.boundingBox(), bar.locator('span').boundingBox()]);
        assert.ok(bars && filled && Math.abs(filled.width / bars.width - 0.4) < 0.02);
        await page.locator(LINE).click();
        await page.locator(LIST, { hasText: /Time left\s*about 2 min/ }).waitFor();
        await harness().screenshot(`sidebar-gap-details-${theme}`);
        await page.locator(LINE).click();
      });

      it('draws a bar for each of the last 24 hours', async () => {
        answers.show(STATES.healthy ?? { connections: [] });
        const bars = harness().page.locator(`${LIST} svg[role="img"]`).first();
        await bars.waitFor();
        assert.equal(((await bars.locator('path').getAttribute('d')) ?? '').split('M').length - 1, 24);
        assert.match((await bars.getAttribute('aria-label')) ?? '', /^Events in 24 hours, by hour\. In total: \d+$/);
      });

      it('shows names as text, whatever they hold', async () => {
        const lineName = '<img src=x onerror="window.hurt=1"> __line__ $t(account.reading)';
        await show(answerOf(healthy({ channels: [channel({ lineName })] })));
        await harness().page.locator('.chatapp-title', { hasText: lineName }).waitFor();
        assert.equal(await harness().page.locator('.chatapp-sidebar img').count(), 0);
        assert.equal(await harness().ask('typeof window.hurt'), 'undefined');
      });

      for (const [what, status, words] of [
        ['the user may not see it', 401, 'You may look at flows, but not at the state of ChatApp connections'],
        ['Node-RED is gone', 0, 'Node-RED did not answer. Is it running?'],
        ['the answer makes no sense', 200, 'Node-RED cannot read the account'],
      ] as const) {
        it(`says so if ${what}, and shows nothing old`, async () => {
          answers.answerWith('GET', 'chatapp/health', status, { odd: 1 });
          await harness().ask("RED.events.emit('deploy')");
          await harness().page.locator(`${MESSAGE}.chatapp-problem`, { hasText: words }).waitFor();
          assert.equal(await harness().page.locator(`${LIST} [role="listitem"]`).count(), 0);
          answers.show(STATES.healthy ?? { connections: [] });
          await harness().page.locator(LIST, { hasText: 'Receiving: 3 of 3' }).waitFor();
        });
      }
    },
  );

/** What one reads in the tab from its top to its end, or to the 2,000th px: the rows that are not seen are not drawn. */
const READ = `(async () => {
  const tab = document.querySelector('.chatapp-sidebar');
  const list = tab.querySelector('.chatapp-list');
  const rows = new Map();
  for (let top = 0; top < 2_000; top += 150) {
    list.scrollTop = top;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    for (const row of list.querySelectorAll('[role="listitem"]')) rows.set(Number(row.ariaPosInSet), row.innerText);
    if (top + list.clientHeight >= list.scrollHeight) break;
  }
  list.scrollTop = 0;
  const above = [...tab.children].filter((part) => part !== list).map((part) => part.innerText);
  return [...above, ...[...rows].sort(([one], [other]) => one - other).map(([, text]) => text)].join('\\n');
})()`;

/** The text of the tab, as soon as one reads all of these in it, in this order; at the latest after 15 s. */
async function textWith({ page }: EditorHarness, expressions: readonly RegExp[]): Promise<string> {
  const all = new RegExp(expressions.map(({ source }) => source).join('[^]*'));
  const until = performance.now() + 15_000;
  for (;;) {
    const text = String(await page.evaluate(READ));
    if (all.test(text) || performance.now() > until) return text;
  }
}

/** What is wider than the tab. */
function tooWide(harness: EditorHarness): Promise<unknown> {
  return harness.ask(`(() => {
    const tab = document.querySelector('.chatapp-sidebar');
    const { left, right } = tab.getBoundingClientRect();
    return [...tab.querySelectorAll('*')].filter((part) => part.checkVisibility()).filter((part) => {
      const box = part.getBoundingClientRect();
      return box.width > 0 && (box.left < left - 1 || box.right > right + 1);
    }).map((part) => part.outerHTML.slice(0, 120));
  })()`);
}

/** Controls and pictures without a name. */
function nameless(harness: EditorHarness): Promise<unknown> {
  return harness.ask(`[...document.querySelectorAll('.chatapp-sidebar :is(button, input, [role="img"], [role="progressbar"])')]
    .filter((one) => !(one.ariaLabel || one.getAttribute('aria-label') || one.textContent || one.labels?.[0]?.textContent)?.trim())
    .map((one) => one.outerHTML.slice(0, 120))`);
}

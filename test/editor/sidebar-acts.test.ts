import assert from 'node:assert/strict';
import type { DeadLetterList } from '../../nodes/shared/dead-letter-answers';
import type { HealthAnswer } from '../../nodes/shared/health-answers';
import { describeEditor } from '../support/editor-harness';
import { HealthAnswers } from '../support/health-answers';
import { answerOf, channel, healthy, NOW, STATES } from '../support/health-states';
import { openSidebar, sidebarFlow } from '../support/sidebar';

const LIST = '.chatapp-sidebar .chatapp-list';
const row = (title: string): string => `${LIST} .chatapp-row:has(> .chatapp-head > .chatapp-title:text-is("${title}"))`;
const button = (title: string, name: string): string => `${row(title)} button[data-focus="${name}"]`;

const LETTERS: DeadLetterList = {
  letters: [
    {
      ...{ id: 7, listener: 'worker', event: 'message', channel: 'private-v1.licenses.50101.messengers.telegram' },
      ...{ receivedAt: NOW - 3_600_000, at: NOW - 1_800_000, attempts: 5, reason: 'attempts', status: '503' },
    },
    {
      ...{ id: 4, listener: 'worker', event: 'chatTag', channel: 'private-v1.licenses.50101.messengers.telegram' },
      ...{ receivedAt: NOW - 7_200_000, reason: 'gaveUp' },
    },
  ],
  hasMore: false,
};
const LETTERS_PATH = 'chatapp/dead-letters/shop?listener=worker';
/** A line with a gap, for all that can be done about it. */
const GAP = channel({ gap: { from: NOW, isFilling: false, chatsFound: 0, chatsDone: 0, messages: 0 } });
const READER = { adminAuth: { type: 'credentials', users: [], default: { permissions: 'read' } } };

describeEditor('what one can do in the sidebar', { flow: sidebarFlow }, (harness) => {
  const answers = new HealthAnswers(NOW);
  before(async () => {
    await answers.open(harness().page);
    answers.show(STATES['dead letters'] ?? { connections: [] });
    await harness().open();
    await openSidebar(harness());
  });
  beforeEach(() => {
    answers.asked.length = 0;
  });

  async function show(answer: HealthAnswer | undefined): Promise<void> {
    assert.ok(answer);
    answers.show(answer);
    await harness().ask("RED.events.emit('deploy')");
  }

  function selected(): Promise<unknown> {
    return harness().ask('(RED.view.selection().nodes ?? []).map(({ id }) => id).sort()');
  }

  it('selects the node that an error is about', async () => {
    const { page } = harness();
    await page.locator(`${LIST} .chatapp-row[data-kind="error"] .chatapp-link`).first().click();
    assert.deepEqual(await selected(), ['worker']);
  });

  it('opens the dialog of a connection, and says that it must be closed first to show a node', async () => {
    const { page } = harness();
    // It works, so that it is folded: what needs attention is seen first.
    assert.equal(await page.locator(button('Flowers & Co', 'settings')).count(), 0);
    await page.click(`${row('Flowers & Co')} > .chatapp-head`);
    await page.click(button('Flowers & Co', 'settings'));
    await harness().untilConnectionDialog();
    await page.locator(`${LIST} .chatapp-row[data-kind="error"] .chatapp-link`).first().click();
    await page.locator('.red-ui-notification', { hasText: 'Close the open dialog first' }).waitFor();
    await harness().cancel();
  });

  it('selects the nodes that use a line: those of the flow that is open, else those of the first one', async () => {
    const { page } = harness();
    await show(answerOf(healthy({ channels: [channel({ listeners: ['listener', 'elsewhere', 'worker'] })] })));
    await page.click(`${row('Flower shop · Telegram')} > .chatapp-head`);
    await page.click(button('Flower shop · Telegram', 'selectNodes'));
    assert.deepEqual(await selected(), ['listener', 'worker']);
    await harness().ask("RED.workspaces.show('other')");
    await page.click(button('Flower shop · Telegram', 'selectNodes'));
    assert.deepEqual(await selected(), ['elsewhere']);
    await page.click(button('Flower shop · Telegram', 'node listener'));
    assert.deepEqual([await selected(), await harness().ask('RED.workspaces.active()')], [['listener'], 'tab']);
    await page.click(`${row('Flower shop · Telegram')} > .chatapp-head`);
  });

  it('checks a connection, step by step', async () => {
    const { page } = harness();
    const steps = ['settings', 'login', 'lines', 'socket'].map((step) => ({ step, outcome: 'ok' }));
    answers.answerWith('POST', 'chatapp/check/shop', 200, steps.map((step) => JSON.stringify(step)).join('\n'));
    await page.click(button('Flowers & Co', 'check'));
    await page.locator(`${row('Flowers & Co')} .chatapp-steps > li[data-step="socket"][data-outcome="ok"]`).waitFor();
    assert.deepEqual(answers.asks('POST'), ['chatapp/check/shop']);
    await show(STATES['socket lost']);
    await page.locator(LIST, { hasText: 'Receiving: 0 of 3' }).waitFor();
    // What was found stays when the state changes.
    assert.equal(await page.locator(`${row('Flowers & Co')} .chatapp-steps > li`).count(), 4);
    await harness().screenshot('sidebar-check');
  });

  it('copies the diagnostics, and shows them if the browser does not let it copy', async () => {
    const { page } = harness();
    answers.answerWith('GET', 'chatapp/diagnostics/shop', 200, 'node-red-chatapp 1.0.0');
    await harness().ask(
      'document.execCommand = (what) => { window.copied = [what, String(document.activeElement.value)]; return true; }',
    );
    await page.click(button('Flowers & Co', 'copyReport'));
    await page.waitForFunction("window.copied?.[1] === 'node-red-chatapp 1.0.0'");
    await harness().ask('document.execCommand = () => false');
    await page.click(button('Flowers & Co', 'copyReport'));
    await page.locator(`${row('Flowers & Co')} textarea.chatapp-report`).waitFor();
    assert.equal(await page.inputValue('.chatapp-report'), 'node-red-chatapp 1.0.0');
  });

  it('fetches what is missing now, of one line and of all', async () => {
    const { page } = harness();
    answers.answerWith('POST', 'chatapp/gap/shop', 204, '');
    await show(answerOf(healthy({ channels: [GAP] })));
    await page.click(`${row('Flower shop · Telegram')} > .chatapp-head`);
    await page.click(button('Flower shop · Telegram', 'fetchNow'));
    await page.locator('.red-ui-notification', { hasText: 'Missed messages are being fetched' }).waitFor();
    await page.click(button('Flowers & Co', 'fetchAll'));
    await page.waitForFunction("document.querySelectorAll('.red-ui-notification').length > 0");
    const bodies = answers.asked.filter(({ path }) => path === 'chatapp/gap/shop').map(({ body }) => body);
    assert.deepEqual(bodies, [{ channel: GAP.channel }, {}]);
    await page.click(`${row('Flower shop · Telegram')} > .chatapp-head`);
  });

  describe('with dead letters', () => {
    const letter = (event: string): string => `${LIST} .chatapp-letters > li:has(> b:text-is("${event}"))`;
    beforeEach(async () => {
      answers.answerWith('GET', LETTERS_PATH, 200, LETTERS);
      await show(STATES['dead letters']);
      const { page } = harness();
      const head = page.locator(`${row('orders to CRM')} > .chatapp-head`);
      if ((await head.getAttribute('aria-expanded')) === 'false') await head.click();
      await page.click(button('orders to CRM', 'deadLetters'));
      await page.locator(letter('message')).waitFor();
      answers.asked.length = 0;
    });

    it('lists them, without what customers wrote', async () => {
      const text = await harness().page.innerText(letter('message'));
      assert.match(
        text,
        /Arrived\s+1 hr\. ago\s+Given up\s+30 min\. ago\s+Attempts\s+5\s+Why\s+The last attempt failed/,
      );
      assert.match(await harness().page.innerText(letter('chatTag')), /Why\s+The flow gave it up/);
      await harness().screenshot('sidebar-letters');
    });

    it('shows one as the flow would get it, as text', async () => {
      const text = '<img src=x onerror="window.hurt=1">';
      answers.answerWith('GET', 'chatapp/dead-letters/shop/7', 200, { topic: 'message', payload: { text } });
      await harness().page.click(`${letter('message')} button[data-focus="showLetter"]`);
      await harness()
        .page.locator(`${letter('message')} pre`, { hasText: text.replaceAll('"', '\\"') })
        .waitFor();
      assert.equal(await harness().page.locator('.chatapp-sidebar img').count(), 0);
    });

    for (const act of ['redeliver', 'discard'] as const) {
      it(`asks before it does this: ${act}`, async () => {
        const { page } = harness();
        const path = `chatapp/dead-letters/shop/7/${act}`;
        answers.answerWith('POST', path, 204, '');
        await page.click(`${letter('message')} button[data-focus="${act}"]`);
        assert.equal(await harness().ask('document.activeElement.textContent'), 'Cancel');
        await page.keyboard.press('Enter');
        await page.locator('.chatapp-sidebar .chatapp-question').waitFor({ state: 'detached' });
        assert.equal(await harness().ask('document.activeElement.dataset.focus'), act);
        assert.deepEqual(answers.asks('POST'), []);
        await page.keyboard.press('Enter');
        await page.locator('.chatapp-sidebar .chatapp-question button.primary').click();
        await page.locator(letter('message')).waitFor({ state: 'detached' });
        assert.deepEqual(answers.asks('POST'), [path]);
        const said = page.locator('.chatapp-panel [role="status"]', {
          hasText: /^It (is delivered again|was discarded)\.$/,
        });
        await said.waitFor();
      });
    }

    it('says why one cannot be delivered again', async () => {
      const { page } = harness();
      answers.answerWith('POST', 'chatapp/dead-letters/shop/7/redeliver', 409, { problem: 'noListener' });
      await page.click(`${letter('message')} button[data-focus="redeliver"]`);
      await page.locator('.chatapp-sidebar .chatapp-question button.primary').click();
      await page
        .locator(`${letter('message')} .chatapp-problem`, { hasText: 'The listener is not there any more' })
        .waitFor();
    });
  });
});

describeEditor('the sidebar for someone who may only read', { settings: READER, flow: sidebarFlow }, (harness) => {
  it('has no button that changes anything, and shows the dead letters without their content', async () => {
    const { page } = harness();
    const answers = new HealthAnswers(NOW);
    await answers.open(page);
    const state = healthy({
      channels: [GAP],
      listeners: [{ ...(STATES['dead letters']?.connections[0]?.health?.listeners[0] ?? assert.fail()) }],
    });
    answers.show(answerOf(state));
    answers.answerWith('GET', LETTERS_PATH, 200, LETTERS);
    await harness().open();
    await openSidebar(harness());
    for (const title of ['Flowers & Co', 'Flower shop · Telegram', 'orders to CRM']) {
      await page.click(`${row(title)} > .chatapp-head`);
    }
    await page.click(button('orders to CRM', 'deadLetters'));
    await page.locator('.chatapp-letters > li').first().waitFor();
    const names = await harness().ask(
      "[...document.querySelectorAll('.chatapp-sidebar [data-focus]')].map(({ dataset }) => dataset.focus)",
    );
    assert.ok(Array.isArray(names) && names.includes('copyReport') && names.includes('selectNodes'));
    for (const name of ['check', 'fetchNow', 'fetchAll', 'showLetter', 'redeliver', 'discard'])
      assert.ok(!names.includes(name), name);
    await harness().screenshot('sidebar-reader');
  });
});

import assert from 'node:assert/strict';
import type { CallbackEntry } from '../../nodes/shared/callback-answers';
import { CallbackAnswers } from '../support/callback-answers';
import { describeEditor, MAJOR } from '../support/editor-harness';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const TYPES = [
  'chatapp-connection',
  'chatapp-messenger',
  'chatapp-company',
  'chatapp-user',
  'chatapp-employee',
  'chatapp-send',
  'chatapp-api',
  'chatapp-done',
];
/** The connection, as if it had been deployed with webhooks; and how these stand then: one in each way there is. */
const CALLED = {
  cluster: '',
  receive: 'both',
  webhookUrl: 'https://flows-of-the-flower-shop.example.com/a/rather/long/path',
};
/** And as one of several Node-REDs. */
const SHARED = { cluster: 'nats://nats-1.cluster.example:4222, nats://nats-2.cluster.example' };
const FAILURE = { code: 'API_FAILED', reason: 'unreachable', params: { host: 'api.chatapp.online', status: 'EPROTO' } };
const OTHER = 'integrations-of-another-company.crm.example.com';
const CALLBACKS: readonly CallbackEntry[] = [
  { licenseId: '50101', messengerType: 'telegram', state: 'taken', host: OTHER },
  { licenseId: '50101', messengerType: 'grWhatsApp', state: 'taken', host: OTHER },
  { licenseId: '50102', messengerType: 'caWhatsApp', state: 'failed', failure: FAILURE },
  { licenseId: '50102', messengerType: 'instagram', state: 'setting' },
  { licenseId: '50102', messengerType: 'telegramBot', state: 'set' },
];
/** In px: the narrowest tray that makes sense, Node-RED's own, and a wide one. */
const WIDTHS = [400, 500, 900];
/** In px. Opened for the first time, a dialog leaves the flow in sight. */
const WIDEST_AT_FIRST = 640;

/** The controls of the open form without a label. The editor's own buttons beside a choice of nodes are not ours. */
const NAMELESS = `(() => {
  const nameOf = (one) => one.ariaLabel || one.getAttribute('aria-labelledby') || (one.matches('button') ? one.textContent : [...(one.labels ?? [])].map((label) => label.textContent).join());
  const controls = [...document.querySelectorAll('.chatapp-form :is(input, select, button, pre)')];
  const own = controls.filter((one) => one.checkVisibility() && !/-btn-.*-(add|edit)$/.test(one.id));
  if (own.length < 2) return ['only ' + own.length + ' controls'];
  return own.filter((one) => !nameOf(one)?.trim()).map((one) => one.outerHTML.slice(0, 120));
})()`;

/** As the guidelines for accessible content want it of large texts: the editor's own colours are not better. */
const LEAST_CONTRAST = 3;
/** The texts of the open form with less contrast. */
const PALE_TEXTS = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (part) => {
    const { backgroundColor } = getComputedStyle(part);
    const [, , , opacity = 1] = channels(backgroundColor);
    return opacity > 0.5 || !part.parentElement ? backgroundColor : behind(part.parentElement);
  };
  const hasText = (part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
  const parts = [...document.querySelectorAll('.chatapp-form *')];
  return parts.filter((part) => part.checkVisibility() && !part.closest(':disabled, option, script, style') && (hasText(part) || part.matches('input, select'))).flatMap((part) => {
    const [one, other] = [luminance(getComputedStyle(part).color), luminance(behind(part))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    return contrast < ${LEAST_CONTRAST} ? [part.outerHTML.slice(0, 100) + ' ' + contrast.toFixed(1)] : [];
  });
})()`;

/** Node-RED 4 has one theme only. */
const THEMES = MAJOR === '4' ? ['light'] : ['light', 'dark'];

for (const theme of THEMES)
  describeEditor(`the looks of the dialogs (${theme})`, { remembered: { 'view-dark-theme': theme } }, (harness) => {
    before(async () => {
      const answers = new CallbackAnswers();
      await answers.open(harness().page);
      answers.show(CALLBACKS);
      const nodes = TYPES.slice(1).map((type, row) => {
        const settings = { connection: 'simulator', events: [], outputs: 1, wires: [[]] };
        return { ...settings, id: type, type, z: 'tab', x: 300, y: 100 + 60 * row };
      });
      await harness().deploy([TAB, connectionTo(harness().simulator, 'simulator'), ...nodes]);
    });
    afterEach(() => harness().closeDialogs());

    /** Opens a dialog with all that can be unfolded in it. */
    async function openWhole(type: string): Promise<void> {
      const { page } = harness();
      if (type === 'chatapp-connection') {
        await harness().ask(`Object.assign(RED.nodes.node('simulator'), ${JSON.stringify(CALLED)})`);
        await harness().editConnection('simulator');
        await page.click('#chatapp-callbacks-list > li[data-messenger="telegram"] button');
        await page.click('#chatapp-check');
        await page.locator('li[data-step="lines"][data-outcome="ok"]').waitFor();
        await page.click('#chatapp-advanced > summary');
        if (!(await page.isVisible('#node-config-input-cluster'))) await page.click('#chatapp-cluster > summary');
        await page.fill('#node-config-input-cluster', SHARED.cluster);
        await page.selectOption('#node-config-input-clusterAuth', 'user');
      } else {
        await harness().ask(`Object.assign(RED.nodes.node('simulator'), ${JSON.stringify(SHARED)})`);
        await harness().edit(type);
        if (['chatapp-send', 'chatapp-api', 'chatapp-done'].includes(type)) return;
        await page.selectOption('#node-input-ack', 'done');
        await page.click('#chatapp-sample > summary');
        await page.locator('#chatapp-sample-msg', { hasText: '"topic"' }).waitFor();
      }
    }

    for (const type of TYPES) {
      it(`${type}: nothing is wider than its tray, be that narrow or wide`, async () => {
        await openWhole(type);
        const first = await harness().ask("document.querySelector('.red-ui-tray').offsetWidth");
        assert.ok(typeof first === 'number' && first <= WIDEST_AT_FIRST, `${String(first)} px at first`);
        for (const width of WIDTHS) {
          // The editor itself keeps a tray's content at 460 px; what counts is that the form would fit into less.
          const tooWide = await harness().ask(`(() => {
          const tray = document.querySelector('.red-ui-tray');
          tray.style.width = '${width}px';
          tray.querySelector('.red-ui-tray-body').style.minWidth = '0';
          const { left, right } = tray.getBoundingClientRect();
          const form = tray.querySelector('.chatapp-form');
          const parts = [form, ...form.querySelectorAll('*')].filter((part) => part.checkVisibility() && !part.closest('pre'));
          return parts.filter((part) => {
            const box = part.getBoundingClientRect();
            return box.width > 0 && (box.left < left || box.right > right);
          }).map((part) => part.outerHTML.slice(0, 120));
        })()`);
          await harness().screenshot(`${type}-${width}px-${theme}`);
          assert.deepEqual(tooWide, [], `${width} px`);
        }
      });

      it(`${type}: every control has a label, and can be reached with the keyboard`, async () => {
        await openWhole(type);
        assert.deepEqual(await harness().ask(NAMELESS), []);
        const unreached = await unreachedByTab();
        assert.deepEqual(unreached, []);
      });
    }

    it('every text stands out from what is behind it', async () => {
      for (const type of TYPES) {
        await openWhole(type);
        if (type === 'chatapp-messenger') await harness().page.click('#node-input-licenseId-toggle');
        await harness().screenshot(`${type}-${theme}`);
        assert.deepEqual(await harness().ask(PALE_TEXTS), [], type);
        await harness().closeDialogs();
      }
    });

    /** The visible controls of the open form at which the Tab key never stops. */
    async function unreachedByTab(): Promise<unknown> {
      const { page } = harness();
      await harness().ask(`(() => {
      const form = document.querySelector('.chatapp-form');
      const controls = [...form.querySelectorAll('input, select, button, summary, pre')];
      window.toReach = new Set(controls.filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0));
      form.querySelector('input').focus();
    })()`);
      for (let presses = 0; presses < 120; presses += 1) {
        const left = await harness().ask('window.toReach.delete(document.activeElement), window.toReach.size');
        if (left === 0) break;
        await page.keyboard.press('Tab');
      }
      return harness().ask('[...window.toReach].map((one) => one.outerHTML.slice(0, 120))');
    }
  });

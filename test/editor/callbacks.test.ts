import assert from 'node:assert/strict';
import type { CallbackEntry } from '../../nodes/shared/callback-answers';
import { CallbackAnswers } from '../support/callback-answers';
import { describeEditor } from '../support/editor-harness';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const LIST = '#chatapp-callbacks-list';
const NOTE = '#chatapp-callbacks-note';

const SET: CallbackEntry = { licenseId: '50102', messengerType: 'caWhatsApp', state: 'set' };
const TAKEN: CallbackEntry = {
  licenseId: '50101',
  messengerType: 'telegram',
  state: 'taken',
  host: 'crm.example',
};
const FAILED: CallbackEntry = {
  licenseId: '50101',
  messengerType: 'grWhatsApp',
  state: 'failed',
  failure: { code: 'API_FAILED', reason: 'timeout', params: { host: 'api.chatapp.online', seconds: 10 } },
};
const OURS: CallbackEntry = { licenseId: '50101', messengerType: 'telegram', state: 'set' };

describeEditor('the callbacks in the dialog of a connection', {}, (harness) => {
  const answers = new CallbackAnswers();
  before(async () => {
    await answers.open(harness().page);
    await harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      connectionTo(harness().simulator, 'old'),
    ]);
  });
  beforeEach(async () => {
    answers.show([SET, FAILED, TAKEN]);
    // Deployed with webhooks, as far as the editor knows: what ChatApp would get is not tested here.
    await harness().ask(
      "Object.assign(RED.nodes.node('simulator'), { receive: 'both', webhookUrl: 'https://a.example' })",
    );
  });
  afterEach(async () => {
    await harness().closeDialogs();
    await harness().ask("RED.nodes.node('simulator').changed = false");
  });

  /** The rows that are shown: their state, and all of their words. */
  async function rows(): Promise<string[]> {
    const shown: string[] = [];
    for (const row of await harness().page.locator(`${LIST} > li`).all()) {
      const words = (await row.innerText()).replace(/\s+/g, ' ').trim();
      shown.push(`${(await row.getAttribute('data-state')) ?? ''}: ${words}`);
    }
    return shown;
  }

  const row = (state: string): string => `${LIST} > li[data-state="${state}"]`;
  const RENEW = '#chatapp-callbacks-renew';
  const renewal = `${NOTE} .chatapp-question`;
  const posted = (): unknown[] => answers.asked.filter(({ method }) => method === 'POST');

  async function open(): Promise<void> {
    await harness().editConnection('simulator');
    await harness().page.locator(row('taken'), { hasText: 'Flower shop · Telegram' }).waitFor();
  }

  it('stand there with the names of their lines, first what somebody has to look at, each with why and what to do', async () => {
    await open();
    assert.deepEqual(await rows(), [
      'taken: Flower shop · Telegram belongs to crm.example Replace',
      'failed: Flower shop · [WEB] WhatsApp api.chatapp.online did not answer within 10 s.',
      'set: Мастерская «Ёлка» · WhatsApp Cloud API set',
    ]);
    assert.equal(await harness().page.innerText(NOTE), 'Set: 1 of 3');
    const [first] = answers.asked;
    assert.deepEqual([first?.method, first?.path], ['GET', '/chatapp/callbacks/simulator']);
    await harness().screenshot('callbacks');
  });

  it("another integration's is replaced only after a yes to a question that names it and the line", async () => {
    const { page } = harness();
    await open();
    await page.click(`${row('taken')} button`);
    const question = page.locator(`${row('taken')} .chatapp-question`);
    assert.match(await question.innerText(), /Replace the webhook of Flower shop · Telegram\? .*crm\.example, which/);
    assert.deepEqual(posted(), []);
    await harness().screenshot('callbacks-question');
    answers.show([SET, FAILED, OURS]);
    await question.getByText('Replace it', { exact: true }).click();
    await page.locator(row('taken')).waitFor({ state: 'detached' });
    assert.deepEqual(posted(), [
      {
        method: 'POST',
        path: '/chatapp/callbacks/simulator/replace',
        body: { licenseId: '50101', messengerType: 'telegram' },
      },
    ]);
    assert.ok((await rows()).includes('set: Flower shop · Telegram set'));
    assert.equal(await page.innerText(NOTE), 'Set: 2 of 3');
  });

  it('is left alone by a no, and by a dialog that is closed', async () => {
    const { page } = harness();
    await open();
    await page.click(`${row('taken')} button`);
    await page.locator('.chatapp-question').getByText('Leave it', { exact: true }).click();
    await page.locator('.chatapp-question').waitFor({ state: 'detached' });
    await page.click(`${row('taken')} button`);
    await harness().cancel();
    await open();
    assert.equal(await page.locator('.chatapp-question').count(), 0);
    assert.deepEqual(posted(), []);
  });

  it('can be replaced with the keyboard, which meets the no first', async () => {
    const { page } = harness();
    await open();
    await page.focus(`${row('taken')} button`);
    await page.keyboard.press('Enter');
    await page.locator('.chatapp-question').waitFor();
    assert.equal(await harness().ask('document.activeElement.textContent'), 'Leave it');
    await page.keyboard.press('Tab');
    assert.equal(await harness().ask('document.activeElement.textContent'), 'Replace it');
    answers.show([OURS]);
    await page.keyboard.press('Enter');
    await page.locator(`${row('set')}[data-messenger="telegram"]`).waitFor();
    assert.equal(await harness().ask("document.activeElement.closest('li')?.dataset.messenger"), 'telegram');
  });

  const ENDINGS = {
    'Node-RED says why not': { status: 422, body: FAILED.failure, words: 'api.chatapp.online did not answer within' },
    'the user may not': { status: 403, body: {}, words: 'You may look at flows, but not replace webhooks' },
    'Node-RED is gone': { status: 0, body: {}, words: 'Node-RED did not answer. Is it running?' },
    'the answer makes no sense': { status: 200, body: { odd: 1 }, words: 'Node-RED cannot read the account' },
  };
  for (const [what, { status, body, words }] of Object.entries(ENDINGS)) {
    it(`is not replaced where ${what}, and may be tried again`, async () => {
      const { page } = harness();
      await open();
      answers.answerWith('POST', status, body);
      await page.click(`${row('taken')} button`);
      await page.getByText('Replace it', { exact: true }).click();
      await page.locator(`${row('taken')} .chatapp-problem`, { hasText: words }).waitFor();
      await page.locator(row('taken')).getByText('Replace', { exact: true }).click();
      await page.locator('.chatapp-question').waitFor();
      assert.equal(await page.locator(`${row('taken')} .chatapp-problem`).count(), 0);
    });

    it(`keep their addresses if ${what}, which is shown, and may be asked for new ones again`, async () => {
      const { page } = harness();
      await open();
      answers.answerWith('POST', status, body);
      await page.click(RENEW);
      await page.locator(renewal).getByText('New webhook address', { exact: true }).click();
      await page.locator(`${NOTE}.chatapp-problem`, { hasText: words }).waitFor();
      assert.equal((await rows()).length, 3);
      await page.click(RENEW);
      await page.locator(renewal).waitFor();
      assert.equal(await page.locator(`${NOTE}.chatapp-problem`).count(), 0);
    });

    it(`are not shown where ${what}, which is said`, async () => {
      const { page } = harness();
      answers.answerWith('GET', status, body);
      await harness().editConnection('simulator');
      const said = status === 403 ? 'You may look at flows, but not read this account' : words;
      await page.locator(`${NOTE}.chatapp-problem`, { hasText: said }).waitFor();
      assert.deepEqual(await rows(), []);
      answers.show([OURS]);
      await page.click('#chatapp-callbacks-refresh');
      await page.locator(row('set')).waitFor();
      assert.equal(await page.locator(`${NOTE}.chatapp-problem`).count(), 0);
    });
  }

  it('one that is not there any more cannot be replaced: the list is read again', async () => {
    const { page } = harness();
    await open();
    await page.click(`${row('taken')} button`);
    answers.show([SET]);
    answers.answerWith('POST', 404, undefined);
    await page.getByText('Replace it', { exact: true }).click();
    await page.locator(row('taken')).waitFor({ state: 'detached' });
    assert.equal((await rows()).length, 1);
    assert.deepEqual(
      answers.asked.map(({ method }) => method),
      ['POST', 'GET'],
    );
  });

  it('of a connection that Node-RED does not have say that it is to be deployed first', async () => {
    answers.answerWith('GET', 404, { problem: 'No such connection is deployed.' });
    await harness().editConnection('simulator');
    await harness().page.locator(NOTE, { hasText: 'Deploy first' }).waitFor();
    assert.deepEqual(await rows(), []);
  });

  it('get new addresses after a yes to a question, and this is reported', async () => {
    const { page } = harness();
    await open();
    await page.click(RENEW);
    assert.match(await page.innerText(renewal), /^Give all webhooks of this connection a new address\?/);
    assert.equal(await harness().ask('document.activeElement.textContent'), 'Leave it');
    assert.deepEqual(posted(), []);
    await harness().screenshot('callbacks-renew');
    answers.show([SET, OURS]);
    await page.locator(renewal).getByText('New webhook address', { exact: true }).click();
    await page.locator(NOTE, { hasText: /^New addresses were created\. Set: 2 of 2$/ }).waitFor();
    assert.deepEqual(posted(), [{ method: 'POST', path: '/chatapp/callbacks/simulator/renew', body: {} }]);
    assert.equal((await rows()).length, 2);
    assert.equal(await harness().ask('document.activeElement.id'), 'chatapp-callbacks-renew');
  });

  it('keep their addresses after a no, and while nobody answers the question', async () => {
    const { page } = harness();
    answers.show([TAKEN, FAILED]);
    await open();
    await page.click(RENEW);
    const asked = answers.asked.length;
    // Longer than it takes to look again at one that failed.
    await new Promise((settle) => setTimeout(settle, 5_500));
    assert.equal(answers.asked.length, asked);
    await page.locator(renewal).getByText('Leave it', { exact: true }).click();
    await page.locator(renewal).waitFor({ state: 'detached' });
    assert.equal(await page.innerText(NOTE), 'Set: 0 of 2');
    assert.deepEqual(posted(), []);
  });

  it('are asked for again by a button, which shows what has changed', async () => {
    await open();
    answers.show([OURS]);
    await harness().page.click('#chatapp-callbacks-refresh');
    await harness().page.locator(row('taken')).waitFor({ state: 'detached' });
    assert.deepEqual(await rows(), ['set: Flower shop · Telegram set']);
  });

  it('that are being set are looked at again by themselves, until they are', async () => {
    const setting: CallbackEntry = { ...OURS, state: 'setting' };
    answers.show([setting], [setting], [OURS]);
    await harness().editConnection('simulator');
    await harness().page.locator(row('setting'), { hasText: 'being set' }).waitFor();
    await harness().page.locator(row('set')).waitFor();
    assert.equal(await harness().page.innerText(NOTE), 'Set: 1 of 1');
    assert.equal(answers.asked.length, 3);
  });

  it('that failed are looked at again too, since they are tried again', async () => {
    answers.show([FAILED], [SET]);
    await harness().editConnection('simulator');
    await harness().page.locator(row('failed')).waitFor();
    await harness().page.locator(row('set')).waitFor();
  });

  it('are not asked for any more when the dialog is closed, and nothing moves under a question', async () => {
    const { page } = harness();
    const setting: CallbackEntry = { ...SET, state: 'setting' };
    answers.show([TAKEN, setting]);
    await open();
    await page.click(`${row('taken')} button`);
    const asked = answers.asked.length;
    // Longer than it takes to ask again.
    await new Promise((settle) => setTimeout(settle, 2_500));
    assert.equal(answers.asked.length, asked);
    await page.locator('.chatapp-question').getByText('Leave it', { exact: true }).click();
    await harness().cancel();
    await new Promise((settle) => setTimeout(settle, 2_500));
    assert.ok(answers.asked.length <= asked + 1);
  });

  it('names of hosts and lines are shown as text, whatever they hold', async () => {
    const host = '<img src=x onerror="window.hurt=1"> __line__ $t(account.reading)';
    answers.show([{ ...TAKEN, host }]);
    await open();
    await harness().page.click(`${row('taken')} button`);
    const shown = await harness().page.innerText(row('taken'));
    assert.equal(shown.split(host).length, 3, shown);
    assert.equal(await harness().page.locator(`${LIST} img`).count(), 0);
    assert.equal(await harness().ask('typeof window.hurt'), 'undefined');
  });

  it('an entry without a host, or with nothing usable, does no harm', async () => {
    const { host: _host, ...unknown } = TAKEN;
    answers.answerWith('GET', 200, { callbacks: [null, 7, { licenseId: 5 }, { ...OURS, state: 'odd' }, unknown] });
    await harness().editConnection('simulator');
    await harness().page.locator(row('taken'), { hasText: 'Flower shop' }).waitFor();
    assert.deepEqual(await rows(), ['taken: Flower shop · Telegram belongs to another integration Replace']);
    await harness().page.click(`${row('taken')} button`);
    const question = await harness().page.innerText('.chatapp-question');
    assert.match(question, /Flower shop · Telegram\? It belongs to another integration/);
  });

  it('without any, says that no node needs one', async () => {
    answers.show([]);
    await harness().editConnection('simulator');
    await harness().page.locator(NOTE, { hasText: 'None: no messenger node uses this connection' }).waitFor();
  });

  it('a connection that is new, or not deployed as it stands, is to be deployed first, and nobody is asked', async () => {
    const { page } = harness();
    await harness().ask("RED.nodes.node('simulator').changed = true");
    await harness().editConnection('simulator');
    await page.locator(NOTE, { hasText: 'Deploy first' }).waitFor();
    await harness().closeDialogs();
    for (const id of ['_ADD_', 'old']) {
      await harness().editConnection(id);
      await page.selectOption('#node-config-input-receive', 'both');
      await page.locator(NOTE, { hasText: 'Deploy first' }).waitFor();
      await harness().closeDialogs();
    }
    assert.deepEqual(answers.asked, []);
  });
});

const READER = { adminAuth: { type: 'credentials', users: [], default: { permissions: 'read' } } };

describeEditor(
  'the callbacks for someone who may only read',
  { settings: READER, flow: (simulator) => [TAB, connectionTo(simulator, 'simulator')] },
  (harness) => {
    it('are shown, and the button says that they may not be replaced', async () => {
      const { page } = harness();
      const answers = new CallbackAnswers();
      await answers.open(page);
      answers.show([TAKEN]);
      await harness().open();
      await harness().ask("Object.assign(RED.nodes.node('simulator'), { receive: 'both' })");
      await harness().editConnection('simulator');
      await page.locator(row('taken'), { hasText: 'Flower shop · Telegram' }).waitFor();
      await page.click(`${row('taken')} button`);
      const problem = page.locator(`${row('taken')} .chatapp-problem`);
      assert.equal(await problem.innerText(), 'You may look at flows, but not replace webhooks');
      await page.click('#chatapp-callbacks-renew');
      await page.locator(`${NOTE}.chatapp-problem`, { hasText: 'You may look at flows, but not replace' }).waitFor();
      assert.equal(await page.locator('.chatapp-question').count(), 0);
      assert.deepEqual(
        answers.asked.map(({ method }) => method),
        ['GET'],
      );
      await harness().screenshot('reader-callbacks');
      await harness().closeDialogs();
    });

    const row = (state: string): string => `${LIST} > li[data-state="${state}"]`;
  },
);

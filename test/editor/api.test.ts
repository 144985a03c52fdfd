import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { connectionTo, debugNode } from '../support/node-red-child';
import { words } from '../nodes/editor/editor-words';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const field = (name: string): string => `#node-input-${name}`;

describeEditor('the dialog of an API node, in a browser,', {}, (harness) => {
  before(async () => {
    const node = {
      type: 'chatapp-api',
      z: 'tab',
      x: 300,
      y: 100,
      connection: 'simulator',
      version: 1,
      wires: [['shown']],
    };
    await harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      { id: 'press', type: 'inject', z: 'tab', x: 120, y: 100, props: [], repeat: '', wires: [['asks']] },
      { ...node, id: 'asks', preset: 'messages' },
      { ...node, id: 'by-path', preset: 'path', path: '/v1/../admin', y: 200, wires: [[]] },
      { ...debugNode('shown', 'tab'), complete: 'payload', targetType: 'msg', x: 600, y: 100 },
    ]);
  });
  afterEach(() => harness().closeDialogs());

  const shown = async (...names: string[]): Promise<string[]> => {
    const rows = names.map((name) => harness().page.locator(`.form-row:has(${name})`).isVisible());
    const visible = await Promise.all(rows);
    return names.filter((_, index) => visible[index]);
  };

  it('shows what the chosen method needs, and its path', async () => {
    const { page } = harness();
    await harness().edit('asks');
    const all = ['method', 'path', 'licenseId', 'chatId', 'body', 'pages', 'format'].map(field);
    assert.deepEqual(await shown(...all), ['licenseId', 'chatId', 'pages', 'format'].map(field));
    await page.selectOption(field('preset'), 'employees');
    assert.deepEqual(await shown(...all), [field('pages')]);
    assert.equal(await page.innerText('#chatapp-api-tip'), 'GET /v1/companies/{companyId}/employees');
    const labels = await page.locator('#chatapp-query .chatapp-row-name').allInnerTexts();
    assert.deepEqual(
      labels,
      ['companyId', 'limit'].map((name) => words(`chatapp-api.field.${name}`)),
    );
    await page.selectOption(field('preset'), 'path');
    await page.selectOption(field('method'), 'POST');
    assert.deepEqual(await shown(...all), ['method', 'path', 'body', 'format'].map(field));
  });

  it('marks a path that leads elsewhere, and saves rows and body', async () => {
    const { page } = harness();
    const invalid = await harness().ask("(RED.nodes.node('by-path').validationErrors ?? []).join()");
    assert.match(String(invalid), /^Path: a path of the API/);
    await harness().edit('by-path');
    await page.fill(field('path'), '/v1/things/{thing}');
    await page.press(field('path'), 'Tab');
    await page.selectOption(field('method'), 'POST');
    await page.click('#chatapp-query > button');
    await page.fill('#chatapp-query input.chatapp-row-name', 'thing');
    await page.fill('#chatapp-query input.red-ui-typedInput-input', '{{payload.id}}');
    await page.fill('.form-row:has(#node-input-body) input.red-ui-typedInput-input', '{"a": 1}');
    await page.keyboard.press('Tab');
    await harness().screenshot('chatapp-api-path');
    await harness().done();
    const { path, method, query, body, bodyType } = await harness().exported('by-path');
    assert.deepEqual(
      { path, method, query, body, bodyType },
      {
        ...{ path: '/v1/things/{thing}', method: 'POST', body: '{"a": 1}', bodyType: 'json' },
        query: [{ name: 'thing', value: '{{payload.id}}', type: 'str' }],
      },
    );
    assert.equal(await harness().ask("RED.nodes.node('by-path').valid"), true);
  });

  it('asks what the dialog says, once it is deployed, and says in the workspace what it asks', async () => {
    const { page, simulator } = harness();
    simulator.message({
      licenseId: 50101,
      messengerType: 'telegram',
      chat: { id: '7301', name: 'Anna' },
      text: 'hello',
    });
    await harness().edit('asks');
    await harness().pick(field('licenseId'), '50101');
    await harness().pick(field('messengerType'), 'telegram');
    await harness().pick(field('chatId'), '7301');
    await page.selectOption(field('format'), 'conversation');
    await page.fill('#chatapp-query input.red-ui-typedInput-input', '20');
    await page.keyboard.press('Tab');
    await harness().screenshot('chatapp-api-messages');
    await harness().done();
    await page.locator('#asks', { hasText: 'messages · Flower shop · Telegram' }).waitFor();
    assert.deepEqual(await harness().ask("RED.nodes.node('asks').validationErrors ?? []"), []);
    await page.click('#red-ui-header-button-deploy');
    await page.waitForFunction('!RED.nodes.dirty()');
    await harness().ask("RED.sidebar.show('debug')");
    await page.locator('#press .red-ui-flow-node-button-button').click();
    await page.locator('#asks', { hasText: /answered \d\d:\d\d/ }).waitFor();
    await page.locator('.red-ui-debug-msg', { hasText: 'array[1]' }).waitFor();
    await harness().screenshot('chatapp-api-answered');
    const [asked] = simulator.requests.filter(({ path }) => path.endsWith('/chats/7301/messages'));
    assert.equal(asked?.query, '?limit=20');
  });
});

import assert from 'node:assert/strict';
import { SEND_OPTIONS } from '../../nodes/shared/editor/actions/send-actions';
import { SEND_ACTIONS } from '../../src';
import { describeEditor } from '../support/editor-harness';
import { connectionTo, debugNode, type FlowNode } from '../support/node-red-child';
import { words } from '../nodes/editor/editor-words';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const EMPTY = { name: '', connection: '', action: 'text', licenseId: '', messengerType: '', chatId: '' };
const UNSET = { ...EMPTY, markdown: false, sender: '', tracking: '' };
/** What a node gets that was saved before there were fields for what is sent. */
const CONTENT = {
  ...{ text: '', textType: 'str', file: '', fileType: 'str', fileName: '', fileNameType: 'str' },
  ...{ caption: '', captionType: 'str', template: '', params: [] },
};
/** And before there were versions. */
const FILLED = { ...CONTENT, perMinute: 10, version: 1 };

/** The row of the parameters has a list in place of a field. */
const rowOf = (name: string): string => (name === 'params' ? '#chatapp-params' : field(name));

const field = (name: string): string => `#node-input-${name}`;

/** A send node as an editor would have saved it. */
function sendNode(id: string, settings: object = {}): FlowNode {
  return { ...UNSET, id, type: 'chatapp-send', z: 'tab', x: 300, y: 100, wires: [[]], ...settings };
}

describeEditor('the dialog of a send node, in a browser,', {}, (harness) => {
  const place = { connection: 'simulator', licenseId: '50101', messengerType: 'telegram' };

  before(async () => {
    const actions = SEND_ACTIONS.map((action) => sendNode(action));
    const odd = { action: '${ACTION}', markdown: '${MARKDOWN}', sender: '${SENDER}', tracking: '${TRACKING}' };
    await harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      ...actions,
      sendNode('wrong'),
      sendNode('broken', { connection: 'simulator', action: 'shout', sender: 'Olga' }),
      sendNode('variables', { ...FILLED, connection: 'simulator', ...odd, chatId: '${CHAT}' }),
      sendNode('placed', { ...place, action: 'read', y: 200 }),
      sendNode('filled', { ...place, messengerType: 'grWhatsApp', ...FILLED }),
      sendNode('expression', { ...place, ...FILLED, text: 'payload & "!"', textType: 'jsonata' }),
      sendNode('path', { ...place, ...FILLED, action: 'file', file: '/srv/offer.pdf' }),
      sendNode('hidden', { ...FILLED, ...place, markdown: true, sender: 'system', tracking: 'order 7' }),
      { id: 'old', type: 'chatapp-send', z: 'tab', x: 300, y: 300, connection: 'simulator', wires: [[]] },
    ]);
  });
  afterEach(() => harness().closeDialogs());

  const isMarked = async (name: string): Promise<boolean> =>
    (await harness()
      .page.locator(`${field(name)}.input-error`)
      .count()) > 0;
  const shownOptions = async (): Promise<string[]> => {
    // A typed input hides the field that it is made of.
    const rows = SEND_OPTIONS.map((name) =>
      harness()
        .page.locator(`.form-row:has(${rowOf(name)})`)
        .isVisible(),
    );
    const shown = await Promise.all(rows);
    return SEND_OPTIONS.filter((_, index) => shown[index]);
  };
  const tip = (): Promise<string> => harness().page.locator('#chatapp-send-tip').innerText();
  const problemsOf = async (id: string): Promise<string> =>
    String(await harness().ask(`(RED.nodes.node('${id}').validationErrors ?? []).join('\\n')`));

  it('marks what is wrong, and says why', async () => {
    const { page } = harness();
    await harness().edit('wrong');
    await page.selectOption(field('connection'), '_ADD_');
    assert.ok(await isMarked('connection'));
    const wrong = { licenseId: 'abc', messengerType: 'a-b', chatId: 'Olga Petrova' };
    for (const [name, value] of Object.entries(wrong)) {
      await page.fill(field(name), value);
      await page.press(field(name), 'Tab');
      assert.ok(await isMarked(name), name);
    }
    await harness().hover(field('chatId'));
    await page.locator('.red-ui-popover', { hasText: "Chat: a chat's id without blanks, or a phone" }).waitFor();
    await harness().screenshot('chatapp-send-wrong');
    await harness().done();
    const reported = await problemsOf('wrong');
    for (const text of [
      'Connection: property value missing',
      'Line: digits only',
      'Messenger: letters',
      'Chat: a chat',
    ])
      assert.ok(reported.includes(text), `${text} is not in: ${reported}`);
  });

  it('says so where a flow made by hand has an action or a sender that there is not', async () => {
    assert.equal(
      await problemsOf('broken'),
      'Action: choose one from the list, or ${NAME} for a variable\nSent as: choose one from the list, or ${NAME} for a variable',
    );
    assert.equal(await harness().ask("RED.nodes.node('variables').valid"), true);
  });

  for (const action of SEND_ACTIONS) {
    it(`keeps what was filled in, and is the same when it is opened again: ${action}`, async () => {
      const { page } = harness();
      await harness().edit(action);
      await page.selectOption(field('connection'), 'simulator');
      await page.selectOption(field('action'), action);
      await harness().pick(field('licenseId'), '50101');
      await harness().pick(field('messengerType'), 'telegram');
      await page.fill(field('chatId'), ' +7 (700) 000-00-01 ');
      await page.fill(field('name'), 'A name');
      const options = await shownOptions();
      if (options.includes('markdown')) await page.check(field('markdown'));
      if (options.includes('sender')) await page.selectOption(field('sender'), 'employee');
      if (options.includes('tracking')) await page.fill(field('tracking'), 'order 7');
      await page.press(field('chatId'), 'Tab');
      for (const name of ['connection', 'action', 'licenseId', 'messengerType', 'chatId'])
        assert.ok(!(await isMarked(name)), name);
      await harness().screenshot(`chatapp-send-${action}`);
      await harness().done();

      const saved = await harness().exported(action);
      const { z: _z, ...properties } = saved;
      assert.deepEqual(properties, {
        ...{ id: action, type: 'chatapp-send', name: 'A name', ...place, action, chatId: '+7 (700) 000-00-01' },
        markdown: options.includes('markdown'),
        sender: options.includes('sender') ? 'employee' : '',
        tracking: options.includes('tracking') ? 'order 7' : '',
        ...FILLED,
        wires: [[]],
      });
      assert.equal(await harness().ask(`RED.nodes.node('${action}').valid`), true);
      await harness().edit(action);
      await harness().done();
      assert.deepEqual(await harness().exported(action), saved);
    });
  }

  it('shows what the action has, and which payload it takes', async () => {
    const { page } = harness();
    await harness().edit('wrong');
    const shown: Record<string, string[]> = {};
    for (const action of SEND_ACTIONS) {
      await page.selectOption(field('action'), action);
      shown[action] = await shownOptions();
      assert.equal(await tip(), words(`chatapp-send.tip.${action}`));
      assert.match(await tip(), /msg\.payload/);
    }
    assert.deepEqual(shown, {
      text: ['text', 'markdown', 'sender', 'tracking'],
      file: ['file', 'fileName', 'caption', 'sender'],
      template: ['template', 'params', 'file', 'fileName', 'sender', 'tracking'],
      read: [],
    });
  });

  it('takes a text of several lines, and shows it again', async () => {
    const { page } = harness();
    const text = 'Hello {{chatapp.from.name}},\n\nwe are back at nine.';
    await harness().edit('filled');
    await page.fill(field('text'), text);
    await harness().screenshot('chatapp-send-filled');
    await harness().done();
    const saved = await harness().exported('filled');
    assert.deepEqual([saved.text, saved.textType], [text, 'str']);
    await harness().edit('filled');
    assert.equal(await page.inputValue(field('text')), text);
    await harness().done();
    assert.deepEqual(await harness().exported('filled'), saved);
  });

  it('takes an expression in place of the text, and gives the text back', async () => {
    const { page } = harness();
    await harness().edit('expression');
    assert.equal(await page.isVisible(field('text')), false);
    const source = page.locator('.form-row:has(#chatapp-text-source) .red-ui-typedInput-container');
    assert.equal(await source.locator('input.red-ui-typedInput-input').inputValue(), 'payload & "!"');
    await source.locator('input.red-ui-typedInput-input').fill('payload & "?"');
    await page.keyboard.press('Tab');
    await harness().done();
    const { text, textType } = await harness().exported('expression');
    assert.deepEqual([text, textType], ['payload & "?"', 'jsonata']);
    await harness().edit('expression');
    await harness().ask("$('#chatapp-text-source').typedInput('type', 'str')");
    await page.fill(field('text'), 'Hello');
    await harness().done();
    const plain = await harness().exported('expression');
    assert.deepEqual([plain.text, plain.textType], ['Hello', 'str']);
  });

  it('marks a file that is a path of this machine, and takes a web address', async () => {
    const { page } = harness();
    assert.match(await problemsOf('path'), /^File: an address that starts with https:\/\//);
    await harness().edit('path');
    const typed = page.locator('.form-row:has(#node-input-file) input.red-ui-typedInput-input');
    await typed.fill('https://files.example.com/{{payload}}.pdf');
    await page.keyboard.press('Tab');
    await harness().done();
    assert.equal(await harness().ask("RED.nodes.node('path').valid"), true);
    const { file, fileType } = await harness().exported('path');
    assert.deepEqual([file, fileType], ['https://files.example.com/{{payload}}.pdf', 'str']);
  });

  it('offers the templates of the line by name, and a row for each parameter', async () => {
    const { page } = harness();
    await harness().edit('filled');
    await page.selectOption(field('action'), 'template');
    await page.focus(field('template'));
    await page.keyboard.type('ready');
    await page
      .locator(`${field('template')}-list`, { hasText: 'order_ready · Hello {{1}}, your order {{2}}' })
      .waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue(field('template')), '1c2f');
    const values = page.locator('#chatapp-params input.red-ui-typedInput-input');
    assert.equal(await values.count(), 2);
    await values.nth(0).fill('{{payload.name}}');
    await values.nth(1).fill('17');
    await page.keyboard.press('Tab');
    await harness().screenshot('chatapp-send-template');
    await page.click('#chatapp-params > button');
    await page.click('#chatapp-params .chatapp-row:nth-child(3) button[aria-label^="Remove"]');
    await harness().done();
    const { template, params, action } = await harness().exported('filled');
    assert.deepEqual(
      { template, params, action },
      {
        action: 'template',
        template: '1c2f',
        params: [
          { value: '{{payload.name}}', type: 'str' },
          { value: '17', type: 'str' },
        ],
      },
    );
    await harness().edit('filled');
    assert.deepEqual(await Promise.all([0, 1].map((row) => values.nth(row).inputValue())), ['{{payload.name}}', '17']);
  });

  it('offers the chats of the line by name, and takes any other', async () => {
    const { page, simulator } = harness();
    for (const [id, name] of [
      ['7301', 'Anna Sokolova'],
      ['7302', 'João'],
    ] as const)
      simulator.message({ licenseId: 50101, messengerType: 'grWhatsApp', chat: { id, name }, text: 'hello' });
    await harness().edit('filled');
    await page.focus(field('chatId'));
    await page.keyboard.type('joao');
    await page.locator(`${field('chatId')}-list`, { hasText: '7302 · João' }).waitFor();
    await harness().screenshot('chatapp-send-chats');
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue(field('chatId')), '7302');
    await page.fill(field('chatId'), '+7 700 000-00-01');
    await page.keyboard.press('Tab');
    assert.equal(await page.locator(`${field('chatId')}-note`).innerText(), words('picker.otherChat'));
    await harness().done();
    assert.equal((await harness().exported('filled')).chatId, '+7 700 000-00-01');
  });

  it('takes a template as free text if the list cannot be read, and says why', async () => {
    const { page, simulator } = harness();
    simulator.faults.answerWith('templates', {
      status: 403,
      body: { success: false, error: { code: 'No', message: '' } },
    });
    await harness().edit('filled');
    await page.selectOption(field('action'), 'template');
    await page.click(`${field('template')}-refresh`);
    await page.locator(`${field('template')}-note`, { hasText: 'status 403' }).waitFor();
    await page.fill(field('template'), 'by-hand');
    await page.keyboard.press('Tab');
    await harness().done();
    simulator.faults.answerWith('templates', undefined);
    assert.equal((await harness().exported('filled')).template, 'by-hand');
  });

  it('asks for line and messenger before it lists templates and chats', async () => {
    const { page } = harness();
    await harness().edit('wrong');
    await page.fill(field('licenseId'), '');
    await page.press(field('licenseId'), 'Tab');
    await page.click(`${field('chatId')}-toggle`);
    await page.locator(`${field('chatId')}-list`, { hasText: words('picker.chooseLine') }).waitFor();
    await page.keyboard.press('Escape');
    await harness().cancel();
  });

  it('keeps what it hides', async () => {
    const { page } = harness();
    await harness().edit('hidden');
    await page.selectOption(field('action'), 'read');
    assert.deepEqual(await shownOptions(), []);
    await harness().done();
    const { action, markdown, sender, tracking } = await harness().exported('hidden');
    assert.deepEqual(
      { action, markdown, sender, tracking },
      { action: 'read', markdown: true, sender: 'system', tracking: 'order 7' },
    );
    await harness().edit('hidden');
    await page.selectOption(field('action'), 'text');
    assert.ok(await page.isChecked(field('markdown')));
    assert.equal(await page.inputValue(field('sender')), 'system');
  });

  it('lets variables through, and shows all that they may need', async () => {
    const before = await harness().exported('variables');
    await harness().edit('variables');
    assert.deepEqual(await shownOptions(), [...SEND_OPTIONS]);
    assert.equal(await harness().page.inputValue(field('action')), '${ACTION}');
    assert.equal(await harness().page.inputValue(field('sender')), '${SENDER}');
    assert.equal(await harness().page.isVisible('#chatapp-send-tip'), false);
    for (const name of ['action', 'chatId', 'sender']) assert.ok(!(await isMarked(name)), name);
    await harness().screenshot('chatapp-send-variables');
    await harness().done();
    assert.deepEqual(await harness().exported('variables'), { ...before, ...FILLED });
  });

  it('takes the defaults where a flow made by hand says nothing', async () => {
    assert.equal(await harness().ask("RED.nodes.node('old').valid"), true);
    await harness().edit('old');
    assert.equal(await harness().page.inputValue(field('action')), 'text');
    assert.equal(await harness().page.inputValue(field('sender')), '');
    assert.equal(await tip(), words('chatapp-send.tip.text'));
    await harness().done();
    const { z: _z, ...properties } = await harness().exported('old');
    assert.deepEqual(properties, {
      ...{ ...UNSET, ...FILLED },
      ...{ id: 'old', type: 'chatapp-send', connection: 'simulator', wires: [[]] },
    });
  });

  it('says that an empty field is taken from the msg, and offers that in the lists', async () => {
    const { page } = harness();
    await harness().edit('placed');
    for (const name of ['licenseId', 'messengerType', 'chatId'])
      assert.equal(await page.getAttribute(field(name), 'placeholder'), 'from the msg');
    for (const name of ['licenseId', 'messengerType']) {
      await page.click(`${field(name)}-toggle`);
      const first = page.locator(`${field(name)}-list .chatapp-picker-row`).first();
      assert.equal(await first.innerText(), 'from the msg');
      await first.click();
      assert.equal(await page.inputValue(field(name)), '');
      assert.ok(!(await isMarked(name)), name);
    }
    await harness().cancel();
  });

  it('connects each tip with its field for screen readers', async () => {
    const { page } = harness();
    await harness().edit('placed');
    assert.equal(await page.getAttribute('#chatapp-send-tip', 'role'), 'status');
    const [tipOfChat, note] = ((await page.getAttribute(field('chatId'), 'aria-describedby')) ?? '').split(' ');
    assert.equal(await page.locator(`#${tipOfChat}`).innerText(), words('listener.tip.chatId'));
    assert.equal(await page.locator(`#${note}`).count(), 1);
  });

  it('the node says in the workspace what it does and where to, and in the palette what it is', async () => {
    const { page } = harness();
    await page.locator('#placed', { hasText: 'mark as read · Flower shop · Telegram' }).waitFor();
    // The node may have a status as well, which is text of the same element.
    await page.locator('#old .red-ui-flow-node-label', { hasText: /^send text$/ }).waitFor();
    const inPalette = page.locator('.red-ui-palette-node[data-palette-type="chatapp-send"]');
    assert.equal(await inPalette.locator('.red-ui-palette-label').innerText(), 'chatapp send');
    await harness().screenshot('chatapp-send-workspace');
  });

  it('the help lists inputs and outputs', async () => {
    const { page } = harness();
    await harness().ask("RED.sidebar.help.show('chatapp-send')");
    const help = page.locator('.red-ui-help');
    for (const heading of ['Properties', 'Inputs', 'Outputs', 'Details', 'Status', 'Errors', 'References'])
      await help.locator(':is(h3, h4)', { hasText: new RegExp(`^${heading}$`) }).waitFor();
    const listed = await help.locator('dl.message-properties > dt').allInnerTexts();
    for (const name of ['Action', 'Chat', 'payload', 'licenseId, messengerType, chatId', 'chatapp'])
      assert.ok(
        listed.some((term) => term.startsWith(name)),
        `${name} in ${listed.join(' | ')}`,
      );
    await harness().screenshot('chatapp-send-help');
  });
});

describeEditor('a send node in Russian', { remembered: { 'editor-language': 'ru' } }, (harness) => {
  before(() =>
    harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      sendNode('send', { connection: 'simulator' }),
    ]),
  );
  afterEach(() => harness().closeDialogs());

  it('speaks Russian in palette, workspace, dialog and lists', async () => {
    const { page } = harness();
    await page.locator('#send', { hasText: /^отправить текст$/ }).waitFor();
    const inPalette = page.locator('.red-ui-palette-node[data-palette-type="chatapp-send"]');
    assert.equal(await inPalette.locator('.red-ui-palette-label').innerText(), 'chatapp\nотправка');
    await harness().edit('send');
    await page.selectOption(field('connection'), 'simulator');
    await page.click(`${field('licenseId')}-toggle`);
    assert.equal(
      await page
        .locator(`${field('licenseId')}-list .chatapp-picker-row`)
        .first()
        .innerText(),
      'из msg',
    );
    await page.keyboard.press('Escape');
    const shown = await page.locator('.chatapp-form').innerText();
    for (const text of ['Действие', 'Чат', 'Отправитель', 'Метка', 'Если текст не введён'])
      assert.ok(shown.includes(text), text);
    assert.doesNotMatch(shown, /chatapp-send\.|shared:/);
    await harness().screenshot('chatapp-send-ru');
  });
});

describeEditor('a send node, from its dialog to the customer,', {}, (harness) => {
  const listener = { licenseId: '50101', messengerType: 'telegram', events: ['message'], direction: 'out', outputs: 1 };
  const said = [
    'const { message, fromApp, chat } = msg.payload;',
    'return { payload: [message.text, fromApp.tracking, fromApp.sender, chat.id].join(" | ") };',
  ].join('\n');

  before(() =>
    harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      {
        id: 'press',
        type: 'inject',
        z: 'tab',
        x: 120,
        y: 100,
        props: [{ p: 'payload' }],
        repeat: '',
        payload: 'Hello',
        payloadType: 'str',
        wires: [['send']],
      },
      sendNode('send'),
      {
        id: 'spy',
        type: 'chatapp-messenger',
        z: 'tab',
        x: 250,
        y: 200,
        connection: 'simulator',
        ...listener,
        wires: [['said']],
      },
      { id: 'said', type: 'function', z: 'tab', x: 520, y: 200, func: said, outputs: 1, wires: [['shown']] },
      { ...debugNode('shown', 'tab'), complete: 'payload', targetType: 'msg', x: 700, y: 200 },
    ]),
  );

  it('sends what comes in, as the dialog says', async () => {
    const { page, simulator } = harness();
    await harness().edit('send');
    await page.selectOption(field('connection'), 'simulator');
    await harness().pick(field('licenseId'), '50101');
    await harness().pick(field('messengerType'), 'telegram');
    await page.fill(field('chatId'), '+7 (700) 000-12-34');
    await page.selectOption(field('sender'), 'system');
    await page.fill(field('tracking'), 'order 7');
    await harness().done();
    await page.click('#red-ui-header-button-deploy');
    await page.waitForFunction('!RED.nodes.dirty()');
    await page.locator('#spy', { hasText: 'listening' }).waitFor();
    await harness().ask("RED.sidebar.show('debug')");
    await page.locator('#press .red-ui-flow-node-button-button').click();
    await page.locator('#send', { hasText: /sent \d\d:\d\d/ }).waitFor();
    await page.locator('.red-ui-debug-msg', { hasText: 'Hello | order 7 | system | 77000001234' }).waitFor();
    await harness().screenshot('chatapp-send-sent');
    const sent = simulator.requests.filter(({ path }) => path.includes('/messages/'));
    assert.deepEqual(
      sent.map(({ method, path, status }) => [method, path, status]),
      [['POST', '/v1/licenses/50101/messengers/telegram/chats/77000001234/messages/text', 200]],
    );
  });
});

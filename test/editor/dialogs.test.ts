import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { at } from '../support/flow';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const AT_ONCE = { ack: 'sent', ackSeconds: 60, inFlight: 100 };
/** As it was saved before nodes had a version. */
const UNSET = {
  ...{ name: '', connection: '', events: [], separate: false, direction: 'any', ignoreOwn: false },
  ...{ skipGroups: false, skipEdited: false },
};
const ALONE = {
  cluster: '',
  clusterAuth: 'none',
  clusterCreds: '',
  clusterTls: '',
  replicas: 1,
  partitions: 16,
  keepHours: 24,
};

/** By type: what is picked and ticked in the dialog of a listener, and what is wrong there. */
const LISTENERS = {
  'chatapp-messenger': {
    picked: { licenseId: '50101', messengerType: 'telegram' },
    ticked: ['message', 'chatTag'],
    wrong: { licenseId: 'abc', messengerType: 'a-b' },
    words: ['Connection: property value missing', 'Line: digits only', 'Messenger: letters and digits only'],
  },
  'chatapp-company': {
    picked: { companyId: '3001' },
    ticked: ['employeeStatus', 'employeeWorkday'],
    wrong: { companyId: '-1' },
    words: ['Connection: property value missing', 'Company: digits only'],
  },
  'chatapp-user': {
    picked: { userId: '7001' },
    ticked: ['quickResponseList', 'quickResponse'],
    wrong: { userId: 'Olga' },
    words: ['Connection: property value missing', 'User: digits only'],
  },
  'chatapp-employee': {
    picked: { companyId: '3001', userId: '7002' },
    ticked: ['message', 'chatTag'],
    wrong: { companyId: '', userId: '4, 2' },
    words: ['Connection: property value missing', 'Missing: Company', 'User: digits only'],
  },
};

describeEditor('the dialogs, in a browser,', {}, (harness) => {
  before(async () => {
    const nodes = Object.keys(LISTENERS).map((type, row) => {
      return { ...UNSET, id: type, type, z: 'tab', x: 300, y: 100 + 60 * row, wires: [[]] };
    });
    await harness().deploy([TAB, connectionTo(harness().simulator, 'simulator'), ...nodes]);
  });
  afterEach(() => harness().closeDialogs());

  const field = (name: string): string => `#node-input-${name}`;
  const configField = (name: string): string => `#node-config-input-${name}`;
  const isMarked = async (selector: string): Promise<boolean> =>
    (await harness().page.locator(`${selector}.input-error`).count()) > 0;

  for (const [type, { wrong, words }] of Object.entries(LISTENERS)) {
    it(`${type} marks what is wrong, and says why`, async () => {
      const { page } = harness();
      await harness().edit(type);
      await page.selectOption(field('connection'), '_ADD_');
      assert.ok(await isMarked(field('connection')));
      for (const [name, value] of Object.entries(wrong)) {
        await page.fill(field(name), value);
        await page.press(field(name), 'Tab');
        assert.ok(await isMarked(field(name)), name);
        await harness().hover(field(name));
        await page.locator('.red-ui-popover', { hasText: /: digits only|: letters|Missing: / }).waitFor();
      }
      await harness().screenshot(`${type}-wrong`);
      await harness().done();
      const reported = String(await harness().ask(`RED.nodes.node('${type}').validationErrors.join('\\n')`));
      for (const word of words) assert.ok(reported.includes(word), `${word} is not in: ${reported}`);
      assert.equal(await harness().ask(`RED.nodes.node('${type}').valid`), false);
    });
  }

  for (const [type, { picked, ticked }] of Object.entries(LISTENERS)) {
    it(`${type} keeps what was filled in, and is the same when it is opened again`, async () => {
      const { page } = harness();
      await harness().edit(type);
      await page.selectOption(field('connection'), 'simulator');
      for (const [name, value] of Object.entries(picked)) await harness().pick(field(name), value);
      for (const event of ticked) await page.check(`#chatapp-events-list input[name="${event}"]`);
      await page.fill(field('name'), 'A name');
      await page.check(field('separate'));
      const hasDirection = type === 'chatapp-messenger' || type === 'chatapp-employee';
      assert.equal(await page.isVisible(field('direction')), hasDirection);
      assert.equal(await page.isVisible(field('ignoreOwn')), hasDirection);
      if (hasDirection) {
        await page.selectOption(field('direction'), 'in');
        await page.check(field('ignoreOwn'));
        await page.check(field('skipGroups'));
      }
      for (const name of ['connection', ...Object.keys(picked)]) assert.ok(!(await isMarked(field(name))), name);
      await harness().screenshot(`${type}-filled`);
      await harness().done();

      const saved = await harness().exported(type);
      const { z: _z, ...properties } = saved;
      assert.deepEqual(properties, {
        ...{ id: type, type, name: 'A name', connection: 'simulator', ...picked },
        ...{
          events: ticked,
          separate: true,
          ...(hasDirection && { direction: 'in', ignoreOwn: true, skipGroups: true, skipEdited: false }),
          ...AT_ONCE,
          outputs: 2,
          version: 1,
          wires: [[], []],
        },
      });
      assert.equal(await harness().ask(`RED.nodes.node('${type}').valid`), true);
      await harness().edit(type);
      await harness().done();
      assert.deepEqual(await harness().exported(type), saved);
    });
  }

  it('a node that was saved before there were versions is filled with what it meant, and gets a version', async () => {
    const before = { ...{ id: 'plain', type: 'chatapp-messenger', z: 'tab', x: 300, y: 400 }, connection: 'simulator' };
    const nodes = [before, { ...before, id: 'incoming', direction: 'in', y: 460 }];
    await harness().deploy([
      TAB,
      connectionTo(harness().simulator, 'simulator'),
      ...nodes.map((node) => ({ ...node, wires: [[]] })),
    ]);
    await harness().edit('plain');
    assert.equal(await harness().page.isVisible('#chatapp-direction-tip'), false);
    await harness().done();
    const { z: _z, ...properties } = await harness().exported('plain');
    assert.deepEqual(properties, {
      ...{
        ...UNSET,
        id: 'plain',
        type: 'chatapp-messenger',
        connection: 'simulator',
        licenseId: '',
        messengerType: '',
      },
      ...{ ...AT_ONCE, outputs: 1, version: 1, wires: [[]] },
    });
    assert.equal(await harness().ask("RED.nodes.node('plain').changed"), true);

    await harness().edit('incoming');
    const tip = harness().page.locator('#chatapp-direction-tip');
    assert.match(await tip.innerText(), /^When you press Done and deploy, .*messageStatus/);
    await harness().screenshot('chatapp-messenger-direction');
    await harness().done();
    await harness().edit('incoming');
    assert.match(await tip.innerText(), /^This direction leaves out messageStatus/);
    await harness().page.selectOption(field('direction'), 'any');
    assert.equal(await tip.isVisible(), false);
    await harness().cancel();
  });

  it('chatapp-connection marks what is wrong, and says why', async () => {
    const { page } = harness();
    await harness().editConnection('simulator');
    await page.fill(configField('email'), '');
    await page.click('#chatapp-advanced > summary');
    const wrong = {
      apiUrl: 'ftp://example.com',
      socketUrl: 'https://example.com',
      recoverHours: '200',
      keepHours: '0',
    };
    for (const [name, value] of Object.entries(wrong)) await page.fill(configField(name), value);
    await page.press(configField('keepHours'), 'Tab');
    for (const name of ['email', ...Object.keys(wrong)]) assert.ok(await isMarked(configField(name)), name);
    await harness().screenshot('chatapp-connection-wrong');
    await harness().done();
    const reported = String(await harness().ask("RED.nodes.node('simulator').validationErrors.join('\\n')"));
    for (const words of [
      'E-mail',
      'API URL: an address',
      'Socket URL: an address',
      'Look back: a number of hours',
      'Hours kept: a number of hours',
    ]) {
      assert.ok(reported.includes(words), `${words} is not in: ${reported}`);
    }
  });

  it('chatapp-connection keeps what was filled in, and is the same when it is opened again', async () => {
    const { page, simulator } = harness();
    const { email, password, appId } = simulator.account;
    await harness().editConnection();
    await page.selectOption(configField('auth'), 'account');
    const typed = { name: 'Flowers', email, password, appId };
    for (const [name, value] of Object.entries(typed)) await page.fill(configField(name), value);
    await page.click('#chatapp-advanced > summary');
    const urls = { apiUrl: simulator.url, socketUrl: simulator.socketUrl };
    const settings = { ...urls, appKey: 'Key', recoverHours: '48', keepHours: '72' };
    for (const [name, value] of Object.entries(settings)) await page.fill(configField(name), value);
    await harness().screenshot('chatapp-connection-filled');
    await harness().done();

    const id = await harness().connectionCalled('Flowers');
    const saved = await harness().exported(id);
    assert.deepEqual(saved, {
      ...{ id, type: 'chatapp-connection', name: 'Flowers', auth: 'account', tls: '', recover: true },
      ...{ receive: 'socket', webhookUrl: '', ...ALONE, version: 1, ...settings },
    });
    await harness().editConnection(id);
    assert.equal(await page.inputValue(configField('email')), email);
    await harness().done();
    assert.deepEqual(await harness().exported(id), saved);
    assert.deepEqual(at(await harness().ask(`RED.nodes.node('${id}').credentials`), 'password'), password);
  });
});

import assert from 'node:assert/strict';
import { companyLabel, employeeLabel, messengerLabel, userLabel } from '../../../nodes/shared/editor/listener/labels';
import { labelStyle, type LabelSettings, type Names } from '../../../nodes/shared/editor/account/labels';
import { words } from './editor-words';

const NOBODY: Names = {
  line: () => undefined,
  messenger: () => undefined,
  company: () => undefined,
  user: () => undefined,
};

/** What the account knows in these tests. */
const KNOWN: Names = {
  line: (id) => ({ '1229': 'Support line', '1230': ' Long\n\tand  wide ' })[id],
  messenger: (line, type) => (line === '1229' && type === 'telegram' ? 'Telegram of Dana' : undefined),
  company: (id) => (id === '3001' ? 'Flowers & Co' : undefined),
  user: (id, company) => (id === '7002' && company !== '9' ? 'João Lima' : undefined),
};

describe('the label of a listener in the workspace', () => {
  const labels = [messengerLabel, companyLabel, userLabel, employeeLabel];

  it('is the name, where there is one', () => {
    const node: LabelSettings = { name: 'Sales', licenseId: '1229', companyId: '3001', userId: '7002' };
    for (const label of labels) assert.equal(label(node, KNOWN, words), 'Sales');
  });

  it('else says by name what it listens to', () => {
    assert.equal(messenger({ events: ['message'], licenseId: '1229' }), 'message · Support line');
    assert.equal(
      messenger({ licenseId: 1229, messengerType: 'telegram' }),
      'all events · Support line · Telegram of Dana',
    );
    assert.equal(
      messenger({ licenseId: '1229', messengerType: 'grWhatsApp' }),
      'all events · Support line · WhatsApp Web',
    );
    assert.equal(companyLabel({ companyId: '3001' }, KNOWN, words), 'all events · Flowers & Co');
    assert.equal(userLabel({ userId: '7002' }, KNOWN, words), 'all events · João Lima');
    assert.equal(
      employeeLabel({ companyId: '3001', userId: '7002' }, KNOWN, words),
      'all events · Flowers & Co · João Lima',
    );
  });

  it('says that it is all lines, and which messenger of theirs', () => {
    assert.equal(messenger({ name: '', licenseId: '', messengerType: '' }), 'all events · all lines');
    assert.equal(messenger({ messengerType: 'telegram' }), 'all events · all lines · Telegram');
    assert.equal(messenger({ messengerType: 'constructor' }), 'all events · all lines · constructor');
  });

  it('names one event, the group of several, else how many there are', () => {
    const events = (...names: string[]): string => messenger({ events: names }).split(' · ')[0] ?? '';
    assert.equal(events('chatTag'), 'chatTag');
    assert.equal(events('message', 'messageStatus'), 'messages');
    assert.equal(events('chatTag', 'chatStatus'), 'chats');
    assert.equal(events('message', 'chatTag', 'chatStatus'), '3 events');
    assert.equal(events('message', 'messageStatus', 'chatTag'), '3 events');
    assert.equal(events('message', 'messageOfTheFuture'), '2 events');
    assert.equal(events('messageOfTheFuture', 'another'), '2 events');
    assert.equal(messenger({ events: 'message, chatTag' }).split(' · ')[0], '2 events');
  });

  it('says the id of what has no name, or is left to a variable', () => {
    assert.equal(messengerLabel({ events: ['message'], licenseId: '1229' }, NOBODY, words), 'message · line 1229');
    assert.equal(messengerLabel({ licenseId: '${LINE}' }, NOBODY, words), 'all events · line ${LINE}');
    assert.equal(companyLabel({ companyId: '7' }, KNOWN, words), 'all events · company 7');
    assert.equal(userLabel({ userId: '7' }, KNOWN, words), 'all events · user 7');
    assert.equal(employeeLabel({ companyId: '9', userId: '7002' }, KNOWN, words), 'all events · company 9 · user 7002');
  });

  it('cuts what is long, and keeps to one line', () => {
    assert.equal(messenger({ licenseId: '1230' }), 'all events · Long and wide');
    const company = companyLabel({ companyId: '1' }, { ...NOBODY, company: () => '🌷'.repeat(41) }, words);
    assert.equal(company, `all events · ${'🌷'.repeat(39)}…`);
    const fits = companyLabel({ companyId: '1' }, { ...NOBODY, company: () => 'x'.repeat(40) }, words);
    assert.equal(fits, `all events · ${'x'.repeat(40)}`);
    assert.equal(
      companyLabel({ companyId: '1' }, { ...NOBODY, company: () => ' \n ' }, words),
      'all events · company 1',
    );
  });

  it('is the kind of node as long as nothing is filled in', () => {
    assert.deepEqual(
      [companyLabel, userLabel, employeeLabel].map((label) => label({}, KNOWN, words)),
      ['company', 'user', 'employee'],
    );
  });

  it('is never empty, whatever a flow made by hand holds', () => {
    for (const odd of [null, {}, [], true, '', '  ']) {
      const ids = { licenseId: odd, messengerType: odd, companyId: odd, userId: odd };
      for (const label of labels) assert.notEqual(label({ name: odd, events: odd, ...ids }, KNOWN, words).trim(), '');
    }
  });

  it('is in italics only where it is a name', () => {
    assert.equal(labelStyle({ name: 'Sales' }), 'node_label_italic');
    assert.equal(labelStyle({ name: '' }), '');
  });
});

function messenger(settings: LabelSettings): string {
  return messengerLabel(settings, KNOWN, words);
}

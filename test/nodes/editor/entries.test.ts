import assert from 'node:assert/strict';
import {
  chatEntries,
  companyEntries,
  employeeEntries,
  knownMessengerEntries,
  lineEntries,
  messengerEntries,
  templateEntries,
  userEntries,
} from '../../../nodes/shared/editor/pickers/entries';
import type { Entry } from '../../../nodes/shared/editor/pickers/entries';

const LINES = [
  {
    licenseId: '1229',
    name: 'Support line',
    messengers: [{ type: 'grWhatsApp', name: 'WhatsApp', phone: '77000000001' }, { type: 'telegram' }],
  },
  { licenseId: '1230', messengers: [{ type: 'telegram', name: 'Telegram', phone: '@support' }, { type: 'max' }] },
];

const EMPLOYEES = [
  { companyId: '1', userId: '7001' },
  { companyId: '1', userId: '7002', name: 'João Lima', email: 'joao@example.com', role: 'Operator' },
  { companyId: '2', userId: '7001', name: 'Olga Petrova', email: 'olga@example.com', role: 'Owner' },
];

const COMPANIES = [{ companyId: '1', name: 'Flowers & Co' }, { companyId: '2' }];

describe('what a picker offers', () => {
  it('a line with its name and its messengers', () => {
    assert.deepEqual(shown(lineEntries(LINES)), [
      '1229 · Support line · WhatsApp +77000000001, Telegram',
      '1230 · Telegram @support, max',
    ]);
  });

  it('the messengers of the line that is chosen, with their phones', () => {
    assert.deepEqual(shown(messengerEntries(LINES, '1229')), [
      'grWhatsApp · WhatsApp · +77000000001',
      'telegram · Telegram',
    ]);
  });

  it('each messenger of the account once, where no line is chosen or one that nobody knows', () => {
    for (const line of ['', '${LINE}', '99']) {
      const offered = messengerEntries(LINES, line).map(({ value }) => value);
      assert.deepEqual(offered, ['grWhatsApp', 'telegram', 'max'], line);
    }
  });

  it('the types of messenger that are known without any account', () => {
    const offered = knownMessengerEntries().map(({ value }) => value);
    for (const type of ['grWhatsApp', 'caWhatsApp', 'telegram', 'instagram']) assert.ok(offered.includes(type), type);
  });

  it('a template with its text on one line, cut if it is long', () => {
    const templates = [
      { id: '1c2f', name: 'order', text: 'Hello {{1}},\nyour order', params: 1 },
      { id: '9b', params: 0, text: 'x'.repeat(200) },
    ];
    assert.deepEqual(shown(templateEntries(templates)), [
      '1c2f · order · Hello {{1}}, your order',
      `9b · ${'x'.repeat(119)}…`,
    ]);
  });

  it('a chat with name and phone', () => {
    const chats = [{ chatId: '79001112233@c.us', name: 'Anna', phone: '79001112233' }, { chatId: '-5' }];
    assert.deepEqual(shown(chatEntries(chats)), ['79001112233@c.us · Anna · +79001112233', '-5']);
  });

  it('the employees of a company', () => {
    assert.deepEqual(shown(employeeEntries(EMPLOYEES, COMPANIES, '1')), [
      '7001',
      '7002 · João Lima · Operator · joao@example.com',
    ]);
  });

  it('the employees of all companies with their company, where none is chosen', () => {
    assert.deepEqual(shown(employeeEntries(EMPLOYEES, COMPANIES, undefined)), [
      '7001 · Flowers & Co',
      '7002 · João Lima · Flowers & Co · Operator · joao@example.com',
      '7001 · Olga Petrova · 2 · Owner · olga@example.com',
    ]);
  });

  it('each user once, by the name that some company knows', () => {
    assert.deepEqual(shown(userEntries([...EMPLOYEES, { companyId: '3', userId: '7002' }])), [
      '7001 · Olga Petrova · olga@example.com',
      '7002 · João Lima · joao@example.com',
    ]);
  });

  it('a company by its name, or by its id alone', () => {
    assert.deepEqual(shown(companyEntries(COMPANIES)), ['1 · Flowers & Co', '2']);
  });
});

function shown(entries: readonly Entry[]): string[] {
  return entries.map(({ value, name, details }) => [value, name, ...details].filter(Boolean).join(' · '));
}

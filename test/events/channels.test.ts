import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CHANNEL_TYPES,
  channelName,
  isId,
  isMessengerType,
  parseChannelName,
  type ChannelAddress,
} from '../../src/events/channels';

const NAMED: readonly (readonly [string, ChannelAddress])[] = [
  [
    'private-v1.licenses.50718.messengers.grWhatsApp',
    { type: 'messenger', licenseId: '50718', messengerType: 'grWhatsApp' },
  ],
  ['private-v1.companies.3306', { type: 'company', companyId: '3306' }],
  ['private-v1.users.9041', { type: 'user', userId: '9041' }],
  ['private-v1.companies.3306.users.9041', { type: 'employee', companyId: '3306', userId: '9041' }],
];

const id = fc.stringMatching(/^[0-9]{1,20}$/);
const messengerType = fc.stringMatching(/^[A-Za-z0-9]{1,64}$/);
const address: fc.Arbitrary<ChannelAddress> = fc.oneof(
  fc.record({ type: fc.constant('messenger' as const), licenseId: id, messengerType }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('company' as const), companyId: id }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('user' as const), userId: id }, { noNullPrototype: true }),
  fc.record({ type: fc.constant('employee' as const), companyId: id, userId: id }, { noNullPrototype: true }),
);

/** Texts that are neither an id nor a messenger type. */
const MALFORMED = [
  '',
  ' ',
  '1 ',
  ' 1',
  '1\n',
  '1.2',
  '1/2',
  '-1',
  '+1',
  '1,5',
  '١٢٣',
  '１２',
  '²',
  '1\u0000',
  'é',
  '${LINE}',
];

describe('channel names', () => {
  it('there are four types of channel', () => {
    assert.deepEqual(CHANNEL_TYPES, ['messenger', 'company', 'user', 'employee']);
    assert.deepEqual(
      NAMED.map(([, { type }]) => type),
      CHANNEL_TYPES,
    );
  });

  for (const [name, named] of NAMED) {
    it(`the ${named.type} channel is read and written the same way`, () => {
      assert.equal(channelName(named), name);
      assert.deepEqual(parseChannelName(name), named);
    });
  }

  it('every address survives the way through its name', () => {
    fc.assert(fc.property(address, (some) => assert.deepEqual(parseChannelName(channelName(some)), some)));
  });

  it('whatever text can be parsed is exactly the name of what it was parsed into', () => {
    const part = fc.oneof(
      fc.constantFrom('private-v1', 'licenses', 'companies', 'users', 'messengers', 'telegram', ...MALFORMED),
      id,
      fc.string(),
    );
    const tail = fc.array(part, { maxLength: 6 }).map((parts) => ['private-v1', ...parts].join('.'));
    const spoiled = fc
      .tuple(address, fc.nat(80), fc.constantFrom('', '.', ' ', '/', '0', 'x', '٣'))
      .map(([some, at, put]) => `${channelName(some).slice(0, at)}${put}${channelName(some).slice(at + 1)}`);
    fc.assert(
      fc.property(fc.oneof(tail, spoiled, fc.string()), (name) => {
        const parsed = parseChannelName(name);
        if (parsed !== undefined) assert.equal(channelName(parsed), name);
      }),
      { numRuns: 2000 },
    );
  });

  it('names that are not quite right are refused', () => {
    const names = [
      '',
      '.',
      'private-v1',
      'private-v1.',
      'private-v1.licenses',
      'private-v1.licenses.1',
      'private-v1.licenses.1.messengers',
      'private-v1.licenses.1.messengers.',
      'private-v1.licenses..messengers.telegram',
      'private-v1.licenses.1.messengers.telegram.',
      'private-v1.licenses.1.messengers.telegram.x',
      'private-v1.licenses.1.messengers.tele-gram',
      'private-v1.licenses.1.messengers.телеграм',
      'private-v1.licenses.x.messengers.telegram',
      'private-v1.licenses.1.users.2',
      'private-v1.licenses.1.companies.2',
      `private-v1.licenses.1.messengers.${'x'.repeat(65)}`,
      'private-v1.companies.1.messengers.telegram',
      'private-v1.companies.1.users',
      'private-v1.companies.1.users.',
      'private-v1.companies.1.users.x',
      'private-v1.companies.1.users.2.',
      'private-v1.users.1.companies.2',
      'private-v1.employees.1',
      `private-v1.users.${'1'.repeat(21)}`,
      'private-v2.users.1',
      'Private-v1.users.1',
      'presence-v1.users.1',
      'v1.users.1',
      ' private-v1.users.1',
      'private-v1.users.1 ',
      'private-v1.users.1\n',
      'private-v1/users/1',
      'private-v1..users.1',
      '.'.repeat(1_000_000),
      ...MALFORMED.flatMap((text) => [`private-v1.companies.${text}`, `private-v1.companies.1.users.${text}`]),
    ];
    for (const name of names) assert.equal(parseChannelName(name), undefined, JSON.stringify(name.slice(0, 80)));
  });

  it('a malformed id never becomes part of a name, nor of the error', () => {
    for (const text of [...MALFORMED, 'telegram', '1'.repeat(21)]) {
      const wrong: ChannelAddress[] = [
        { type: 'messenger', licenseId: text, messengerType: 'telegram' },
        { type: 'company', companyId: text },
        { type: 'user', userId: text },
        { type: 'employee', companyId: text, userId: '1' },
        { type: 'employee', companyId: '1', userId: text },
      ];
      for (const some of wrong) {
        assert.throws(() => channelName(some), {
          name: 'RangeError',
          message: /^(licenseId|companyId|userId) must be 1 to 20 digits$/,
        });
      }
    }
    for (const text of [...MALFORMED, 'x'.repeat(65)]) {
      assert.throws(() => channelName({ type: 'messenger', licenseId: '1', messengerType: text }), {
        name: 'RangeError',
        message: 'messengerType must be 1 to 64 letters and digits',
      });
    }
  });

  it('an id is 1 to 20 digits', () => {
    for (const text of ['0', '007', '50718', '9'.repeat(20)]) assert.equal(isId(text), true, text);
    for (const text of [...MALFORMED, 'a', '1e3', '0x1', '9'.repeat(21)]) assert.equal(isId(text), false, text);
  });

  it('a messenger type is 1 to 64 letters and digits', () => {
    for (const text of ['grWhatsApp', 'telegramBot', 'x', '2gis', 'x'.repeat(64)]) {
      assert.equal(isMessengerType(text), true, text);
    }
    for (const text of [...MALFORMED, 'tele_gram', 'tele-gram', 'телеграм', 'x'.repeat(65)]) {
      assert.equal(isMessengerType(text), false, text);
    }
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inOne, Settings } from '../../../nodes/shared/settings';

describe('the settings of a node', () => {
  const wrong = (saved: unknown, read: (settings: Settings) => unknown): string[] => {
    const settings = new Settings(saved);
    read(settings);
    return settings.problems.map(({ code, params }) => `${code} ${params.field}: ${params.wanted}`);
  };

  it('take an id as number or text, without the white space around it', () => {
    const settings = new Settings({ licenseId: 50101, companyId: ' 7 ' });
    assert.equal(settings.id('licenseId'), '50101');
    assert.equal(settings.requiredId('companyId'), '7');
    assert.deepEqual(settings.problems, []);
  });

  it('take ids, tokens and addresses as they are pasted, without invisible characters and blanks', () => {
    const settings = new Settings({
      companyId: '\u200b50\u00a0101\u2060\n',
      token: '\ufeff$2y$10$ab\u200bcd\r\n ef\u00ad\t',
      apiUrl: '\u202ahttps://api.chatapp.online\u202c',
      messengerType: '\u200egrWhatsApp\ufe0f ',
      password: ' p\u200bass word ',
    });
    assert.equal(settings.requiredId('companyId'), '50101');
    assert.equal(settings.requiredToken('token', 'accessToken'), '$2y$10$abcdef');
    assert.equal(settings.url('apiUrl', ['https:', 'http:'], ''), 'https://api.chatapp.online');
    assert.equal(settings.messengerType('messengerType'), 'grWhatsApp');
    assert.equal(settings.requiredSecret('password', 'password'), ' pass word ');
    assert.deepEqual(settings.problems, []);
  });

  it('take names, numbers and choices as they are pasted, with blanks and invisible characters', () => {
    const settings = new Settings({
      events: ['message\u200b', '\u00a0chatTag'],
      recoverHours: '\u200b24\u00a0',
      auth: 'account\ufeff',
      cluster: 'nats://nats\u200b-1:4222',
    });
    assert.deepEqual(settings.names('events'), ['message', 'chatTag']);
    assert.equal(settings.number('recoverHours', 0, 168, 1), 24);
    assert.equal(settings.choice('auth', ['token', 'account'], 'token'), 'account');
    assert.equal(settings.text('cluster'), 'nats://nats-1:4222');
    assert.deepEqual(settings.problems, []);
  });

  it('say that a password is missing if nothing of it can be seen', () => {
    assert.deepEqual(
      wrong({ password: '\u200b\ufeff' }, (settings) => settings.requiredSecret('password', 'password')),
      ['CONFIG_INVALID password: the password to log in with'],
    );
  });

  it('say of a token that cannot be sent that it is not usable', () => {
    for (const token of ['abc…', 'токен', 'ab\ud800', 'é']) {
      assert.deepEqual(
        wrong({ token }, (settings) => settings.requiredToken('token', 'accessToken')),
        ['CONFIG_INVALID token: Latin letters, digits and signs only, as ChatApp shows it; copy it again'],
      );
    }
  });

  it('tell of several missing fields in one error', () => {
    const settings = new Settings({ events: 7 });
    settings.requiredId('companyId');
    settings.names('events');
    assert.equal(inOne(settings.problems), settings.problems);
    settings.requiredId('userId');
    settings.requiredText('connection', 'connection');
    assert.deepEqual(
      inOne(settings.problems).map(({ reason, params }) => [reason, params.fields ?? params.field]),
      [
        ['missingFields', 'companyId, userId, connection'],
        ['malformed', 'events'],
      ],
    );
  });

  it('say which id is missing and what it should be', () => {
    assert.deepEqual(
      wrong({}, (settings) => settings.requiredId('companyId')),
      ['CONFIG_INVALID companyId: an id made of digits'],
    );
  });

  it('say once that an id is malformed, even where it is required', () => {
    for (const userId of ['12a', '1.5', '-3', '١٢', {}, [], true, '1, 2']) {
      assert.equal(wrong({ userId }, (settings) => settings.requiredId('userId')).length, 1, JSON.stringify(userId));
    }
  });

  it('name an environment variable that is not set', () => {
    assert.deepEqual(
      wrong({ licenseId: '${LINE}' }, (settings) => settings.id('licenseId')),
      ['CONFIG_INVALID licenseId: the environment variable LINE is not set'],
    );
  });

  it('take a checkbox as text, as hand-edited flows have it', () => {
    const settings = new Settings({ separate: 'true', ignoreOwn: 'FALSE', other: '' });
    assert.equal(settings.flag('separate', false), true);
    assert.equal(settings.flag('ignoreOwn', true), false);
    assert.equal(settings.flag('other', true), true);
    assert.deepEqual(settings.problems, []);
    for (const separate of ['maybe', ['yes'], {}, 1, null]) {
      const reported = wrong({ separate }, (other) => other.flag('separate', false));
      assert.deepEqual(reported, separate === null ? [] : ['CONFIG_INVALID separate: true or false']);
    }
    assert.match(wrong({ separate: '${X}' }, (other) => other.flag('separate', false)).join(), /variable X is not set/);
  });

  it('take a list of events also as one text with commas, and leave doubles out', () => {
    assert.deepEqual(new Settings({ events: ['message', ' chatTag', 'message'] }).names('events'), [
      'message',
      'chatTag',
    ]);
    assert.deepEqual(new Settings({ events: 'message, chatTag' }).names('events'), ['message', 'chatTag']);
    assert.deepEqual(new Settings({}).names('events'), []);
    assert.equal(wrong({ events: [1, {}] }, (settings) => settings.names('events')).length, 1);
    assert.equal(wrong({ events: { message: true } }, (settings) => settings.names('events')).length, 1);
  });

  it('want URLs with the right protocol', () => {
    const read = (settings: Settings): string => settings.url('apiUrl', ['https:', 'http:'], 'https://api.example');
    assert.equal(read(new Settings({ apiUrl: '' })), 'https://api.example');
    assert.equal(read(new Settings({ apiUrl: 'http://127.0.0.1:1/x' })), 'http://127.0.0.1:1/x');
    for (const apiUrl of [
      'not a url',
      'ftp://example.org',
      'example.org',
      7,
      'https://api.exa\tmple',
      'ht\ntps://a.b',
    ]) {
      assert.equal(wrong({ apiUrl }, read).length, 1, String(apiUrl));
    }
  });

  it('want numbers within their bounds, and choices among the options', () => {
    assert.equal(new Settings({ recoverHours: '12' }).number('recoverHours', 0, 168, 24), 12);
    for (const recoverHours of ['x', -1, 169, 'NaN']) {
      assert.equal(wrong({ recoverHours }, (settings) => settings.number('recoverHours', 0, 168, 24)).length, 1);
    }
    assert.equal(new Settings({ direction: 'in' }).choice('direction', ['any', 'in', 'out'], 'any'), 'in');
    assert.equal(
      wrong({ direction: 'up' }, (settings) => settings.choice('direction', ['any', 'in'], 'any')).length,
      1,
    );
  });

  it('leave a password as it is', () => {
    assert.equal(new Settings({ password: ' a b ' }).requiredSecret('password', 'password'), ' a b ');
    assert.equal(wrong({ password: '  ' }, (settings) => settings.requiredSecret('password', 'password')).length, 1);
  });

  it('never throw, whatever stands in the flow', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (saved, field) => {
        const settings = new Settings(saved);
        settings.requiredId(field);
        settings.names(field);
        settings.flag(field, true);
        settings.url(field, ['https:', 'http:'], '');
        settings.number(field, 0, 1, 0);
        settings.messengerType(field);
      }),
    );
  });
});

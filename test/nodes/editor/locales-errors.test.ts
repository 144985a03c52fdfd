import assert from 'node:assert/strict';
import { format } from 'node:util';
import type { NodeAPI } from 'node-red';
import { readConnectionSettings } from '../../../nodes/chatapp-connection/settings';
import { report } from '../../../nodes/shared/report';
import { Settings } from '../../../nodes/shared/settings';
import { detail, DETAILS } from '../../../src/error-details';
import { ChatAppError, ERRORS, type ErrorCode, type ErrorParams } from '../../../src/errors';
import { isRecord } from '../../../src/events/json';
import { catalogue } from './catalogue';

const LANGUAGES = ['en-US', 'pt-BR', 'ru'];
const NAMESPACE = '@chatapp-community/node-red-chatapp/chatapp-connection:';

describe('the errors in the language of Node-RED', () => {
  it('in English, a Catch node gets the text of the error itself', () => {
    for (const error of everyError()) {
      assert.deepEqual(caught(error, 'en-US'), { code: error.code, message: error.message });
    }
  });

  for (const language of LANGUAGES) {
    it(`in ${language}, every text holds all that its error tells, and nothing is left open`, () => {
      for (const error of everyError()) {
        const { code, message } = caught(error, language);
        assert.equal(code, error.code);
        for (const value of Object.values(error.params)) assert.ok(message.includes(String(value)), message);
        assert.doesNotMatch(message, /__|[{}]|undefined/, error.reason);
        assert.equal(message === error.message, language === 'en-US', message);
      }
    });
  }

  it('what a field should hold is said in the same language', () => {
    const missing = ChatAppError.of('CONFIG_INVALID', 'missing', {
      field: 'userId',
      ...detail('wanted', 'requiredId'),
    });
    assert.equal(caught(missing, 'ru').message, 'Поле Пользователь не заполнено: нужен ID из цифр.');
    const params = { field: 'recoverHours', ...detail('wanted', 'number', { least: 0, most: 168 }) };
    const malformed = ChatAppError.of('CONFIG_INVALID', 'malformed', params);
    assert.match(malformed.message, /a number from 0 to 168/);
    assert.match(caught(malformed, 'pt-BR').message, /um número de 0 a 168/);
  });

  it('fields are called what the dialogs call them', () => {
    const fields = 'email, appId, licenseId, direction, separate, ignoreOwn, perMinute, outcome, unknown';
    const { message } = caught(ChatAppError.of('CONFIG_INVALID', 'missingFields', { fields }), 'en-US');
    const labels = [
      ...['E-mail', 'App id', 'Line', 'Direction', 'One output for each chosen event'],
      ...['Ignore messages sent through this connection', 'Limit per minute', 'Outcome', 'unknown'],
    ];
    assert.equal(message, `These fields are missing: ${labels.join(', ')}. Fill them in, then deploy.`);
    const line = ChatAppError.of('SEND_REFUSED', 'badLine', { field: 'messengerType' });
    assert.match(caught(line, 'ru').message, /Мессенджер/);
  });

  it('words of ChatApp follow a text, marked as such', () => {
    const params = { status: 422, apiCode: '', words: 'Scan __status__ {status}' };
    const error = ChatAppError.of('SEND_REFUSED', 'refused', params);
    assert.ok(error.message.endsWith(' ChatApp says: “Scan __status__ {status}”'), error.message);
    assert.equal(caught(error, 'en-US').message, error.message);
    assert.ok(caught(error, 'ru').message.endsWith(' ChatApp сообщает: «Scan __status__ {status}»'));
  });

  it('words of ChatApp are never taken for ours', () => {
    for (const event of [DETAILS.text, '$t(error)', '__channel__', '__event__', '$&']) {
      const params = { event, channel: 'private-v1.users.77', ...detail('problem', 'notJson') };
      const { message } = caught(ChatAppError.of('PAYLOAD_INVALID', 'unreadable', params), 'ru');
      assert.equal(
        message,
        `Не удалось прочитать событие «${event}» в канале private-v1.users.77: данные не в формате JSON.`,
      );
    }
  });

  it('without a catalogue, the text is that of the error itself', () => {
    const error = ChatAppError.of('CONFIG_INVALID', 'missing', { field: 'userId', ...detail('wanted', 'requiredId') });
    const keyOnly = (key: string): string => key.replace(NAMESPACE, '');
    for (const translate of [(key: string) => key, keyOnly])
      assert.equal(reported(error, translate).message, error.message);
  });

  it('the English details are those of the errors', () => {
    const details = [...catalogue('chatapp-connection')].filter(
      ([key]) => key.startsWith('detail.') && !['detail.words', 'detail.cause'].includes(key),
    );
    assert.deepEqual(
      details,
      Object.entries(DETAILS).map(([key, text]) => [`detail.${key}`, text.replace(/\{(\w+)\}/g, '__$1__')]),
    );
  });

  for (const language of LANGUAGES) {
    it(`in ${language}, whatever is wrong with a setting has a text with all of its values`, () => {
      const wrong = wrongSettings();
      assert.ok(new Set(wrong.map(({ params }) => params.wantedKey)).size >= 20);
      for (const error of wrong) {
        const { message } = caught(error, language);
        const { field: _, wanted, wantedKey, ...values } = error.params;
        assert.ok(typeof wantedKey === 'string' && typeof wanted === 'string', error.message);
        for (const value of Object.values(values)) assert.ok(message.includes(String(value)), message);
        assert.equal(message.includes(wanted), language === 'en-US', message);
      }
    });
  }
});

/** Errors are made by code and reason; here they are made out of the list. */
class ListedError extends ChatAppError {
  constructor(code: ErrorCode, reason: string, text: string) {
    super(code, reason, valuesFor(text), text);
  }
}

/** Each error of the closed list, with a value in each of its places. */
function everyError(): ChatAppError[] {
  const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
  const errors = codes.flatMap((code) =>
    Object.entries(ERRORS[code]).map(([reason, text]) => new ListedError(code, reason, text)),
  );
  assert.ok(errors.length > 20);
  return errors;
}

function valuesFor(text: string): ErrorParams {
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name, index) => [name, index % 2 === 0 ? `value of ${name}` : 4711 + index]));
}

function caught(error: ChatAppError, language: string): { code: unknown; message: string } {
  return reported(error, (key, options) => {
    const [, type = '', name = ''] = /^@chatapp-community\/node-red-chatapp\/([\w-]+):(.+)$/.exec(key) ?? [];
    assert.ok(options?.skipInterpolation, 'Node-RED leaves the places to us');
    return catalogue(type, language).get(name) ?? key;
  });
}

type Translate = NodeAPI['_'];

/** What a Catch node would get. */
function reported(error: ChatAppError, translate: Translate): { code: unknown; message: string } {
  const reported: unknown[] = [];
  report({ _: translate }, { error: (thing: unknown) => reported.push(thing) }, error);
  const [thing] = reported;
  assert.ok(reported.length === 1 && isRecord(thing) && typeof thing.message === 'string');
  assert.equal(format('%s', thing), thing.message, 'the log shows the text');
  return { code: thing.code, message: thing.message };
}

/** The problems of settings in which everything is missing, or everything is invalid. */
function wrongSettings(): ChatAppError[] {
  const problems: ChatAppError[] = [];
  for (const auth of ['account', 'token']) problems.push(...readConnectionSettings({ auth }, {}).problems);
  const odd = { auth: 'maybe', apiUrl: 'x', socketUrl: 'x', appKey: [], recover: 'maybe', recoverHours: -1 };
  problems.push(...readConnectionSettings(odd, {}).problems);
  problems.push(...readConnectionSettings({ recoverHours: 'x', appKey: '${KEY}' }, {}).problems);
  for (const clusterAuth of ['user', 'token', 'creds']) {
    problems.push(...readConnectionSettings({ cluster: 'http://a', clusterAuth, receive: 'both' }, {}).problems);
  }
  problems.push(...readConnectionSettings({ cluster: 'me@a' }, {}).problems);

  const listener = new Settings({
    licenseId: 'x',
    messengerType: '-',
    events: [1],
    ignoreOwn: 'maybe',
    direction: 'up',
  });
  listener.id('licenseId');
  listener.requiredId('companyId');
  listener.messengerType('messengerType');
  listener.names('events');
  listener.flag('ignoreOwn', false);
  listener.choice('direction', ['any', 'in', 'out'], 'any');
  return [...problems, ...listener.problems];
}

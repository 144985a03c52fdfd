import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { readChatAddress } from '../../../src/send/chat-address';
import { sendAction, sender } from '../../../nodes/shared/editor/actions/send-actions';
import {
  PROBLEMS,
  ackSeconds,
  inFlight,
  chatIdOrNone,
  filled,
  hours,
  httpUrl,
  id,
  idOrAll,
  isEnvironment,
  keepHours,
  messengerTypeOrAll,
  natsServers,
  publicUrl,
  partitions,
  replicas,
  socketUrl,
  type Check,
  type Problem,
} from '../../../nodes/shared/editor/form/validate';

const CHECKS: Readonly<Record<string, Check>> = {
  id,
  idOrAll,
  messengerTypeOrAll,
  chatIdOrNone,
  sendAction,
  sender,
  filled,
  httpUrl,
  publicUrl,
  socketUrl,
  hours,
  natsServers,
  replicas,
  partitions,
  keepHours,
  ackSeconds,
  inFlight,
};

describe('what may be typed into the dialogs', () => {
  it('a variable passes every check, if it is the whole value', () => {
    for (const [name, check] of Object.entries(CHECKS)) {
      assert.equal(check('${CHATAPP_VALUE}'), undefined, name);
    }
    for (const text of ['x${A}', '${A}x', '${}', '${A', '$A', '${A}${B}', ' ${A}']) {
      assert.equal(isEnvironment(text), false, text);
      assert.equal(id(text), 'id', text);
    }
  });

  it('no value of any kind breaks a check', () => {
    const problems: readonly (Problem | undefined)[] = [undefined, ...PROBLEMS];
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.values(CHECKS)), (value, check) => {
        assert.ok(problems.includes(check(value)));
      }),
    );
  });

  it('the id of a company or a user is digits, and is not left empty', () => {
    for (const value of ['2224', '0', 685, '1'.repeat(20)]) assert.equal(id(value), undefined, inspect(value));
    for (const value of ['', undefined, null]) assert.equal(id(value), 'missing', inspect(value));
    for (const value of ['12a', ' 12', '1.5', '-3', -3, '１２', '1'.repeat(21), [], {}, true]) {
      assert.equal(id(value), 'id', inspect(value));
    }
  });

  it('a line or a messenger left empty means all of them', () => {
    for (const value of ['', undefined, null]) {
      assert.equal(idOrAll(value), undefined);
      assert.equal(messengerTypeOrAll(value), undefined);
    }
    assert.equal(idOrAll('4711'), undefined);
    assert.equal(idOrAll('line 4711'), 'id');
  });

  it('accepts a messenger type that is not known yet, but none that cannot be part of a channel', () => {
    for (const value of ['grWhatsApp', 'telegramBot', 'newMessenger2'])
      assert.equal(messengerTypeOrAll(value), undefined);
    for (const value of ['gr WhatsApp', 'a.b', 'телеграм', 'x/y']) {
      assert.equal(messengerTypeOrAll(value), 'messengerType', value);
    }
  });

  it('a chat is an id of any messenger, or a phone however it is written', () => {
    for (const value of ['', undefined, null]) assert.equal(chatIdOrNone(value), undefined, inspect(value));
    const ids = ['77000000001@c.us', '-100200300', -100200300, '120363@g.us', 'olga@example.com', '@olga', '1:a/b?c'];
    const phones = ['77000000001', '+7 700 000-00-01', '+7 (700) 000 00 01', '+55.11.98877'];
    for (const value of [...ids, ...phones]) assert.equal(chatIdOrNone(value), undefined, inspect(value));
    for (const value of [
      'Olga Petrova',
      ' 77000000001@c.us',
      'a\nb',
      ' ',
      '12 34 56',
      '1 234 567 890 123 456',
      '..',
      '+7 700',
      'x'.repeat(257),
      {},
      [],
      true,
    ]) {
      assert.equal(chatIdOrNone(value), 'chatId', inspect(value));
    }
  });

  it('a chat is usable to the dialog where it is to the node', () => {
    const parts = fc.constantFrom(
      '+',
      '(',
      ')',
      '-',
      '.',
      ' ',
      '7',
      '70',
      '7700000',
      'a',
      '@c.us',
      '\t',
      '\u0007',
      'é',
    );
    const texts = fc.oneof(
      fc.array(parts, { minLength: 1, maxLength: 9 }).map((all) => all.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const chatId = text.trim();
        fc.pre(chatId !== '' && !isEnvironment(chatId));
        assert.equal(chatIdOrNone(chatId) === undefined, isSentTo(chatId), inspect(chatId));
      }),
      { numRuns: 2_000 },
    );
  });

  it('an action and a sender are out of their lists, or left out', () => {
    for (const value of ['text', 'file', 'template', 'read', '', undefined]) assert.equal(sendAction(value), undefined);
    for (const value of ['employee', 'system', '', undefined]) assert.equal(sender(value), undefined, inspect(value));
    for (const value of ['Text', 'toString', 'length', 7, {}, true]) {
      assert.equal(sendAction(value), 'choice', inspect(value));
      assert.equal(sender(value), 'choice', inspect(value));
    }
  });

  it('each address has its own protocol', () => {
    for (const value of ['https://api.example.com', 'http://127.0.0.1:8080/base']) {
      assert.equal(httpUrl(value), undefined, value);
      assert.equal(socketUrl(value), 'socketUrl', value);
    }
    for (const value of ['wss://socket.example.com:6001', 'ws://localhost']) {
      assert.equal(socketUrl(value), undefined, value);
      assert.equal(httpUrl(value), 'httpUrl', value);
    }
    for (const value of ['api.example.com', 'https://', 'ftp://a', 'https://a b', ' https://a.example', 7, {}]) {
      assert.equal(httpUrl(value), 'httpUrl', inspect(value));
    }
  });

  it('a public address can have a path, and nothing that no path can follow', () => {
    for (const value of ['https://a.example', 'http://10.0.0.7:1880/', 'https://a.example/auto/mation/', '${URL}']) {
      assert.equal(publicUrl(value), undefined, value);
    }
    for (const value of ['', undefined, null]) assert.equal(publicUrl(value), 'missing', inspect(value));
    const open = ['https://a.example?', 'https://a.example/#', 'https://me@a.example', 'https://me:x@a.example'];
    for (const value of [...open, 'a.example', 'wss://a.example', 'https://', 'https://a.example/b c', 7, {}, true]) {
      assert.equal(publicUrl(value), 'publicUrl', inspect(value));
    }
  });

  it('an advanced field left empty means the default', () => {
    for (const check of [httpUrl, socketUrl, hours]) assert.equal(check(''), undefined);
  });

  it('gaps may go back up to a week', () => {
    for (const value of [0, '0', 24, '24', '0.5', 168, '168']) assert.equal(hours(value), undefined, inspect(value));
    for (const value of [-1, '-1', 168.1, '169', 'a day', '1e2', '٣', Infinity, NaN, {}]) {
      assert.equal(hours(value), 'hours', inspect(value));
    }
  });

  it('several Node-REDs meet at NATS servers whose addresses hold no login', () => {
    for (const value of ['', undefined, null, '  ', 'nats-1', 'nats://a, tls://b:4223']) {
      assert.equal(natsServers(value), undefined, inspect(value));
    }
    for (const value of ['http://a', 'nats://', ',', 7, {}, true]) {
      assert.equal(natsServers(value), 'natsServers', inspect(value));
    }
    assert.equal(natsServers('nats://me:secret@a'), 'natsLogin');
  });

  it('events are kept once, three times or five times, for an hour to a year', () => {
    for (const value of [1, '3', 5, '', undefined]) assert.equal(replicas(value), undefined, inspect(value));
    for (const value of [0, 2, '4', 'x', {}]) assert.equal(replicas(value), 'choice', inspect(value));
    for (const value of [1, '16', 256, '', undefined]) assert.equal(partitions(value), undefined, inspect(value));
    for (const value of [0, 1.5, '257', 'many', {}]) assert.equal(partitions(value), 'partitions', inspect(value));
    for (const value of [1, '24', 8760, '']) assert.equal(keepHours(value), undefined, inspect(value));
    for (const value of [0, 0.5, '8761', 'a day', {}]) assert.equal(keepHours(value), 'keepHours', inspect(value));
  });

  it('a flow may take a second to a day', () => {
    for (const value of [1, '60', 86_400, '']) assert.equal(ackSeconds(value), undefined, inspect(value));
    for (const value of [0, '86401', -1, 'x', {}]) assert.equal(ackSeconds(value), 'ackSeconds', inspect(value));
    for (const value of [1, '100', 1_000, '']) assert.equal(inFlight(value), undefined, inspect(value));
    for (const value of [0, '1001', '1.5', -1, 'x', {}]) assert.equal(inFlight(value), 'inFlight', inspect(value));
  });

  it('blanks are nothing where something is wanted', () => {
    assert.equal(filled('a'), undefined);
    assert.equal(filled(''), 'missing');
    assert.equal(filled('  \n'), 'missing');
  });
});

/** Whether a send node takes it for a chat. */
function isSentTo(chatId: string): boolean {
  try {
    readChatAddress({ licenseId: '1', messengerType: 'telegram', chatId });
    return true;
  } catch {
    return false;
  }
}

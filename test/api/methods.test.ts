import assert from 'node:assert/strict';
import { conversationOf } from '../../src/api/conversation';
import { isApiPath, METHOD_PRESETS, placesIn, presetOf } from '../../src/api/methods';

describe('the path of a method', () => {
  it('may be any below the API URL, with places and encoded characters', () => {
    for (const path of [
      '/v1/me',
      '/v1/licenses/{licenseId}/messengers/{messengerType}/chats/{chatId}/messages',
      '/v1/chats/7900%40c.us',
      '/v1/a.b/..c/100%25',
    ])
      assert.ok(isApiPath(path), path);
  });

  it('leads nowhere else, in whatever form it is encoded', () => {
    for (const path of [
      ...['', 'v1/me', '//evil.example/v1', '/v1//me', '/v1/me?x=1', '/v1/me#x', '@evil.example', '.evil.example/v1'],
      ...['/v1/../admin', '/v1/./me', '/v1/%2e%2e/admin', '/v1/%2E./admin', '/v1/%252e%252e/admin', '/v1/a%2f..%2fb'],
      ...[
        '/v1/a%5cb',
        '/v1/a\\b',
        '/v1/a%252fb',
        '/v1/%00',
        '/v1/a b',
        '/v1/a\nb',
        '/v1/%zz',
        'https://evil.example/v1',
      ],
    ])
      assert.ok(!isApiPath(path), path);
  });

  it('leads to nothing that belongs to the connection: login, channels and webhooks', () => {
    for (const path of [
      ...['/v1/tokens', '/v1/tokens/check', '/v1/Tokens', '/v1/%74okens', '/broadcasting/auth', '/v1/callbackUrls'],
      '/v1/licenses/1/messengers/telegram/callbackUrl',
    ])
      assert.ok(!isApiPath(path), path);
  });

  it('is usable in every method that is offered, and each of its places can be filled', () => {
    const ids = ['licenseId', 'messengerType', 'chatId'];
    for (const [name, { path, fields }] of Object.entries(METHOD_PRESETS)) {
      assert.ok(isApiPath(path), name);
      const known = [...ids, ...fields.map((field) => field.name)];
      for (const place of placesIn(path)) assert.ok(known.includes(place), `${name}: ${place}`);
    }
    for (const odd of ['constructor', 'path', '', 7, undefined]) assert.equal(presetOf(odd), undefined);
  });
});

describe('a conversation', () => {
  const at = (time: number, side: string, text: string): object => ({ time, side, type: 'text', message: { text } });

  it('has the oldest message first, whichever way the list goes', () => {
    const first = at(1, 'in', 'Are you open?');
    const second = at(1, 'out', 'Until nine.');
    const third = at(2, 'in', 'Thanks');
    const turns = [
      { role: 'user', text: 'Are you open?' },
      { role: 'assistant', text: 'Until nine.' },
      { role: 'user', text: 'Thanks' },
    ];
    assert.deepEqual(conversationOf([first, second, third]), turns);
    assert.deepEqual(conversationOf([third, second, first]), turns);
  });

  it('has captions for files, says what has no text, and leaves out system messages and deleted ones', () => {
    const messages = [
      { time: 1, side: 'in', type: 'image', message: { text: null, caption: 'My roses' } },
      { time: 2, side: 'in', type: 'image', message: { caption: ' ' } },
      { time: 3, side: 'in', type: 'system', message: { text: 'assigned' } },
      { time: 4, side: 'in', type: 'text', message: { text: 'oops' }, destroyed: 5 },
      { time: 6 },
      null,
    ];
    assert.deepEqual(
      conversationOf(messages).map(({ text }) => text),
      ['My roses', '(image)', '(message)'],
    );
  });
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../../package.json';
import { catalogue, filledLong, NODES } from './catalogue';

const ENGLISH = 'en-US';
const OTHERS = ['pt-BR', 'ru'];
const TYPES = Object.keys({ ...manifest['node-red'].nodes, ...manifest['node-red'].plugins });

/** What is the same in another language too: names, examples, and words that Portuguese has taken over. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  ru: [
    'ChatApp',
    'TLS',
    'NATS:',
    'URL API',
    'App ID',
    'name@example.com',
    'app_4711_1',
    'chatapp api',
    '__code__, __time__',
  ],
  'pt-BR': [
    'ChatApp',
    'TLS',
    'NATS:',
    'app_4711_1',
    'Access token',
    'Refresh token',
    'E-mail',
    'Tokens',
    'Token',
    'Chat',
    'Chats',
    'Login:',
    'Login',
    'Webhook',
    'Webhooks',
    'Socket:',
    'webhook: __host__',
    'Socket',
    'chatapp api',
  ],
};

/** Words that no sentence in English can do without, and that the other languages do not have. */
const ENGLISH_WORDS = /\b(the|of|and|is|are|was|with|that|which|from|to|not)\b/i;

describe('the languages of the texts', () => {
  it('each node type has every language, and no other', () => {
    for (const folder of [...TYPES, 'shared/editor']) {
      assert.deepEqual(readdirSync(join(NODES, folder, 'locales')).sort(), [ENGLISH, ...OTHERS].sort(), folder);
    }
  });

  for (const language of OTHERS) {
    describe(language, () => {
      it('has the keys of the English texts, in the same order', () => {
        forEachType((type, texts, english) => assert.deepEqual([...texts.keys()], [...english.keys()], type), language);
      });

      it('has no empty text, and none that begins or ends with a blank', () => {
        forEachText(language, (text, key) => assert.match(text, /^\S(.*\S)?$/, key));
      });

      it('fills in the same places', () => {
        forEachText(language, (text, key, english) => assert.deepEqual(places(text), places(english), key));
      });

      it('has no text left in English', () => {
        forEachText(language, (text, key, english) => {
          assert.ok(text !== english || isSame(text, language), `${key}: ${text}`);
          assert.doesNotMatch(withoutPlaces(text), ENGLISH_WORDS, key);
        });
      });

      it('has statuses that fit below a node', () => {
        const types = ['chatapp-connection', 'chatapp-send', 'chatapp-api', 'chatapp-done'];
        const statuses = types.flatMap((type) =>
          [...catalogue(type, language)].filter(([key]) => key.startsWith(`${type}.status.`)),
        );
        assert.ok(statuses.length > 10);
        for (const [key, text] of statuses) {
          const filled = filledLong(text);
          assert.ok(filled.length <= 20 && !filled.includes('__'), `${key}: ${filled}`);
        }
      });

      it('has meanings of events as short as the English ones may be, all different', () => {
        const events = [...catalogue('chatapp-connection', language)].filter(([key]) => key.startsWith('event.'));
        assert.ok(events.length >= 30);
        for (const [key, meaning] of events) assert.ok(meaning.length <= 90 && !meaning.endsWith('.'), key);
        assert.equal(new Set(events.map(([, meaning]) => meaning)).size, events.length);
      });
    });
  }

  it('Russian is written in Cyrillic', () => {
    forEachText('ru', (text, key) => {
      assert.ok(/[а-яё]/i.test(text) || isSame(text, 'ru'), `${key}: ${text}`);
    });
  });
});

function forEachType(
  look: (type: string, texts: Map<string, string>, english: Map<string, string>) => void,
  language: string,
): void {
  for (const type of TYPES) look(type, catalogue(type, language), catalogue(type, ENGLISH));
}

function forEachText(language: string, look: (text: string, key: string, english: string) => void): void {
  forEachType((_type, texts, english) => {
    assert.ok(texts.size > 0);
    for (const [key, text] of texts) look(text, key, english.get(key) ?? '');
  }, language);
}

function places(text: string): string[] {
  return [...text.matchAll(/__(\w+?)__/g)].map(([place]) => place).sort();
}

function withoutPlaces(text: string): string {
  return text.replace(/__\w+?__|\$\{\w+\}|\{\{[\w.]+\}\}/g, '');
}

/** Whether there is nothing to translate: the text is listed above, or is all places and figures. */
function isSame(text: string, language: string): boolean {
  return (SAME[language] ?? []).includes(text) || !/\p{L}{2}/u.test(withoutPlaces(text));
}

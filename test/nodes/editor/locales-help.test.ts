import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../../package.json';
import { messageFields } from '../../../scripts/field-table';
import { CHANNEL_TYPES } from '../../../src/events';
import { catalogue, NODES } from './catalogue';

const OTHERS = ['pt-BR', 'ru'];
const TYPES = Object.keys(manifest['node-red'].nodes);
const STATUS = '#### Status';

const ENGLISH_WORDS = /\b(the|of|and|is|are|was|with|that|which|from|to|not)\b/i;

describe('the help in every language', () => {
  for (const language of ['en-US', ...OTHERS]) {
    for (const type of TYPES) {
      it(`lists properties in a way that Node-RED takes for a list: ${type} in ${language}`, () => {
        const listed = help(type, language)
          .split('\n')
          .filter((line) => line.startsWith(': '));
        assert.ok(listed.length > 3);
        // With one more colon it takes all of them for plain text.
        for (const line of listed) assert.match(line, /^: [^:]+ \([^:()]+\) : [^:]+$/);
      });
    }
  }

  it('names every field of msg.chatapp in the help of each listener', () => {
    const fields = messageFields().flatMap(({ path }) => /^chatapp\.(\w+)$/.exec(path)?.[1] ?? []);
    assert.ok(fields.length > 20);
    for (const type of CHANNEL_TYPES) {
      const listed = [...help(`chatapp-${type}`, 'en-US').matchAll(/^: ([a-z][\w, ]*) \(/gm)];
      const named = new Set(listed.flatMap(([, names = '']) => names.split(', ')));
      for (const field of fields) assert.ok(named.has(field), field);
    }
  });

  for (const language of OTHERS) {
    for (const type of TYPES) {
      describe(`${type} in ${language}`, () => {
        const english = help(type, 'en-US');
        const translated = help(type, language);

        it('has the same headings, properties, lists and paragraphs', () => {
          assert.ok(outline(english).length > 8);
          assert.deepEqual(outline(translated), outline(english));
        });

        it('names the same properties, codes and addresses', () => {
          assert.ok(fixedParts(english).length > 3);
          assert.deepEqual(fixedParts(translated), fixedParts(english));
        });

        it('calls fields, choices and statuses what the editor calls them', () => {
          const names = namesOf(english);
          const known = [...wordsFor(type, 'en-US')];
          let found = 0;
          for (const name of names) {
            const keys = known.filter(([, text]) => openText(text) === name.toLowerCase()).map(([key]) => key);
            if (keys.length === 0) continue;
            found += 1;
            const texts = keys.map((key) => openText(wordsFor(type, language).get(key) ?? ''));
            assert.ok(
              namesOf(translated).some((other) => texts.includes(other.toLowerCase())),
              `${name}: ${texts.join(' or ')}`,
            );
          }
          assert.ok(found > 5, String(found));
        });

        it('is not left in English', () => {
          // Neither code nor the names of properties are words.
          const words = translated.replace(/`[^`]*`|\([^)]*\)|^: [a-z][\w, ]*(?= \()/gm, '');
          assert.doesNotMatch(words, ENGLISH_WORDS);
          const same = blocks(translated).filter((block) => blocks(english).includes(block));
          // Portuguese has taken the word over.
          assert.deepEqual(same, language === 'pt-BR' && english.includes(STATUS) ? [STATUS] : []);
        });
      });
    }
  }
});

/** The help of a node type, with what listeners share in its place, and without the element around it. */
function help(type: string, language: string): string {
  const file = join(NODES, type, 'locales', language, `${type}.html`);
  const shared = join(NODES, 'shared/editor/locales', language, 'listener-help.md');
  const [, text = ''] =
    new RegExp(`^<script type="text/markdown" data-help-name="${type}">\n([^]+)</script>\n$`).exec(
      readFileSync(file, 'utf8'),
    ) ?? [];
  return text.replace(/^ {2}/gm, '').replace('{{listener-help}}', () => readFileSync(shared, 'utf8').trim());
}

/** What the editor shows around a node type: its own texts, and those that stand with the connection. */
function wordsFor(type: string, language: string): Map<string, string> {
  return new Map([...catalogue('chatapp-connection', language), ...catalogue(type, language)]);
}

function blocks(text: string): string[] {
  return text.trim().split(/\n{2,}/);
}

/** What kinds of blocks there are, one after the other, and how many entries each has. */
function outline(text: string): string[] {
  return blocks(text).map((block) => {
    const heading = /^#+/.exec(block)?.[0];
    if (heading !== undefined) return heading;
    const lines = block.split('\n');
    if (block.startsWith(': ')) return `${lines.filter((line) => line.startsWith(': ')).length} properties`;
    if (block.startsWith('- ')) return `${lines.filter((line) => line.startsWith('- ')).length} entries`;
    return block.startsWith('**') ? 'paragraph with a name' : 'paragraph';
  });
}

/** What must not be translated: code, addresses and the properties of a message. */
function fixedParts(text: string): string[] {
  const code = [...text.matchAll(/`[^`]+`/g)].map(([span]) => span);
  const addresses = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, address = '']) => address);
  const properties = [...text.matchAll(/^: ([a-z][\w, ]*) \(/gm)].map(([, names = '']) => names);
  return [...code, ...addresses, ...properties].sort();
}

/** What is set apart as the name of something: in bold, in italics, or as a field of the dialog. A paragraph's name ends in a dot. */
function namesOf(text: string): string[] {
  const words = text.replace(/`[^`]*`/g, '');
  const marked = [...words.matchAll(/\*\*([^*]+?)\.?\*\*|\b_([^_]+)_\b/g)].map(
    ([, bold, italic]) => bold ?? italic ?? '',
  );
  const properties = [...text.matchAll(/^: (\p{Lu}.*?) \(/gmu)].flatMap(([, names = '']) => [
    names,
    ...names.split(', '),
  ]);
  return [...marked, ...properties];
}

/** A text with an ellipsis for what is filled in, in small letters. */
function openText(text: string): string {
  return text.replace(/__\w+?__/g, '…').toLowerCase();
}

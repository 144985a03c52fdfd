import assert from 'node:assert/strict';
import { compact, isChatId, phoneIn, withoutInvisible } from '../src/pasted-text';

/** Zero-width, direction, byte order, soft hyphen, filler, variation and tag characters. */
const INVISIBLE = [0x200b, 0x200e, 0x202a, 0x2060, 0x2069, 0xfeff, 0xad, 0x3164, 0xfe0f, 0xe0041].map((code) =>
  String.fromCodePoint(code),
);
const BLANKS = [0x20, 0x9, 0xa, 0xd, 0xa0, 0x1680, 0x2003, 0x2009, 0x202f, 0x205f, 0x3000, 0x2800].map((code) =>
  String.fromCodePoint(code),
);
const DASHES = [0x2d, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xfe63, 0xff0d].map((code) =>
  String.fromCodePoint(code),
);

describe('pasted text', () => {
  it('loses characters that nobody sees, and blanks around it', () => {
    for (const one of INVISIBLE) assert.equal(withoutInvisible(` ${one}a${one} b${one}\n`), 'a b', escape(one));
  });

  it('loses every blank too where it is an id or a token', () => {
    for (const one of [...INVISIBLE, ...BLANKS, '\u0000', '\u007f'])
      assert.equal(compact(`${one}a${one}b${one}`), 'ab');
    assert.equal(compact('Ж-é_$2y$10$'), 'Ж-é_$2y$10$');
  });

  it('is a phone with any kind of blank and dash', () => {
    for (const one of [...INVISIBLE, ...BLANKS, ...DASHES]) {
      assert.equal(phoneIn(`+7${one}(700)${one}111.22${one}33`), '77001112233', escape(one));
    }
    for (const text of ['123456', '1234567890123456', '+', 'x7001112233', '7700111@c.us', '']) {
      assert.equal(phoneIn(text), undefined, text);
    }
  });

  it('is the id of a chat without blanks, control characters and halves of surrogate pairs', () => {
    for (const text of ['79@c.us', '-100', 'Ж', '👍', 'a/b', '100%', 'a..b/.c']) assert.ok(isChatId(text), text);
    for (const text of ['../../tokens', 'a/..', '..\\a', '%2e%2E', '..%2ftokens', '%252e./a', './a'])
      assert.ok(!isChatId(text), text);
    for (const text of ['', '.', '..', 'a b', 'a\u0000', '\ud83d', 'x'.repeat(257)]) assert.ok(!isChatId(text), text);
  });
});

function escape(text: string): string {
  return `U+${text.codePointAt(0)?.toString(16) ?? ''}`;
}

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { decode, encode, markOf, readMark, writeMark } from '../../src/cluster/wire';
import { messageIn, readIn } from '../support/deliveries';

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** A delivery as it stands on the wire. */
const written = (): Record<string, unknown> => ({ version: 1, ...messageIn('7', 1) });

describe('a delivery on its way through NATS', () => {
  it('comes out as it went in', () => {
    for (const delivery of [messageIn('7', 1), readIn('7'), messageIn('7', 1, { sample: true, recovered: true })]) {
      assert.deepEqual(decode(encode(delivery)), delivery);
    }
  });

  it('keeps every character, and every field of the item that nobody knows', () => {
    const item = {
      text: 'Ünï \u2028 \ud800 🙂 \0',
      ['__proto__x']: [null, -0.5, { deep: [[]] }],
      number: 9_007_199_254_740_991,
    };
    const delivery = messageIn('7', 1, { item });
    assert.deepEqual(decode(encode(delivery)), delivery);
  });

  it('leaves its part and its try behind', () => {
    const delivery = messageIn('7', 1, { part: { id: 'x', index: 0, count: 2 }, attempt: 3, deliveryToken: 't' });
    assert.deepEqual(decode(encode(delivery)), messageIn('7', 1));
  });

  it('is pressed where it is large, so that NATS takes it', () => {
    const delivery = messageIn('7', 1, { item: { text: 'much '.repeat(1_000_000) } });
    const bytes = encode(delivery);
    assert.ok(bytes.length < 1_000_000);
    assert.deepEqual(decode(bytes), delivery);
  });

  it('is read whatever else stands beside it', () => {
    assert.deepEqual(decode(json({ ...written(), deliveryToken: 't', colour: 'red' })), messageIn('7', 1));
  });

  it('is none where a part of it is of another kind', () => {
    const wrong: [string, unknown][] = [
      ['version', 2],
      ['version', undefined],
      ['event', 1],
      ['channel', null],
      ['item', []],
      ['item', 'text'],
      ['meta', undefined],
      ['receivedAt', '1'],
      ['recovered', 1],
      ['chatId', 7],
      ['licenseId', {}],
    ];
    for (const [name, value] of wrong) assert.equal(decode(json({ ...written(), [name]: value })), undefined, name);
  });

  it('is none if it is nested too deeply, or larger than 16 MB once it is unpacked', () => {
    const nested: unknown = JSON.parse('['.repeat(1_000) + ']'.repeat(1_000));
    assert.equal(decode(json({ ...written(), item: { nested } })), undefined);
    assert.equal(decode(json({ ...written(), meta: { nested } })), undefined);
    const bomb = Buffer.from(JSON.stringify({ ...written(), item: { text: ' '.repeat(17 * 1024 * 1024) } }));
    assert.equal(decode(gzipSync(bomb)), undefined);
    assert.equal(decode(bomb), undefined);
  });

  it('is none where the bytes are anything else', () => {
    for (const bytes of ['', 'null', '[]', '{', '\u001f\u008b no gzip', '"text"'].map((text) =>
      Buffer.from(text, 'latin1'),
    )) {
      assert.equal(decode(bytes), undefined);
    }
  });
});

describe('the mark of an item', () => {
  it('fits into a header and comes out as it went in', () => {
    for (const mark of [markOf(messageIn('7', 1)), markOf(readIn('7', { recovered: true }))]) {
      const text = writeMark(mark);
      assert.ok(text.length < 300 && !text.includes('\n'));
      assert.deepEqual(readMark(text), mark);
    }
  });

  it('tells a message from its edit, and both from other messages', () => {
    const first = markOf(messageIn('7', 1));
    const { item } = messageIn('7', 1);
    const edit = markOf(messageIn('7', 1, { item: { ...item, edited: true } }));
    assert.equal(first.id, edit.id);
    assert.deepEqual([first.edit, typeof edit.edit], [0, 'number']);
    assert.notEqual(edit.edit, 0);
    assert.notEqual(markOf(messageIn('7', 2)).id, first.id);
  });

  it('has no edit for an item that may rightly come again, and differs where the item does', () => {
    const mark = markOf(readIn('7'));
    assert.equal(mark.edit, undefined);
    assert.equal(markOf(readIn('7')).id, mark.id);
    assert.notEqual(markOf(readIn('8')).id, mark.id);
    assert.notEqual(markOf(readIn('7', { event: 'chatUnread' })).id, mark.id);
  });

  it('is none where the text is anything else', () => {
    const mark = markOf(messageIn('7', 1));
    const texts = ['', 'x', '[]', '{}', ...Object.keys(mark).map((name) => JSON.stringify({ ...mark, [name]: 'x' }))];
    // A channel is a text.
    for (const text of texts.filter((one) => !one.includes('"channel":"x"'))) assert.equal(readMark(text), undefined);
  });
});

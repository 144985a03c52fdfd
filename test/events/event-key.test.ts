import assert from 'node:assert/strict';
import {
  CATALOGUE,
  contentHash,
  eventKeyOf,
  SAMPLES,
  type EventKey,
  type EventName,
  type Item,
} from '../../src/events';
import { isRecord } from '../../src/events/json';

const LINE = { licenseId: 50101, messengerType: 'telegram' };
const message = (changes: object = {}): Record<string, unknown> => ({
  ...structuredClone(SAMPLES.message[0]),
  ...changes,
});
const keyOf = (changes: object = {}, line: object = LINE): EventKey | undefined =>
  eventKeyOf('message', message(changes), line);
const idOf = (changes: object = {}, line: object = LINE): number | undefined => keyOf(changes, line)?.id;
/** The edit of a message that says this. */
const editOf = (words: object): number | undefined => keyOf({ edited: true, message: words })?.edit;
const EMPTY = [null, undefined, '', [], {}, false, 0, { file: null }, [null]];

describe('an event key', () => {
  it('of a message that was not edited depends on event, line, chat and id alone', () => {
    const key = keyOf();
    assert.ok(key);
    assert.equal(key.edit, 0);
    const { chat } = SAMPLES.message[0];
    const spellings = [
      { chat: { id: chat.id, unreadMessages: 99, tags: [] } },
      { message: { text: 'another' }, type: 'image', time: 1, internalId: undefined },
      ...EMPTY.map((edited) => ({ edited })),
    ];
    for (const changes of spellings) assert.deepEqual(keyOf(changes), key);
  });

  it('differs for another line, messenger, chat, id or event', () => {
    const others = [
      idOf({}, { ...LINE, licenseId: 50102 }),
      idOf({}, { ...LINE, messengerType: 'grWhatsApp' }),
      idOf({ chat: { id: 'another' } }),
      idOf({ id: 'another' }),
      eventKeyOf('messageDestroy', message(), LINE)?.id,
    ];
    assert.equal(new Set([idOf(), ...others]).size, 6);
    assert.notEqual(idOf({ id: '12', chat: { id: '3' } }), idOf({ id: '2', chat: { id: '31' } }));
  });

  it('is the same whether ids and times come as number or as text', () => {
    assert.equal(idOf({ id: 7 }), idOf({ id: '7' }));
    assert.equal(idOf({}, { ...LINE, licenseId: '50101' }), idOf());
  });

  it('of an edited message has the same id, and an edit of its own for each text, caption and file name', () => {
    const edits = [
      editOf({ text: 'a' }),
      editOf({ text: 'b' }),
      editOf({ caption: 'a' }),
      editOf({ text: 'a', caption: 'b' }),
      editOf({ text: 'b', caption: 'a' }),
      editOf({ file: { name: 'a' } }),
      editOf({ file: { name: 'b' } }),
      editOf({ file: [{ name: 'a' }, { name: 'b' }] }),
      editOf({ location: { lat: 1 } }),
      editOf({ location: { lat: 2 } }),
      editOf({}),
    ];
    assert.equal(new Set([0, ...edits]).size, edits.length + 1);
    assert.equal(idOf({ edited: true }), idOf());
  });

  it('of a message is that of one that was not edited, in whatever words the answer says so', () => {
    for (const edited of [false, 0, '0', 'false', '', null, [], {}]) {
      assert.equal(eventKeyOf('message', { chat: { id: 7 }, id: 1, edited, message: { text: 'a' } }, LINE)?.edit, 0);
    }
  });

  it('of an edited message is the same however the history writes empty fields and the rest', () => {
    const edit = editOf({ text: 'a', caption: '', file: { name: 'f', link: 'https://one.test' } });
    for (const empty of EMPTY) {
      const file = { link: 'https://other.test', name: empty, fileName: 'f', contentType: 'image/png' };
      assert.equal(editOf({ text: 'a', caption: empty, file, html: '<b>a</b>', textLang: { en: 'a' } }), edit);
      assert.equal(editOf({ text: 'a', file: empty }), editOf({ text: 'a' }));
      assert.equal(editOf({ text: empty, caption: 'a' }), editOf({ caption: 'a' }));
    }
    assert.equal(editOf({ text: 1 }), editOf({ text: '1' }));
  });

  it('of a status counts its type and time: sent, delivered and viewed are three', () => {
    const base = { id: 'x', chat: { id: 'c' } };
    const of = (rest: object): number | undefined => eventKeyOf('messageStatus', { ...base, ...rest }, LINE)?.id;
    const all = [of({ type: 'sent', time: 1 }), of({ type: 'viewed', time: 1 }), of({ type: 'sent', time: 2 })];
    assert.equal(new Set(all).size, 3);
    assert.equal(of({ type: 'sent', time: '1' }), all[0]);
  });

  it('of a reaction tells people and reactions apart, and exists without them', () => {
    const base = { id: 'x', chat: { id: 'c' }, time: 1, action: 'react' };
    const of = (rest: object): number | undefined => eventKeyOf('messageReaction', { ...base, ...rest }, LINE)?.id;
    const all = [
      of({}),
      of({ reaction: '+' }),
      of({ reaction: '+', fromUser: { id: 1 } }),
      of({ fromUser: { id: 1 } }),
    ];
    assert.ok(!all.includes(undefined));
    assert.equal(new Set(all).size, 4);
    assert.equal(of({ reaction: null, fromUser: null }), of({ reaction: '' }));
  });

  it('is the same for an edit whose text differs only in blanks at its ends or in line ends, and for a list of one file', () => {
    const editOf = (message: object): number | undefined => keyOf({ edited: true, message })?.edit;
    const edit = editOf({ text: 'two\nlines' });
    for (const text of ['two\r\nlines', 'two\rlines', ' two\nlines\n']) assert.equal(editOf({ text }), edit);
    assert.notEqual(editOf({ text: 'two lines' }), edit);
    const file = { link: 'https://example.com/1', name: 'a.pdf' };
    assert.equal(editOf({ file: [file] }), editOf({ file }));
    assert.notEqual(editOf({ file: [file, { name: 'b.pdf' }] }), editOf({ file }));
  });

  it('does not exist for events without id and time, for unknown events, and without one of the ids or the line', () => {
    for (const event of ['chatRead', 'chatUnread', 'chatTag', 'employeeStatus', 'chatStatus'] as const) {
      assert.equal(eventKeyOf(event, { ...SAMPLES[event][0] }, LINE), undefined, event);
    }
    assert.equal(eventKeyOf('brandNew', { id: 1, time: 2 }, LINE), undefined);
    assert.equal(eventKeyOf('__proto__', { id: 1 }, LINE), undefined);
    for (const id of [undefined, null, '', {}, [], 2 ** 60]) assert.equal(keyOf({ id }), undefined);
    for (const chat of [undefined, null, 7, {}]) assert.equal(keyOf({ chat }), undefined);
    for (const line of [{}, { licenseId: 1 }, { messengerType: 'x' }]) assert.equal(keyOf({}, line), undefined);
  });

  it('differs for a hundred thousand messages of one chat that differ in a digit', () => {
    const ids = Array.from({ length: 100_000 }, (_, id) => eventKeyOf('message', { id, chat: { id: 7 } }, LINE)?.id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is found by paths that exist in the samples', () => {
    const at = (value: unknown, path: string): unknown =>
      path.split('.').reduce<unknown>((node, name) => (isRecord(node) ? node[name] : undefined), value);
    for (const entry of CATALOGUE) {
      if (!('key' in entry)) continue;
      const name: EventName = entry.name;
      for (const path of entry.key.ids) assert.notEqual(at(SAMPLES[name][0], path), undefined, `${name} ${path}`);
    }
  });
});

describe('a content hash', () => {
  const hashOf = (item: Item): number => contentHash('chatTag', item);

  it('does not depend on the order of fields, nor on how empty values and numbers are spelled', () => {
    const hash = hashOf({ type: 'add', tag: { id: 29, name: 'vip' }, chat: { id: '7' } });
    assert.equal(hashOf({ chat: { id: 7 }, tag: { name: 'vip', id: '29' }, type: 'add' }), hash);
    for (const empty of EMPTY) {
      assert.equal(
        hashOf({ type: 'add', tag: { id: 29, name: 'vip', category: empty }, chat: { id: 7 }, by: empty }),
        hash,
      );
    }
  });

  it('differs for another event, field, value or order of a list', () => {
    const hashes = [
      contentHash('chatTag', { a: 1, b: 2 }),
      contentHash('chatRead', { a: 1, b: 2 }),
      hashOf({ a: 2, b: 1 }),
      hashOf({ a: 1 }),
      hashOf({ a: 1, b: { b: 2 } }),
      hashOf({ a: [1, 2] }),
      hashOf({ a: [2, 1] }),
      hashOf({ a: [[1], 2] }),
      hashOf({ a: true }),
      hashOf({}),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
  });
});

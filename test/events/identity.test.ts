import assert from 'node:assert/strict';
import { CATALOGUE, identityOf, SAMPLES, type EventName, type ItemIdentity } from '../../src/events';
import { isRecord } from '../../src/events/json';

const META = { licenseId: 50101, messengerType: 'telegram' };
const message = (changes: object = {}): Record<string, unknown> => ({
  ...structuredClone(SAMPLES.message[0]),
  ...changes,
});
/** Id and content as one. */
const twin = (identity: ItemIdentity | undefined): string | undefined =>
  identity && `${identity.id} ${identity.content}`;
const idOfMessage = (changes: object = {}, meta: object = META): string | undefined =>
  twin(identityOf('message', message(changes), { ...meta }));

describe('the identity of an item', () => {
  it('of a message stays the same however its chat changes meanwhile', () => {
    const { chat } = SAMPLES.message[0];
    assert.ok(idOfMessage());
    assert.equal(idOfMessage({ chat: { ...chat, unreadMessages: 99, tags: [] } }), idOfMessage());
  });

  it('of a message is another one in another line, messenger or chat: some messengers count anew in each', () => {
    const others = [
      idOfMessage({}, { ...META, licenseId: 50102 }),
      idOfMessage({}, { ...META, messengerType: 'grWhatsApp' }),
      idOfMessage({ chat: { id: 'another' } }),
      idOfMessage({ id: 'another' }),
    ];
    assert.equal(new Set([idOfMessage(), ...others]).size, 5);
  });

  it('of an edited message is another one than before the edit', () => {
    const body = SAMPLES.message[0].message;
    assert.notEqual(idOfMessage({ edited: true }), idOfMessage());
    assert.notEqual(idOfMessage({ message: { ...body, text: 'edited' } }), idOfMessage());
    assert.equal(
      identityOf('message', message({ edited: true }), META)?.id,
      identityOf('message', message(), META)?.id,
    );
  });

  it('is the same whether ids and times come as number or as text', () => {
    assert.equal(idOfMessage({ id: 7 }), idOfMessage({ id: '7' }));
    assert.equal(idOfMessage({}, { ...META, licenseId: '50101' }), idOfMessage());
  });

  it('of a status counts its type and time: sent, delivered and viewed are three', () => {
    const base = { id: 'x', chat: { id: 'c' } };
    const of = (rest: object): string | undefined => twin(identityOf('messageStatus', { ...base, ...rest }, META));
    const all = [of({ type: 'sent', time: 1 }), of({ type: 'viewed', time: 1 }), of({ type: 'sent', time: 2 })];
    assert.equal(new Set(all).size, 3);
    assert.equal(of({ type: 'sent', time: 1 }), all[0]);
  });

  it('is none for events without id and time: they may rightly come again to the byte', () => {
    for (const event of [
      'chatRead',
      'chatUnread',
      'chatTag',
      'employeeStatus',
      'chatStatus',
      'chatResponsible',
    ] as const) {
      assert.equal(identityOf(event, { ...SAMPLES[event][0] }, META), undefined, event);
    }
  });

  it('is none for an event that nobody knows, and for an item without its id', () => {
    assert.equal(identityOf('brandNew', { id: 1, time: 2 }, META), undefined);
    assert.equal(identityOf('__proto__', { id: 1 }, META), undefined);
    for (const id of [undefined, null, '', {}, []]) assert.equal(idOfMessage({ id }), undefined);
    for (const chat of [undefined, null, 7, {}]) assert.equal(idOfMessage({ chat }), undefined);
  });

  it('keeps apart what looks alike: a number and its text, and where one text ends and the next begins', () => {
    const body = SAMPLES.message[0].message;
    const contents = [
      idOfMessage({ message: { ...body, text: '1' } }),
      idOfMessage({ message: { ...body, text: 1 } }),
      idOfMessage({ message: { ...body, text: 'ab', caption: 'c' } }),
      idOfMessage({ message: { ...body, text: 'a', caption: 'bc' } }),
      idOfMessage({ message: { ...body, text: 'abc', caption: '' } }),
      idOfMessage({ message: { ...body, text: '', caption: 'abc' } }),
    ];
    assert.equal(new Set(contents).size, contents.length);
    assert.notEqual(idOfMessage({ id: '12', chat: { id: '3' } }), idOfMessage({ id: '2', chat: { id: '31' } }));
  });

  it('does not depend on a field being null or absent', () => {
    const body = SAMPLES.message[0].message;
    assert.equal(
      idOfMessage({ message: { ...body, caption: null } }),
      idOfMessage({ message: { ...body, caption: undefined } }),
    );
  });

  it('differs for a hundred thousand messages of one chat that differ in a digit', () => {
    const ids = Array.from(
      { length: 100_000 },
      (_, number) => identityOf('message', message({ id: String(number) }), META)?.id,
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is found by paths that exist in the samples', () => {
    const at = (value: unknown, path: string): unknown =>
      path.split('.').reduce<unknown>((node, name) => (isRecord(node) ? node[name] : undefined), value);
    for (const entry of CATALOGUE) {
      if (!('identity' in entry)) continue;
      const name: EventName = entry.name;
      for (const path of entry.identity.by) assert.notEqual(at(SAMPLES[name][0], path), undefined, `${name} ${path}`);
    }
  });
});

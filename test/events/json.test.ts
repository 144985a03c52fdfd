import assert from 'node:assert/strict';
import fc from 'fast-check';
import { copyRecord, isRecord, parseJson } from '../../src/events/json';

/** What `JSON.parse` makes of a text that holds an object. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  assert.ok(isRecord(value));
  return value;
}

describe('a parsed JSON text', () => {
  it('has whole numbers that JavaScript cannot hold as texts, with all of their digits', () => {
    const text = '{"id":9007199254740993,"chats":[-1001234567890123456 , 12345678901234567],"time":1796141678000000}';
    assert.deepEqual(parseJson(text), {
      id: '9007199254740993',
      chats: ['-1001234567890123456', '12345678901234567'],
      time: 1_796_141_678_000_000,
    });
  });

  it('has everything else as JSON.parse has it', () => {
    const texts = [
      '{"text":"\\":9007199254740993,","more":"[9007199254740993]","id":1}',
      '{"long":":9007199254740993,","id":0.12345678901234567,"other":9007199254740993e1}',
      '[9007199254740991,-9007199254740991,"\\\\",1]',
      '"9007199254740993"',
    ];
    for (const text of texts) assert.deepEqual(parseJson(text), JSON.parse(text));
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.deepEqual(parseJson(JSON.stringify(value)), plain(value))));
    assert.equal(parseJson('{"id":9007199254740993'), undefined);
    assert.equal(parseJson(`{"text":"${'\\\\'.repeat(1_000_000)}","id":[9007199254740993`), undefined);
  });

  it('keeps all digits of a number that stands alone', () => {
    assert.equal(parseJson(' 9007199254740993 '), '9007199254740993');
  });

  it('may begin with a byte order mark', () => {
    assert.deepEqual(parseJson('\ufeff{"id":1}'), { id: 1 });
  });
});

/** What is left of a value in JSON, with numbers that are not exact as texts. */
function plain(value: unknown): unknown {
  const isInexact = (one: unknown): boolean => Number.isInteger(one) && !Number.isSafeInteger(one);
  const exact = (_name: string, one: unknown): unknown =>
    isInexact(one) && /^-?\d+$/.test(String(one)) ? String(one) : one;
  return JSON.parse(JSON.stringify(value), exact);
}

describe('the copy of a JSON object', () => {
  it('is what structuredClone makes of it, and shares nothing with it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const original = parsed(JSON.stringify(fields));
        const copy = copyRecord(original);
        assert.deepStrictEqual(copy, structuredClone(original));
        assertApart(copy, original);
      }),
    );
  });

  it('keeps a field that is called __proto__, and has the prototype of every object', () => {
    const original = parsed('{"__proto__":{"polluted":true},"deep":[{"__proto__":1}],"constructor":2}');
    const copy = copyRecord(original);
    assert.equal(JSON.stringify(copy), JSON.stringify(original));
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.ok(!('polluted' in copy));
    assert.deepEqual(
      Object.getOwnPropertyDescriptors(copy),
      Object.getOwnPropertyDescriptors(structuredClone(original)),
    );
  });
});

function assertApart(one: unknown, other: unknown): void {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return;
  assert.notEqual(one, other);
  for (const name of Object.keys(one)) assertApart(Reflect.get(one, name), Reflect.get(other, name));
}

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { copyRecord, isRecord } from '../../src/events/json';

/** What `JSON.parse` makes of a text that holds an object. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  assert.ok(isRecord(value));
  return value;
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

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readEnvelopes } from '../../src/events/envelope';
import { itemFacts, metaFacts } from '../../src/events/facts';

const DEEP = 100_000;

const REASONS: readonly string[] = ['notJson', 'wrapped', 'noEnvelopes', 'envelope', 'noData', 'data', 'meta', 'item'];

/** Keys that mean something here, the more often the deeper they lead, and keys that mean something to JavaScript. */
const KEYS = [
  ...['data', 'data', 'data', 'payload', 'payload', 'payload', 'meta', 'queue', 'id', 'chat', 'fromApp', 'side'],
  ...['__proto__', 'constructor', 'polluted'],
];

/** JSON text, since only there a `__proto__` key is a key like any other. */
const nearlyEnvelope = fc.letrec<{ value: string; list: string; object: string; text: string; leaf: string }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 7 },
      { arbitrary: tie('leaf'), weight: 3 },
      { arbitrary: tie('object'), weight: 5 },
      { arbitrary: tie('list'), weight: 2 },
      { arbitrary: tie('text'), weight: 1 },
    ),
    list: fc.array(tie('value'), { maxLength: 4 }).map((entries) => `[${entries.join()}]`),
    object: fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { minLength: 1, maxLength: 4 })
      .map((fields) => `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`),
    text: tie('value').map((value) => JSON.stringify(value)),
    leaf: fc.oneof(fc.json({ maxDepth: 1 }), fc.constantFrom('[{}]', '{"data":[{}]}', '[]', '{}', 'null', '1e999')),
  }),
).value;

/** An envelope whose parts may be anything, in any number of wrappings. */
const wrapped = fc
  .tuple(nearlyEnvelope, nearlyEnvelope, fc.array(fc.constantFrom('payload', 'list', 'text'), { maxLength: 6 }))
  .map(([data, meta, wrappings]) => wrappings.reduce(wrap, `{"data":${data},"meta":${meta}}`));

function wrap(json: string, wrapping: string): string {
  if (wrapping === 'payload') return `{"queue":"q","payload":${json}}`;
  return wrapping === 'list' ? `[${json}]` : JSON.stringify(json);
}

const anyData: fc.Arbitrary<unknown> = fc.oneof(
  wrapped,
  nearlyEnvelope,
  fc.oneof(wrapped, nearlyEnvelope).map((text): unknown => JSON.parse(text)),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
);

/** Reads the data as a listener would, down to the facts of each item. */
function readAll(data: unknown): readonly string[] {
  const { envelopes, problems } = readEnvelopes(data);
  for (const { items, meta } of envelopes) {
    metaFacts(meta);
    for (const item of items) itemFacts('message', item);
  }
  return problems;
}

describe('hostile data', () => {
  it('whatever comes, nothing is thrown, and reasons come from the closed list', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyData, (data) => {
        for (const problem of readAll(data)) {
          assert.ok(REASONS.includes(problem), problem);
          seen.add(problem);
        }
      }),
      { numRuns: 3000 },
    );
    assert.deepEqual([...seen].sort(), [...REASONS].sort(), 'the data was not varied enough');
  });

  it('whatever comes, something is said: an item, an envelope or a reason', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const { envelopes, problems } = readEnvelopes(data);
        assert.ok(envelopes.length + problems.length > 0);
        for (const { items } of envelopes) for (const item of items) assert.ok(!Array.isArray(item));
      }),
      { numRuns: 1000 },
    );
  });

  it('no key pollutes what all objects share', () => {
    const before = Reflect.ownKeys(Object.prototype);
    fc.assert(
      fc.property(anyData, (data) => {
        readAll(data);
        assert.deepEqual(Reflect.ownKeys(Object.prototype), before);
      }),
      { numRuns: 1000 },
    );
    readAll('{"data":[{"__proto__":{"polluted":1}}],"meta":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}');
    readAll('{"constructor":{"prototype":{"polluted":1}},"payload":{"__proto__":{"polluted":1}}}');
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  it('an item keeps a "__proto__" key as its own field, and facts are not read out of it', () => {
    const text = '{"data":[{"__proto__":{"id":"1","side":"in"}}],"meta":{"__proto__":{"licenseId":1}}}';
    const envelope = readEnvelopes(text).envelopes[0];
    assert.ok(envelope !== undefined);
    const item = envelope.items[0];
    assert.ok(item !== undefined);
    assert.deepEqual(Object.keys(item), ['__proto__']);
    assert.equal(Object.getPrototypeOf(item), Object.prototype);
    assert.deepEqual(itemFacts('message', item), {});
    assert.deepEqual(metaFacts(envelope.meta), {});
  });

  it('the meta that stands for a missing one cannot be changed for everyone', () => {
    const meta = readEnvelopes({ data: [] }).envelopes[0]?.meta;
    assert.ok(meta !== undefined);
    assert.equal(Reflect.set(meta, 'licenseId', '1'), false);
    assert.deepEqual(readEnvelopes({ data: [] }).envelopes[0]?.meta, {});
  });

  it('reasons never quote the data', () => {
    const secret = 'zq7-secret-text';
    const leaf = fc.constantFrom<unknown>(secret, [secret], { [secret]: secret }, { data: secret }, { meta: secret });
    const spoiled = fc.oneof(
      leaf,
      leaf.map((value) => ({ data: value, meta: value })),
      leaf.map((value) => ({ data: [value, secret], meta: secret })),
      leaf.map((value) => [value, { payload: value }]),
      leaf.map((value) => JSON.stringify(value) + secret),
      leaf.map((value) => ({ payload: { payload: { payload: { payload: value } } } })),
    );
    fc.assert(
      fc.property(spoiled, (data) => {
        const { problems } = readEnvelopes(data);
        fc.pre(problems.length > 0);
        assert.ok(!problems.join().includes('secret'));
      }),
    );
  });

  const NESTED: Readonly<Record<string, string>> = {
    'lists in lists': '['.repeat(DEEP) + ']'.repeat(DEEP),
    'payloads in payloads': '{"payload":'.repeat(DEEP) + '1' + '}'.repeat(DEEP),
    'data in data': '{"data":'.repeat(DEEP) + '1' + '}'.repeat(DEEP),
    'lists and payloads by turns': '[{"payload":'.repeat(DEEP) + '1' + '}]'.repeat(DEEP),
    'a deep item': `{"data":[${'{"chat":'.repeat(DEEP)}1${'}'.repeat(DEEP)}]}`,
    'a deep meta': `{"data":[{}],"meta":{"licenseId":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}}`,
    'a deep text without an end': '['.repeat(DEEP),
  };
  for (const [what, text] of Object.entries(NESTED)) {
    it(`${what}, ${DEEP} levels deep, are borne as text and as value`, () => {
      assert.doesNotThrow(() => readAll(text));
      if (what !== 'a deep text without an end') {
        const value: unknown = JSON.parse(text);
        assert.doesNotThrow(() => readAll(value));
      }
    });
  }

  it('a deep item or meta is left out, and named as such', () => {
    for (const [what, items] of [
      ['a deep item', 0],
      ['a deep meta', 1],
    ] as const) {
      const { envelopes, problems } = readEnvelopes(NESTED[what]);
      assert.deepEqual(problems, ['tooDeep']);
      assert.equal(envelopes[0]?.items.length, items);
    }
  });

  it('a list of half a million envelopes and items is read to its end', () => {
    const size = 500_000;
    assert.equal(readEnvelopes(new Array(size).fill({ data: {} })).envelopes.length, size);
    const mixed = { data: [...new Array<unknown>(size).fill({}), 1] };
    assert.equal(readEnvelopes(mixed).envelopes[0]?.items.length, size);
    assert.deepEqual(readEnvelopes(new Array(size).fill(1)).problems, ['envelope']);
  });
});

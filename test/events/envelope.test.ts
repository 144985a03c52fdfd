import assert from 'node:assert/strict';
import { CATALOGUE } from '../../src/events/catalogue';
import { readEnvelopes } from '../../src/events/envelope';
import { SAMPLES } from '../../src/events/samples';
import { sampleEnvelope } from '../../src/events/samples/sample-envelope';

const META = { type: 'chatRead', licenseId: 50718, messengerType: 'telegram' };
const A = { chat: { id: 'a' } };
const B = { chat: { id: 'b' } };
const BARE = { data: [A, B], meta: META };

/** Every form in which one envelope may come. */
const FORMS: Readonly<Record<string, (envelope: object) => unknown>> = {
  bare: (envelope) => envelope,
  'bare, as text': (envelope) => JSON.stringify(envelope),
  'wrapped in queue and payload': (envelope) => ({ queue: 'events', payload: envelope }),
  'wrapped, as text': (envelope) => JSON.stringify({ queue: 'events', payload: envelope }),
  'wrapped, the payload as text': (envelope) => ({ queue: 'events', payload: JSON.stringify(envelope) }),
  'wrapped, as text within text': (envelope) => JSON.stringify({ queue: 'events', payload: JSON.stringify(envelope) }),
  'wrapped without a queue': (envelope) => ({ payload: envelope }),
  'in a list': (envelope) => [envelope],
  'in a list, as text': (envelope) => JSON.stringify([envelope]),
  'wrapped, in a list': (envelope) => [{ queue: 'events', payload: envelope }],
  'a list in the payload': (envelope) => ({ queue: 'events', payload: [envelope] }),
  'as text twice': (envelope) => JSON.stringify(JSON.stringify(envelope)),
  'as text with the escapes of PHP': (envelope) =>
    JSON.stringify(envelope)
      .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .replaceAll('/', '\\/'),
};

describe('reading envelopes', () => {
  for (const [form, dress] of Object.entries(FORMS)) {
    it(`every sample of every event comes through ${form}`, () => {
      for (const { name } of CATALOGUE) {
        const envelope = sampleEnvelope(name, undefined, SAMPLES[name]);
        const read = readEnvelopes(dress(envelope));
        assert.deepEqual(read, { envelopes: [{ items: envelope.data, meta: envelope.meta }], problems: [] }, name);
      }
    });
  }

  it('one object in place of the list is one item', () => {
    assert.deepEqual(readEnvelopes({ data: A, meta: META }), {
      envelopes: [{ items: [A], meta: META }],
      problems: [],
    });
  });

  it('a list with gaps, as PHP writes one out of which something was taken, is a list', () => {
    const { envelopes, problems } = readEnvelopes({ data: { 1: { id: 'a' }, 3: { id: 'b' } }, meta: {} });
    assert.deepEqual([envelopes[0]?.items, problems], [[{ id: 'a' }, { id: 'b' }], []]);
  });

  it('several envelopes come in their order, each with its own meta', () => {
    const other = { type: 'chatRead', licenseId: '50719' };
    assert.deepEqual(readEnvelopes([BARE, { payload: { data: [B], meta: other } }, JSON.stringify({ data: [A] })]), {
      envelopes: [
        { items: [A, B], meta: META },
        { items: [B], meta: other },
        { items: [A], meta: {} },
      ],
      problems: [],
    });
  });

  it('a missing meta is an empty one, and so are null and the empty list that PHP writes', () => {
    for (const envelope of [{ data: [A] }, { data: [A], meta: null }, { data: [A], meta: [] }]) {
      assert.deepEqual(readEnvelopes(envelope), { envelopes: [{ items: [A], meta: {} }], problems: [] });
    }
  });

  it('an empty list of items is an envelope without items, and no problem', () => {
    assert.deepEqual(readEnvelopes({ data: [], meta: META }), { envelopes: [{ items: [], meta: META }], problems: [] });
  });

  it('gives out items and meta as they are, not as copies', () => {
    const { envelopes } = readEnvelopes({ payload: BARE });
    assert.equal(envelopes.length, 1);
    for (const { items, meta } of envelopes) {
      assert.equal(items[0], A);
      assert.equal(items[1], B);
      assert.equal(meta, META);
    }
  });

  it('good items beside bad ones come through, in their order', () => {
    assert.deepEqual(readEnvelopes({ data: [1, A, null, 'x', [B], B, true], meta: META }), {
      envelopes: [{ items: [A, B], meta: META }],
      problems: ['item'],
    });
  });

  it('good envelopes beside bad ones come through, and each reason is reported once', () => {
    assert.deepEqual(readEnvelopes([7, BARE, null, {}, { data: 1 }, 'nonsense', { data: [B], meta: 'm' }]), {
      envelopes: [
        { items: [A, B], meta: META },
        { items: [B], meta: {} },
      ],
      problems: ['envelope', 'noData', 'data', 'notJson', 'meta'],
    });
  });

  const UNREADABLE: readonly (readonly [string, unknown, string])[] = [
    ['an empty text', '', 'notJson'],
    ['a text that is not JSON', 'hello', 'notJson'],
    ['a text that was cut off', JSON.stringify(BARE).slice(0, -1), 'notJson'],
    ['a payload that is not JSON', { queue: 'q', payload: '{' }, 'notJson'],
    ['nothing', undefined, 'envelope'],
    ['null', null, 'envelope'],
    ['null as text', 'null', 'envelope'],
    ['a number', 42, 'envelope'],
    ['a truth value', true, 'envelope'],
    ['a list of lists', [[BARE]], 'envelope'],
    ['an empty list', [], 'noEnvelopes'],
    ['an object without data', { meta: META }, 'noData'],
    ['an empty object', {}, 'noData'],
    ['a null payload', { queue: 'q', payload: null }, 'envelope'],
    ['null for data', { data: null, meta: META }, 'data'],
    ['a text for data', { data: '[]', meta: META }, 'data'],
    ['a number for data', { data: 5, meta: META }, 'data'],
    ['four wrappings', { payload: { payload: { payload: { payload: BARE } } } }, 'wrapped'],
    ['a text too deep', { payload: { payload: { payload: JSON.stringify(BARE) } } }, 'wrapped'],
  ];
  for (const [what, data, problem] of UNREADABLE) {
    it(`${what} yields nothing but its reason`, () => {
      assert.deepEqual(readEnvelopes(data), { envelopes: [], problems: [problem] });
    });
  }
});

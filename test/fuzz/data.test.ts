import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contentHash, eventKeyOf, itemFacts, metaFacts, readEnvelopes, CATALOGUE } from '../../src/events';
import { isRecord } from '../../src/events/json';
import { readFrame } from '../../src/socket/frame';
import { deep, HOSTILE_JSON } from './hostile';

const events = fc.oneof(fc.constantFrom(...CATALOGUE.map(({ name }) => name)), fc.string());
/** Values that look like an envelope, up to a point. */
const almostItem = fc.dictionary(
  fc.constantFrom('id', 'time', 'chat', 'side', 'type', 'fromApp', 'edited', 'conversation', '__proto__'),
  fc.jsonValue(),
);
const almostEnvelope = fc.record(
  {
    data: fc.oneof(fc.array(fc.oneof(almostItem, fc.jsonValue())), fc.jsonValue()),
    meta: fc.jsonValue(),
    payload: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const anyData = fc.oneof(
  fc.anything(),
  fc.json(),
  almostEnvelope,
  almostEnvelope.map((value) => JSON.stringify(value)),
  almostEnvelope.map((payload) => ({ queue: 'q', payload })),
  fc.constantFrom(...HOSTILE_JSON),
);

describe('any data', () => {
  it('of an event becomes items, or problems, but never an exception', () => {
    fc.assert(
      fc.property(events, anyData, (event, data) => {
        const { envelopes, problems } = readEnvelopes(data);
        assert.ok(problems.every((problem) => typeof problem === 'string'));
        for (const { items, meta } of envelopes) {
          assert.ok(isRecord(meta));
          metaFacts(meta);
          for (const item of items) {
            assert.ok(isRecord(item));
            const { chatId, messageId } = itemFacts(event, item);
            assert.ok([chatId, messageId].every((id) => id === undefined || typeof id === 'string'));
            const { id = 0, edit = 0 } = eventKeyOf(event, item, meta) ?? {};
            assert.ok([id, edit, contentHash(event, item)].every(Number.isSafeInteger));
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('of the same item gives the same key and the same content hash', () => {
    fc.assert(
      fc.property(events, almostItem, almostItem, (event, item, meta) => {
        const copy = structuredClone(item);
        assert.deepEqual(eventKeyOf(event, copy, meta), eventKeyOf(event, item, structuredClone(meta)));
        assert.equal(contentHash(event, copy), contentHash(event, item));
      }),
    );
  });

  it('in a frame leaves prototypes alone', () => {
    for (const json of HOSTILE_JSON) {
      readEnvelopes(json);
      readFrame(`{"event":"message","channel":"c","data":${json}}`);
      readFrame(`{"event":"pusher:error","data":${JSON.stringify(json)}}`);
    }
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  it('with more than 64 levels in an item or a meta is a problem, and costs nothing else', () => {
    const nested = (levels: number): unknown => JSON.parse(deep(levels - 1));
    const [good, fits, tooDeep] = [{ id: 1 }, { id: nested(64) }, { id: nested(65) }];
    const { envelopes, problems } = readEnvelopes({ data: [good, tooDeep, fits], meta: tooDeep });
    assert.deepEqual(envelopes, [{ items: [good, fits], meta: {} }]);
    assert.deepEqual(problems, ['tooDeep']);
  });

  it('nested 100,000 deep is met without an exception', () => {
    for (const data of [deep(100_000), `{"data":${deep(100_000)}}`, `{"data":[{"id":${deep(100_000)}}]}`]) {
      const { envelopes } = readEnvelopes(data);
      for (const { items, meta } of envelopes) for (const item of items) eventKeyOf('message', item, meta);
    }
  });
});

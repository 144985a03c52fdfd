import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EVENT_SOURCES, type EventSource } from '../../src/events/event-key';
import { Deduplicating } from '../support/deduplicating';

/** One source brings the message with this edit. */
interface Arrival {
  readonly source: EventSource;
  readonly edit: number;
}

/** What becomes of one message: written, then edited, also back to earlier texts; no text twice in a row. */
const anyEdits = fc
  .array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 })
  .map((edits) => [0, ...edits].filter((edit, index, all) => edit !== all[index - 1]));
const distinctEdits = fc.integer({ min: 1, max: 8 }).map((count) => Array.from({ length: count }, (_, edit) => edit));
/** Decides which source is next, again and again. */
const anyOrder = fc.array(fc.nat(), { minLength: 30, maxLength: 30 });

/** The arrivals of all sources as one list: each keeps its own order. */
function interleaved(bySource: ReadonlyMap<EventSource, readonly number[]>, order: readonly number[]): Arrival[] {
  const waiting = [...bySource].map(([source, edits]) => edits.map((edit) => ({ source, edit })));
  const arrivals: Arrival[] = [];
  for (const number of order) {
    const left = waiting.filter(({ length }) => length > 0);
    const next = left[number % Math.max(1, left.length)]?.shift();
    if (next) arrivals.push(next);
  }
  return [...arrivals, ...waiting.flat()];
}

function delivered(arrivals: readonly Arrival[]): number[] {
  const keys = new Deduplicating();
  return arrivals.filter(({ source, edit }) => keys.add(1, edit, source)).map(({ edit }) => edit);
}

describe('a message and its edits', () => {
  it('are delivered once each and in order if every source brings all of them, in any interleaving', () => {
    fc.assert(
      fc.property(anyEdits, fc.subarray([...EVENT_SOURCES], { minLength: 1 }), anyOrder, (edits, sources, order) => {
        const arrivals = interleaved(new Map(sources.map((source) => [source, edits])), order);
        assert.deepEqual(delivered(arrivals), edits);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are delivered once each if a source repeats what it brought last', () => {
    fc.assert(
      fc.property(anyEdits, anyOrder, fc.array(fc.boolean(), { minLength: 60 }), (edits, order, repeats) => {
        const arrivals = interleaved(new Map(EVENT_SOURCES.map((source) => [source, edits])), order);
        const repeated = arrivals.flatMap((arrival, index) => (repeats[index] ? [arrival, arrival] : [arrival]));
        assert.deepEqual(delivered(repeated), edits);
      }),
    );
  });

  it('are delivered at least once each, the latest one last, although the history is read at any time', () => {
    fc.assert(
      fc.property(distinctEdits, anyOrder, fc.array(fc.tuple(fc.nat(15), fc.nat())), (edits, order, reads) => {
        const live = interleaved(new Map([['socket', edits] as const, ['webhook', edits] as const]), order);
        // Each read shows the latest edit at ChatApp, which may be later than the last live event.
        const arrivals = live.flatMap((arrival, index) => {
          const seen = Math.max(...live.slice(0, index).map(({ edit }) => edit), 0);
          const ahead = reads.filter(([at]) => at === index).map(([, edit]) => Math.max(seen, edit % edits.length));
          return [...ahead.map((edit): Arrival => ({ source: 'history', edit })), arrival];
        });
        let newest = 0;
        const edited = delivered(
          arrivals.map(({ source, edit }) => {
            if (source === 'history') newest = Math.max(newest, edit);
            return { source, edit: source === 'history' ? newest : edit };
          }),
        );
        assert.equal(edited.at(-1), edits.at(-1));
        const first = edited[0] ?? NaN;
        // What is older than the first delivery may be the message before it was edited.
        for (const edit of edits) assert.ok(edited.includes(edit) || (edit === 0 && first > 0), `${edit}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are delivered at least once each if every source loses some of them', () => {
    const some = fc.tuple(...EVENT_SOURCES.map(() => fc.infiniteStream(fc.boolean())));
    fc.assert(
      fc.property(distinctEdits, some, anyOrder, (edits, kept, order) => {
        const bySource = new Map(EVENT_SOURCES.map((source, index) => [source, lossy(edits, kept[index])]));
        const arrivals = interleaved(bySource, order);
        const edited = delivered(arrivals);
        for (const { edit } of arrivals) assert.ok(edited.includes(edit) || edit === 0, `${edit}`);
        if (arrivals[0]?.edit === 0) assert.equal(edited[0], 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are delivered again if they were forgotten, whichever source brings them', () => {
    const anyArrival = fc.record({ source: fc.constantFrom(...EVENT_SOURCES), edit: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(anyArrival), fc.constantFrom(...EVENT_SOURCES), (arrivals, source) => {
        const keys = new Deduplicating();
        let refused = 0;
        for (const arrival of arrivals) {
          if (!keys.add(1, arrival.edit, arrival.source)) continue;
          keys.forget(1, arrival.edit);
          assert.ok(keys.add(1, arrival.edit, source));
          refused += 1;
        }
        assert.ok(refused > 0 || arrivals.length === 0);
      }),
    );
  });
});

function lossy(edits: readonly number[], kept: Iterable<boolean> = []): number[] {
  const flags = kept[Symbol.iterator]();
  return edits.filter(() => flags.next().value === true);
}

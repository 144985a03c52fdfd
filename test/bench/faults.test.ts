import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../../bench/faults/list';
import { SHORT_FAULTS } from '../../bench/faults/list/short';
import { faultsText } from '../../bench/faults/results';
import { runSide, SHORT } from '../../bench/faults/side';
import { failureOf } from '../../bench/faults/table';
import { Tally, type Sent } from '../../bench/faults/tally';
import { document, ROOT, tableRows } from '../docs/documents';

describe('nothing is lost, doubled or out of order', () => {
  const outcomes = new Map<string, ReturnType<typeof runSide>>();

  // All at once: each has a simulator of its own, and most of their time is waiting.
  before(() => {
    for (const fault of SHORT_FAULTS) {
      const outcome = runSide(fault, 'ours', SHORT);
      outcome.catch(() => undefined);
      outcomes.set(fault.name, outcome);
    }
  });

  for (const fault of SHORT_FAULTS) {
    it(`in: ${fault.name}`, async () => {
      const outcome = await outcomes.get(fault.name);
      // On a busy machine there is little traffic, and what has no history may fall into the gap.
      assert.ok(outcome && outcome.sent > 20 && outcome.received > outcome.sent / 2);
      assert.equal(failureOf(fault, outcome), undefined);
    });
  }
});

describe('the battery counts right', () => {
  const sent = (number: number, rest: Partial<Sent> = {}): Sent => {
    return { number, event: 'message', channel: 'a', chat: 'a 1', at: number * 1_000, ...rest };
  };
  const figures = (tally: Tally, repeats = false): object => tally.figures({ over: 3_000, repeats });

  it('counts every missing message as lost, and any copy as doubled', () => {
    const tally = new Tally();
    for (const number of [1, 2, 3, 4]) tally.announced(sent(number));
    for (const number of [1, 4, 4]) tally.came(number, 4_100);
    const rest = { sent: 4, received: 2, missed: 0, outOfOrder: 0, again: 1_100, allAgain: 1_100 };
    assert.deepEqual(figures(tally), {
      ...rest,
      lost: ['2 message on a at -1000 ms', '3 message on a at 0 ms'],
      doubled: 1,
    });
  });

  it('counts an event without a history as lost only where there was no outage', () => {
    const tally = new Tally();
    const event = 'messageStatus';
    for (const number of [1, 2]) tally.announced(sent(number, { event }));
    tally.came(2, 2_000);
    // 3 is on its way then.
    tally.announced(sent(3, { event }));
    tally.faultBegins();
    for (const number of [4, 5, 6]) tally.announced(sent(number, { event }));
    tally.came(5, 5_100);
    const rest = { sent: 6, received: 2, doubled: 0, outOfOrder: 0, again: 2_100, allAgain: 2_100 };
    const lost = ['1 messageStatus on a at -2000 ms', '6 messageStatus on a at 3000 ms'];
    assert.deepEqual(figures(tally), { ...rest, lost, missed: 2 });
  });

  it('does not take what was sent in the millisecond before a drop for what comes again', () => {
    const tally = new Tally();
    tally.announced(sent(1, { at: 3_000 }));
    tally.faultBegins();
    for (const number of [2, 3]) tally.announced(sent(number, { event: 'messageStatus', at: 3_100 }));
    tally.announced(sent(4));
    for (const number of [1, 4]) tally.came(number, number === 1 ? 3_000 : 4_200);
    const rest = { sent: 4, received: 2, doubled: 0, outOfOrder: 0, again: 1_200, allAgain: 1_200 };
    assert.deepEqual(figures(tally), { ...rest, lost: [], missed: 2 });
  });

  it('counts what comes late within its chat, not across chats', () => {
    const tally = new Tally();
    tally.announced(sent(1));
    tally.announced(sent(2));
    tally.announced(sent(3, { chat: 'a 2', at: 3_001 }));
    for (const number of [3, 2, 1]) tally.came(number, 3_001);
    const rest = { sent: 3, received: 3, missed: 0, lost: [], doubled: 0, again: 1, allAgain: 1 };
    assert.deepEqual(figures(tally), { ...rest, outOfOrder: 1 });
  });

  it('says when the first channel flows again, and when the last', () => {
    const tally = new Tally();
    tally.announced(sent(4));
    tally.announced(sent(5, { channel: 'b' }));
    const again = (): object => {
      const { again, allAgain } = tally.figures({ over: 3_000, repeats: false });
      return { again, allAgain };
    };
    assert.deepEqual(again(), { again: undefined, allAgain: undefined });
    tally.came(4, 4_000);
    assert.deepEqual(again(), { again: 1_000, allAgain: undefined });
    tally.came(5, 7_500);
    assert.deepEqual(again(), { again: 1_000, allAgain: 4_500 });
  });

  it('lets events without an identity come as often as they are announced', () => {
    const tally = new Tally();
    tally.announced(sent(1, { event: 'chatTag' }));
    tally.announced(sent(2));
    for (const number of [1, 1, 1, 2, 2]) tally.came(number, 2_000);
    assert.match(JSON.stringify(figures(tally, true)), /"doubled":1/);
    assert.match(JSON.stringify(figures(tally, false)), /"doubled":3/);
  });
});

describe('the page about faults', () => {
  it('has a row for each fault, and no figure that is none', async () => {
    const text = await faultsText();
    for (const { name } of FAULTS) assert.ok(text.includes(`\n| ${name} `), name);
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  });

  it('names tests that are there', () => {
    const rows = tableRows(document('docs/faults.md'), 'Case', 'Before', 'Now', 'Test');
    assert.ok(rows.length > 10);
    for (const [name = '', , , test = ''] of rows) {
      const [, file = '', title = ''] = /\]\(\.\.\/(.*)\): (.*)$/.exec(test) ?? [];
      assert.ok(
        titlesIn(file).some((pattern) => pattern.test(title)),
        name,
      );
    }
  });
});

/** The titles of a file's tests; what is filled in may be anything. */
function titlesIn(file: string): RegExp[] {
  const code = readFileSync(join(ROOT, file), 'utf8');
  return [...code.matchAll(/\bit\(['`](.*?)['`],/g)].map(([, title = '']) => {
    const parts = title.split(/\$\{.*?\}/).map((part) => part.replace(/[^\w ]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`);
  });
}

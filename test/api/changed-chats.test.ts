import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ApiError } from '../../src/api/api-error';
import { readChangedChats, unixTimeOf, type ChangedChat } from '../../src/api/changed-chats';
import type { Ask } from '../../src/api/paging';
import { silentLog } from '../../src/log';
import { ChatList, type ListStyle } from '../support/chat-list';

const LINE = { licenseId: '50101', messengerType: 'telegram' };
const START = 1_900_000_000;

async function chatsOf(ask: Ask, since: number): Promise<ChangedChat[]> {
  const chats: ChangedChat[] = [];
  for await (const page of readChangedChats(ask, { line: LINE, since })) chats.push(...page);
  return chats;
}

const idsOf = async (ask: Ask, since: number): Promise<string[]> => (await chatsOf(ask, since)).map(({ id }) => id);

const STYLES: readonly ListStyle[] = [
  { cursor: 'position' },
  { cursor: 'offset' },
  { cursor: 'none', isInclusive: true },
  { cursor: 'none', isInclusive: false },
];
const NAMES = ['by position', 'by offset', 'by time, inclusive', 'by time, exclusive'];

/** A list of so many chats, each written to in a second of its own, `chat 0` last. */
function listOf(count: number, style?: ListStyle): ChatList {
  const list = new ChatList(START, style);
  for (let index = count - 1; index >= 0; index -= 1) list.touch(`chat ${index}`);
  return list;
}

const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `chat ${from + index}`);

describe('reading which chats have changed', () => {
  for (const [index, style] of STYLES.entries()) {
    it(`finds them over several pages, newest first, and reads no further (pages ${NAMES[index]})`, async () => {
      const list = listOf(1_000, style);
      assert.deepEqual(await idsOf(list.ask, list.now - 229), names(0, 230));
      assert.ok(list.queries.length <= 5, `${list.queries.length} requests`);
    });

    it(`ends at the end of the list (pages ${NAMES[index]})`, async () => {
      for (const count of [0, 1, 99, 100, 101, 200]) {
        const list = listOf(count, style);
        assert.deepEqual(await idsOf(list.ask, START), names(0, count));
      }
    });

    it(`finds every chat that had changed before, whatever moves or comes between the pages (${NAMES[index]})`, async () => {
      const moves = fc.array(fc.array(fc.nat(349), { maxLength: 130 }), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 350 }), moves, fc.boolean(), async (changed, moved, isPinned) => {
          const list = listOf(300, style);
          if (isPinned) list.chats.push({ id: 'pinned', lastTime: START - 9_000, isPinned: true });
          const since = list.now - changed + 1;
          list.onRequest = (number) => {
            for (const chat of number === 1 ? [] : (moved[number - 2] ?? [])) list.touch(`chat ${chat}`);
          };
          const found = await idsOf(list.ask, since);
          assert.equal(new Set(found).size, found.length, 'each once');
          const missing = names(0, Math.min(changed, 300)).filter((id) => !found.includes(id));
          assert.deepEqual(missing, []);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('costs one request if nothing has changed, or nothing beyond the first page', async () => {
    const quiet = listOf(100);
    assert.deepEqual(await idsOf(quiet.ask, quiet.now + 1), []);
    assert.equal(quiet.queries.length, 1);
    const small = listOf(30);
    assert.equal((await idsOf(small.ask, START)).length, 30);
    assert.equal(small.queries.length, 1);
  });

  it('gives id, time and entry of a chat, with ids and times as numbers or texts', async () => {
    const items = [
      { id: 7, lastTime: '1900000009', name: 'Anna' },
      { id: '-8@g.us', lastTime: 1_900_000_008 },
    ];
    assert.deepEqual(await chatsOf(() => Promise.resolve({ data: { items } }), START), [
      { id: '7', lastTime: 1_900_000_009, entry: items[0] },
      { id: '-8@g.us', lastTime: 1_900_000_008, entry: items[1] },
    ]);
  });

  it('is not ended by an old chat that is pinned on top, whichever way the list is paged', async () => {
    for (const style of STYLES) {
      const list = listOf(150, style);
      list.chats.push({ id: 'pinned', lastTime: START - 9_000, isPinned: true });
      list.chats.push({ id: 'pinned too', lastTime: START + 10, isPinned: true });
      const found = await idsOf(list.ask, START);
      assert.deepEqual(found.toSorted(), ['pinned too', ...names(0, 150)].toSorted());
    }
  });

  it('is ended only by a page on which all that is new to it is older, wherever old chats are', async () => {
    const changed = (from: number): object[] =>
      Array.from({ length: 99 }, (_, index) => ({ id: from + index, lastTime: START + 900 - from - index }));
    const answers = [
      { items: [...changed(0), { id: 'old', lastTime: START - 1 }], nextPage: '2' },
      { items: changed(100), nextPage: '3' },
      { items: [{ id: 'older', lastTime: START - 2 }], nextPage: '4' },
    ];
    const ask: Ask = (_path, { nextPage }) => Promise.resolve({ data: answers[Number(nextPage ?? 1) - 1] });
    assert.equal((await chatsOf(ask, START)).length, 198);
  });

  it('is not ended by chats without a time, and gives the first 1,000 of them', async () => {
    const times = [null, undefined, 0, '', 'yesterday', {}, -5, NaN];
    for (const style of STYLES) {
      const list = listOf(150, style);
      const untimed = Array.from({ length: 1_008 }, (_, index) => `untimed ${index}`);
      for (const [index, id] of untimed.entries()) list.chats.push({ id, lastTime: times[index % times.length] });
      const found = await chatsOf(list.ask, START);
      const withTime = found.filter(({ lastTime }) => lastTime !== undefined);
      assert.deepEqual(withTime.map(({ id }) => id).toSorted(), names(0, 150).toSorted());
      assert.ok(found.length - withTime.length <= 1_000);
    }
    const items = Array.from({ length: 1_008 }, (_, index) => ({ id: `untimed ${index}`, lastTime: times[index % 8] }));
    const omitted: number[] = [];
    const found: ChangedChat[] = [];
    const ask: Ask = (_path, { nextPage = '0' }) => {
      const start = Number(nextPage);
      const page = items.slice(start, start + 100);
      return Promise.resolve({
        data: { items: page, nextPage: start + 100 < items.length ? String(start + 100) : null },
      });
    };
    const query = { line: LINE, since: START, onOmitted: (count: number) => void omitted.push(count) };
    for await (const page of readChangedChats(ask, query)) found.push(...page);
    assert.deepEqual([found.length, omitted], [1_000, [8]]);
  });

  for (const [name, cursor] of [
    ['the cursor repeats', () => 'again'],
    ['the cursor is neither a text nor a number', () => ({ page: 2 })],
    ['the cursor is new each time and brings the same page', (number: number) => `page ${number}`],
  ] as const) {
    it(`goes on by time if ${name}, and says so in the log`, async () => {
      const list = listOf(250, { cursor: 'none' });
      list.oddCursor = cursor;
      const lines: string[] = [];
      const log = { ...silentLog, warn: (text: string) => void lines.push(text) };
      const found: string[] = [];
      for await (const page of readChangedChats(list.ask, { line: LINE, since: START, log })) {
        found.push(...page.map(({ id }) => id));
      }
      assert.deepEqual(found, names(0, 250));
      assert.ok(list.queries.length < 20, `${list.queries.length} requests`);
      assert.match(lines.join('\n'), /cursor of \/v1\/licenses\/50101\/messengers\/telegram\/chats leads nowhere/);
    });

    it(`fails soon if ${name} and the server does not page by time either`, async () => {
      for (const size of [1, 30, 100]) {
        const items = Array.from({ length: size + 1 }, (_, index) => ({
          id: index,
          lastTime: START + 10 * (size - index),
        }));
        let asked = 0;
        const found: ChangedChat[] = [];
        const ask: Ask = () => Promise.resolve({ data: { items, nextPage: cursor((asked += 1)) } });
        await assert.rejects(async () => {
          for await (const page of readChangedChats(ask, { line: LINE, since: START })) found.push(...page);
        }, isNoProgress);
        assert.equal(found.length, size + 1, 'what came before was given');
        assert.ok(asked <= 10, `${asked} requests`);
      }
    });
  }

  it('fails if more chats than a page holds changed in one second and there is no cursor', async () => {
    const items = Array.from({ length: 100 }, (_, id) => ({ id, lastTime: START + 5 }));
    await assert.rejects(
      chatsOf(() => Promise.resolve({ data: { items } }), START),
      isNoProgress,
    );
  });

  it('ends if more chats than a page holds changed in one second and there is a cursor', async () => {
    const list = new ChatList(START, { cursor: 'offset' });
    const ids = names(0, 250);
    list.chats.push(...ids.map((id) => ({ id, lastTime: START + 5 })));
    assert.deepEqual((await idsOf(list.ask, START)).sort(), ids.sort());
    assert.ok(list.queries.length <= 4, `${list.queries.length} requests`);
  });

  it('fails after 1,000 pages if each brings new chats without end', async () => {
    let asked = 0;
    const ask: Ask = () => {
      asked += 1;
      const items = Array.from({ length: 100 }, (_, id) => ({ id: `${asked}/${id}`, lastTime: START + 5 }));
      return Promise.resolve({ data: { items, nextPage: `page ${asked}` } });
    };
    await assert.rejects(chatsOf(ask, START), isNoProgress);
    assert.equal(asked, 1_000);
  });

  it('fails if the list never stands still', async () => {
    const list = listOf(300);
    list.onRequest = () => {
      for (let index = 0; index < 150; index += 1) list.touch(`chat ${index}`);
    };
    await assert.rejects(idsOf(list.ask, START), isNoProgress);
    assert.ok(list.queries.length < 100, `${list.queries.length} requests`);
  });

  it('passes its signal on, and asks no more once it is aborted', async () => {
    const list = listOf(1_000);
    const end = new AbortController();
    const signals = new Set<AbortSignal | undefined>();
    const ask: Ask = (path, query, signal) => {
      signals.add(signal);
      if (list.queries.length === 2) end.abort(new Error('given up'));
      return list.ask(path, query);
    };
    const read = async (): Promise<void> => {
      for await (const page of readChangedChats(ask, { line: LINE, since: START, signal: end.signal })) assert.ok(page);
    };
    await assert.rejects(read, /given up/);
    assert.equal(list.queries.length, 3);
    assert.deepEqual([...signals], [end.signal]);
  });
});

function isNoProgress(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'noProgress' && error.message.includes('/telegram/chats');
}

describe('unixTimeOf', () => {
  it('reads seconds, milliseconds and ISO 8601, as numbers and texts', () => {
    const forms = [START, String(START), START + 0.9, START * 1_000, `${START}000`, '2030-03-17T17:46:40Z'];
    for (const form of [...forms, '2030-03-17T20:46:40.000+03:00']) assert.equal(unixTimeOf(form), START, String(form));
  });

  it('finds no time in anything else', () => {
    const forms = [
      null,
      undefined,
      0,
      -5,
      '',
      'soon',
      '2030-03-17 17:46:40',
      '2030-13-99T00:00:00Z',
      NaN,
      Infinity,
      {},
    ];
    assert.deepEqual(
      forms.filter((form) => unixTimeOf(form) !== undefined),
      [],
    );
  });
});

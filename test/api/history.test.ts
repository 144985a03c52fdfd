import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ApiClient } from '../../src/api/client';
import { MessageLimit, readHistory, type History, type HistoryQuery } from '../../src/api/history';
import type { Ask } from '../../src/api/paging';
import { createNetwork, type Network } from '../../src/api/network';
import { silentLog } from '../../src/log';
import { HurriedClock } from '../support/hurried-clock';
import { startSimulator, type Simulator } from '../../simulator';

const LINE = { licenseId: '50101', messengerType: 'telegram' };

/** Reads the line with the same `ask` for both kinds of lists; no wait takes any time. */
function read(ask: Ask, query: Omit<HistoryQuery, 'line' | 'limit'> & { readonly limit: number }): Promise<History> {
  const options = { ask: () => ask, clock: new HurriedClock(), log: silentLog };
  return readHistory(options, { line: LINE, ...query, limit: new MessageLimit(query.limit) });
}

describe('the history of a line', () => {
  let simulator: Simulator;
  let network: Network;
  let now = 1_900_000_000;
  before(async () => {
    simulator = await startSimulator({ now: () => now * 1_000, requestsPerSecond: 10_000 });
    network = createNetwork();
  });
  after(async () => {
    await network.close();
    await simulator.close();
  });

  const ask: Ask = (path, query) => {
    const api = new ApiClient({ apiUrl: simulator.url, network });
    return api.read({ path, query, token: simulator.account.accessToken });
  };
  const write = (text: string, chat: string, more: object = {}): void => {
    simulator.message({ licenseId: 50101, messengerType: 'telegram', chat, text, ...more });
  };
  const texts = async (since: number, limit = 10_000): Promise<string[]> => {
    const { items } = await read(ask, { since, limit });
    return items.map(({ message }) => String(Object.entries(message ?? {}).find(([name]) => name === 'text')?.[1]));
  };

  it('is every message since a time, of every chat, over any number of pages', async () => {
    write('before', 'early');
    now += 100;
    const since = now - 1;
    const wanted: string[] = [];
    for (let chat = 0; chat < 130; chat += 1) {
      for (let count = 0; count < (chat === 7 ? 230 : 1); count += 1) {
        write(`${chat}/${count}`, `chat+${chat}@c.us/x`);
        wanted.push(`${chat}/${count}`);
      }
    }
    assert.deepEqual((await texts(since)).sort(), wanted.sort());
  });

  it('has items as events have them, with their chat', async () => {
    now += 100;
    write('hello', 'with-chat');
    const { items } = await read(ask, { since: now - 1, limit: 10 });
    assert.equal(items.length, 1);
    assert.deepEqual(
      Object.entries(items[0]?.chat ?? {}).find(([name]) => name === 'id'),
      ['id', 'with-chat'],
    );
  });

  it('leaves deleted messages out, and has system messages', async () => {
    now += 100;
    write('deleted', 'a', { destroyed: true });
    write('note', 'a', { type: 'system' });
    assert.deepEqual(await texts(now - 1), ['note']);
  });

  it('ends at its limit and says in how many chats', async () => {
    now += 100;
    for (let count = 0; count < 30; count += 1) write(`m${count}`, `chat-${count % 3}`);
    const { items, cutChats } = await read(ask, { since: now - 1, limit: 12 });
    assert.equal(items.length, 12);
    assert.equal(cutChats, 2);
  });

  it('is refused for a line that is not ours', async () => {
    const line = { ...LINE, licenseId: '99999' };
    const options = { ask: () => ask, clock: new HurriedClock(), log: silentLog };
    const refusal = readHistory(options, { line, since: 0, limit: new MessageLimit(10) });
    await assert.rejects(refusal, (error) => error instanceof ApiError && error.status === 404);
  });
});

describe('the history of a line that is not read as it should be', () => {
  const chats = (path: string): boolean => path.endsWith('/chats');
  const list = (items: readonly unknown[], nextPage: unknown = null): object => ({ data: { items, nextPage } });
  const refusal = ApiError.refused('/v1/licenses/1/messengers/x/chats/7/messages', 404, {}, null);

  it('asks also for chats that it is told of', async () => {
    const quiet: Ask = (path) => Promise.resolve(list(chats(path) ? [] : [{ id: '1', time: 5 }]));
    const { items } = await read(quiet, { since: 1, limit: 10, alsoChats: () => new Set(['told']) });
    assert.deepEqual(items, [{ id: '1', time: 5, chat: { id: 'told' } }]);
  });

  it('has the messages of a chat that is refused only once', async () => {
    let refusals = 0;
    const flaky: Ask = (path) => {
      if (chats(path)) return Promise.resolve(list([{ id: 'a', lastTime: 5 }]));
      refusals += 1;
      return refusals === 1 ? Promise.reject(refusal) : Promise.resolve(list([{ id: '1', time: 5 }]));
    };
    const { items, refused } = await read(flaky, { since: 1, limit: 10 });
    assert.equal(items.length, 1);
    assert.deepEqual(refused, []);
  });

  it('leaves out a chat that is refused twice, a minute apart, says so, and has the other chats', async () => {
    const ask: Ask = (path) => {
      if (chats(path)) return Promise.resolve(list(['a', 'b', 'c'].map((id) => ({ id, lastTime: 5 }))));
      return path.includes('/b/') ? Promise.reject(refusal) : Promise.resolve(list([{ id: '1', time: 5 }]));
    };
    const { items, refused } = await read(ask, { since: 1, limit: 10 });
    assert.equal(items.length, 2);
    assert.deepEqual(refused, [refusal]);
  });

  it('has what the pages brought until they stopped leading on, and says that it is incomplete', async () => {
    const endless = Array.from({ length: 100 }, (_, index) => ({ id: `chat ${index}`, lastTime: 5 }));
    const ask: Ask = (path) => {
      return Promise.resolve(chats(path) ? list(endless, 'again') : list([{ id: '1', time: 5 }]));
    };
    const { items, isIncomplete } = await read(ask, { since: 1, limit: 1_000 });
    assert.equal(items.length, 100);
    assert.equal(isIncomplete, true);
  });

  it('of another form is an error, never a crash', async () => {
    for (const body of [null, {}, [], 'x', { data: null }, { data: { items: 'x' } }, { data: { items: {} } }]) {
      await assert.rejects(
        read(() => Promise.resolve(body), { since: 1, limit: 10 }),
        ApiError,
      );
    }
    const odd: Ask = (path) => {
      const items = chats(path)
        ? [null, 1, { id: {} }, { lastTime: 'x' }, { id: 'a', lastTime: '5' }]
        : [null, 'x', {}];
      return Promise.resolve(list(items));
    };
    assert.equal((await read(odd, { since: 1, limit: 10 })).items.length, 1);
  });
});

import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ApiClient } from '../../src/api/client';
import { readHistory } from '../../src/api/history';
import type { Ask } from '../../src/api/paging';
import { createNetwork, type Network } from '../../src/api/network';
import { startSimulator, type Simulator } from '../../simulator';

const LINE = { licenseId: '50101', messengerType: 'telegram' };

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
    const { items } = await readHistory(ask, { line: LINE, since, limit });
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

  it('is urgent only until it is known whether there is anything: the first page of chats', async () => {
    now += 100;
    for (let chat = 0; chat < 110; chat += 1) write('hello', `urgent-${chat}`);
    const urgent: string[] = [];
    const notUrgent: string[] = [];
    const noting = (path: string, query: Record<string, string>, isUrgent: boolean): Promise<unknown> => {
      (isUrgent ? urgent : notUrgent).push(path);
      return ask(path, query);
    };
    const { items } = await readHistory(noting, { line: LINE, since: now - 1, limit: 1_000 });
    assert.equal(items.length, 110);
    assert.equal(urgent.length, 1);
    assert.match(urgent[0] ?? '', /\/chats$/);
    assert.ok(notUrgent.length >= 111, 'the second page of chats, and each chat');
  });

  it('has items as events have them, with their chat', async () => {
    now += 100;
    write('hello', 'with-chat');
    const { items } = await readHistory(ask, { line: LINE, since: now - 1, limit: 10 });
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
    const { items, cutChats } = await readHistory(ask, { line: LINE, since: now - 1, limit: 12 });
    assert.equal(items.length, 12);
    assert.equal(cutChats, 2);
  });

  it('asks also for chats that it is told of, and does not mind one that is gone', async () => {
    const since = now;
    write('unlisted', 'early', { time: since + 1 });
    const alsoChats = (): Set<string> => new Set(['early', 'gone']);
    const { items } = await readHistory(ask, { line: LINE, since, limit: 10, alsoChats });
    assert.equal(items.length, 1);
  });

  it('is refused for a line that is not ours', async () => {
    const line = { ...LINE, licenseId: '99999' };
    await assert.rejects(readHistory(ask, { line, since: 0, limit: 10 }), (error) => {
      return error instanceof ApiError && error.status === 404 && !/99999.*token/.test(error.message);
    });
  });

  it('does not go round in circles where the cursor stays the same', async () => {
    let asked = 0;
    const circle: Ask = (path) => {
      asked += 1;
      const items = path.endsWith('/chats') ? [{ id: 'a', lastTime: 5 }] : [{ id: '1', time: 5 }];
      return Promise.resolve({ success: true, data: { items, nextPage: 'again' } });
    };
    const { items } = await readHistory(circle, { line: LINE, since: 1, limit: 10 });
    assert.equal(asked, 4);
    assert.equal(items.length, 2);
  });

  it('of another form is an error, never a crash', async () => {
    for (const body of [null, {}, [], 'x', { data: null }, { data: { items: 'x' } }, { data: { items: {} } }]) {
      await assert.rejects(
        readHistory(() => Promise.resolve(body), { line: LINE, since: 1, limit: 10 }),
        ApiError,
      );
    }
    const odd: Ask = (path) => {
      const items = path.endsWith('/chats')
        ? [null, 1, { id: {} }, { lastTime: 'x' }, { id: 'a', lastTime: '5' }]
        : [null, 'x', {}];
      return Promise.resolve({ data: { items, nextPage: {} } });
    };
    assert.equal((await readHistory(odd, { line: LINE, since: 1, limit: 10 })).items.length, 1);
  });
});

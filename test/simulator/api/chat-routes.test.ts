import assert from 'node:assert/strict';
import { type MessageItem, type Simulator, startSimulator } from '../../../simulator';
import { idText } from '../../../simulator/json';
import { ask, pageIn } from '../api-client';

const START = 1_790_000_000;
const MESSENGER = { licenseId: 50101, messengerType: 'telegram' } as const;
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const CHATS = '/v1/licenses/50101/messengers/telegram/chats';

describe('the history of the simulator', () => {
  let simulator: Simulator;
  let seconds: number;

  /** Writes one message in each of the following seconds. */
  const write = (chat: string, texts: readonly string[], fields: object = {}): MessageItem[] =>
    texts.map((text) => {
      seconds += 1;
      return simulator.message({ ...MESSENGER, chat, text, ...fields });
    });
  const messages = async (query: string, chat = 'a'): ReturnType<typeof pages> =>
    pages(`${CHATS}/${chat}/messages?${query}`);
  const pages = async (path: string): Promise<{ ids: string[]; nextPage: string | null }> => {
    const { items, nextPage } = pageIn(await ask(simulator, `GET ${path}`));
    return { ids: items.map(({ id }) => idText(id) ?? ''), nextPage };
  };

  beforeEach(async () => {
    seconds = START;
    simulator = await startSimulator({ now: () => seconds * 1000, requestsPerSecond: 1000 });
  });
  afterEach(() => simulator.close());

  it('holds what was written while nobody was connected', async () => {
    const [item] = write('a', ['hello']);
    assert.equal(simulator.connections, 0);
    const { items } = pageIn(await ask(simulator, `GET ${CHATS}/a/messages`));
    const { chat, ...rest } = item ?? { chat: undefined };
    assert.deepEqual(items, [rest]);
    assert.equal(chat?.id, 'a');
  });

  it('gives newest first by default, oldest first on next, 20 at a time', async () => {
    const ids = write(
      'a',
      Array.from({ length: 25 }, (_, at) => `text ${at}`),
    ).map(({ id }) => id);
    assert.deepEqual((await messages('')).ids, ids.slice(5).reverse());
    assert.deepEqual((await messages('direction=prev')).ids, ids.slice(5).reverse());
    assert.deepEqual((await messages('direction=next')).ids, ids.slice(0, 20));
  });

  it('goes on from a cursor to the end, in both directions, also within one second', async () => {
    const ids = ['1', '2', '3', '4', '5'].map((text) => simulator.message({ ...MESSENGER, chat: 'a', text }).id);
    for (const direction of ['next', 'prev']) {
      const seen: string[] = [];
      let cursor: string | null = '';
      for (let count = 0; cursor !== null && count < 9; count += 1) {
        const from = cursor === '' ? '' : `&nextPage=${cursor}`;
        const { ids: some, nextPage } = await messages(`direction=${direction}&limit=2${from}`);
        seen.push(...some);
        cursor = nextPage;
      }
      assert.deepEqual(seen, direction === 'next' ? ids : ids.toReversed());
      assert.equal(cursor, null);
    }
  });

  it('leaves lastTime itself out, so that a reader has to overlap', async () => {
    const [, second, third] = write('a', ['1', '2', '3']);
    assert.deepEqual((await messages(`direction=next&lastTime=${START + 2}`)).ids, [third?.id]);
    assert.deepEqual((await messages(`direction=next&lastTime=${START + 1}`)).ids, [second?.id, third?.id]);
    assert.equal((await messages(`direction=prev&lastTime=${START + 2}`)).ids.length, 1);
  });

  it('gives what was missed to a reader who follows the recipe', async () => {
    write('old', ['long ago']);
    write('a', ['before']);
    const cutoff = seconds;
    const missed = [
      ...write(
        'a',
        Array.from({ length: 120 }, (_, at) => `missed ${at}`),
      ),
      ...write('b', ['missed in a new chat']),
      ...write('a', ['Note'], { type: 'system' }),
    ];
    const found: string[] = [];
    const { items: chats } = pageIn(await ask(simulator, `GET ${CHATS}?limit=100`));
    for (const chat of chats.filter(({ lastTime }) => Number(lastTime) >= cutoff)) {
      let query = `limit=100&direction=next&includeSystemMessages=1&lastTime=${cutoff}`;
      for (let count = 0; query !== '' && count < 9; count += 1) {
        const { ids, nextPage } = await messages(query, String(chat.id));
        found.push(...ids.map((id) => `${String(chat.id)} ${id}`));
        query = nextPage === null ? '' : `limit=100&direction=next&includeSystemMessages=1&nextPage=${nextPage}`;
      }
    }
    assert.deepEqual(found.sort(), missed.map(({ id, chat }) => `${chat.id} ${id}`).sort());
  });

  it('shows system messages only where they are asked for', async () => {
    write('a', ['text']);
    const [note] = write('a', ['Note'], { type: 'system' });
    assert.equal((await messages('')).ids.length, 1);
    assert.deepEqual((await messages('includeSystemMessages=1')).ids[0], note?.id);
  });

  it('lists chats by their newest activity, page by page', async () => {
    for (const chat of ['a', 'b', 'c']) write(chat, ['hello']);
    write('a', ['again']);
    const first = await pages(`${CHATS}?limit=2`);
    assert.deepEqual(first.ids, ['a', 'c']);
    assert.deepEqual(await pages(`${CHATS}?limit=2&nextPage=${first.nextPage ?? ''}`), {
      ids: ['b'],
      nextPage: null,
    });
    assert.deepEqual((await pages(`${CHATS}?lastTime=${START + 2}`)).ids, ['b']);
    const [newest] = pageIn(await ask(simulator, `GET ${CHATS}`)).items;
    assert.deepEqual([newest?.lastTime, newest?.unreadMessages], [START + 4, 2]);
  });

  it('keeps an edited message once, and marks a deleted one', async () => {
    const [item] = write('a', ['helo']);
    assert.ok(item);
    const meta = { type: 'message', ...MESSENGER };
    simulator.announce(CHANNEL, 'message', { data: [{ ...item, edited: true }], meta });
    const gone = { id: item.id, time: seconds + 5, chat: { id: 'a' } };
    simulator.announce(CHANNEL, 'messageDestroy', { data: [gone], meta: { ...meta, type: 'messageDestroy' } });
    const { items } = pageIn(await ask(simulator, `GET ${CHATS}/a/messages`));
    assert.deepEqual(
      items.map(({ edited, destroyed }) => [edited, destroyed]),
      [[true, seconds + 5]],
    );
  });

  it('takes announced messages whose ids and times are numbers or strings, and nothing that is no message', async () => {
    const meta = { type: 'message', ...MESSENGER };
    const data = [{ id: 7, time: String(START), type: 'text', chat: { id: -100 } }, { id: 8 }, null, 'x'];
    simulator.announce(CHANNEL, 'message', { data, meta });
    simulator.announce(CHANNEL, 'chatTag', { data: [{ id: 9, time: START, chat: { id: -100 } }], meta });
    assert.deepEqual((await messages('', '-100')).ids, ['7']);
  });

  it('refuses what ChatApp refuses with 422, and what is not there with 404', async () => {
    write('a', ['hello']);
    for (const query of ['limit=200', 'limit=0', 'limit=x', 'direction=up', 'lastTime=x', 'nextPage=x']) {
      assert.equal((await ask(simulator, `GET ${CHATS}/a/messages?${query}`)).status, 422, query);
    }
    assert.equal((await ask(simulator, `GET ${CHATS}?limit=101`)).status, 422);
    assert.equal((await ask(simulator, `GET ${CHATS}/nobody/messages`)).status, 404);
    assert.equal((await ask(simulator, 'GET /v1/licenses/1/messengers/telegram/chats')).status, 404);
  });

  it('finds a chat by its encoded id or its phone, and marks it as read', async () => {
    const chat = '77000000001@c.us';
    simulator.message({ licenseId: 50101, messengerType: 'grWhatsApp', chat, text: 'hello' });
    const base = '/v1/licenses/50101/messengers/grWhatsApp/chats';
    assert.equal((await ask(simulator, `GET ${base}/${encodeURIComponent(chat)}/messages`)).status, 200);
    assert.equal((await ask(simulator, `PATCH ${base}/77000000001/read`)).status, 200);
    const { items } = pageIn(await ask(simulator, `GET ${base}`));
    assert.equal(items[0]?.unreadMessages, 0);
  });
});

import assert from 'node:assert/strict';
import { isRecord, type JsonRecord } from '../src/events/json';
import type { ChangeBody } from '../simulator';
import { ConnectionHarness } from './support/connection-harness';
import { ListenerSpy } from './support/listener-spy';

const CHATS = '/v1/licenses/50718/messengers/telegram/chats';
const LINE = { licenseId: 50718, messengerType: 'telegram' };
const DAY = 86_400;
/** Each message in a second of its own, later than that in which the listening began: its times are whole seconds. */
let time = 0;
const later = (): number => (time += 1);

/** Changes the page of a list. */
const changedPage =
  (change: (page: JsonRecord, items: readonly unknown[], query: URLSearchParams) => object): ChangeBody =>
  (body, query) => {
    if (!isRecord(body) || !isRecord(body.data) || !Array.isArray(body.data.items)) return body;
    return { ...body, data: { ...body.data, ...change(body.data, body.data.items, query) } };
  };

describe('messages that were missed on a real connection', function () {
  this.timeout(30_000);
  let harness: ConnectionHarness;
  let spy: ListenerSpy;
  beforeEach(async () => {
    harness = await ConnectionHarness.start({ requestsPerSecond: 1_000 }, () => ({ recoverHours: 24 }));
    time = Math.max(time, Math.floor(Date.now() / 1_000) + 5);
    spy = new ListenerSpy(
      { type: 'messenger', licenseId: '50718', messengerType: 'telegram' },
      { events: ['message'] },
    );
    await harness.listen(spy);
  });
  afterEach(() => harness.close());

  const write = (chat: string, more: object = {}): void =>
    void harness.simulator.message({ ...LINE, chat, text: chat, time: later(), ...more });
  /** Runs `write` while there is no socket, and waits until `count` messages have been recovered. */
  const missed = async (writing: () => void, count: number): Promise<string[]> => {
    const { simulator } = harness;
    const before = spy.deliveries.length;
    const received = simulator.faults.received;
    simulator.faults.receiveWith({ status: 503 });
    simulator.dropAll();
    await simulator.until((it) => it.faults.received > received);
    writing();
    simulator.faults.receiveWith(undefined);
    await spy.until(({ deliveries, status }) => deliveries.length >= before + count && status?.kind === 'listening');
    const recovered = spy.deliveries.slice(before).filter((one) => one.recovered);
    assert.equal(recovered.length, count);
    return recovered.map(({ chatId }) => String(chatId));
  };
  const chatRequests = (): number => harness.simulator.requestsTo(CHATS).length;
  const write105 = (name: string) => (): void => {
    for (let chat = 0; chat < 105; chat += 1) write(`${name} ${chat}`);
  };

  it('come though the list of chats is answered with 404 once, and nothing is reported', async () => {
    harness.simulator.faults.answerWith('chats', { status: 404, body: { success: false } }, 1);
    const chats = await missed(() => {
      for (let count = 0; count < 20; count += 1) write('refused once');
    }, 20);
    assert.deepEqual(new Set(chats), new Set(['refused once']));
    assert.deepEqual([...harness.codes, ...spy.codes], []);
  });

  it('come though an old chat is pinned on top of the list', async () => {
    write('pinned', { time: later() - 40 * DAY });
    const pinned = { id: 'pinned', lastTime: later() - 40 * DAY };
    harness.simulator.faults.changeAnswers(
      'chats',
      changedPage((_page, items, query) => ({ items: query.has('nextPage') ? items : [pinned, ...items] })),
    );
    assert.equal(new Set(await missed(write105('below'), 105)).size, 105);
    assert.deepEqual([...harness.codes, ...spy.codes], []);
  });

  it('come from chats without a time, and from those below them', async () => {
    harness.simulator.faults.changeAnswers(
      'chats',
      changedPage((_page, items) => ({
        items: items.map((chat) =>
          isRecord(chat) && /^untimed [13]/.test(String(chat.id)) ? { ...chat, lastTime: null } : chat,
        ),
      })),
    );
    assert.equal(new Set(await missed(write105('untimed'), 105)).size, 105);
    assert.deepEqual([...harness.codes, ...spy.codes], []);
  });

  for (const [name, nextPage] of [
    ['repeats', (page: JsonRecord, query: URLSearchParams) => query.get('nextPage') ?? page.nextPage],
    ['is neither a text nor a number', () => ({ page: 2 })],
    ['leads to the first page again and again', () => `${later() + 1_000},${harness.simulator.requests.length}`],
  ] as const) {
    it(`come though the cursor of the list ${name}`, async () => {
      const change = changedPage((page, _items, query) => ({ nextPage: nextPage(page, query) }));
      harness.simulator.faults.changeAnswers('chats', change);
      const asked = chatRequests();
      assert.equal(new Set(await missed(write105(name), 105)).size, 105);
      assert.ok(chatRequests() - asked <= 25, `${chatRequests() - asked} requests`);
      assert.ok(harness.log.some((line) => line.includes('leads nowhere')));
      assert.deepEqual([...harness.codes, ...spy.codes], ['RECOVERY_FAILED.noProgress']);
    });
  }

  it('are reported if the list gives the same page for ever; those that were found come', async () => {
    const items = ['a', 'b', 'c'].map((id, index) => ({ id, lastTime: later() - index * 10 }));
    harness.simulator.faults.answerWith('chats', {
      status: 200,
      body: { success: true, data: { items, nextPage: 'x' } },
    });
    const asked = chatRequests();
    const chats = await missed(() => {
      for (const { id } of items) write(id);
    }, 3);
    assert.deepEqual(chats.toSorted(), ['a', 'b', 'c']);
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.noProgress']);
    assert.ok(chatRequests() - asked <= 10, `${chatRequests() - asked} requests`);
  });

  it('are reported if the messages of a chat come again for ever; those of other chats come', async () => {
    let all: readonly unknown[] = [];
    let asked = 0;
    harness.simulator.faults.changeAnswers(
      'messages',
      changedPage((page, items) => {
        const isStuck = items.some((item) => isRecord(item) && isRecord(item.message) && item.message.text === 'stuck');
        if (!isStuck) return page;
        if (asked === 0) all = items;
        asked += 1;
        return { items: all, nextPage: `0,${asked}` };
      }),
    );
    const chats = await missed(() => {
      write('stuck');
      write('free');
      write('stuck');
    }, 3);
    assert.deepEqual(chats.toSorted(), ['free', 'stuck', 'stuck']);
    assert.deepEqual(spy.codes, ['RECOVERY_FAILED.noProgress']);
    assert.ok(asked <= 10, `${asked} requests`);
  });
});

describe('the missed messages of an employee with 50 lines', function () {
  this.timeout(30_000);

  it('all come, though 300 are in one line', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => ({ licenseId: 60_001 + index, messengers: ['telegram'] }));
    const account = {
      cabinetUserId: 9041,
      licenses: lines,
      companies: [
        {
          companyId: 3306,
          name: 'Pottery',
          employees: [{ id: 9041, email: 'olga@example.com', fullName: 'Olga Petrova', role: { name: 'Owner' } }],
        },
      ],
    };
    const harness = await ConnectionHarness.start({ account, requestsPerSecond: 1_000 }, () => ({ recoverHours: 24 }));
    const { simulator } = harness;
    const spy = new ListenerSpy({ type: 'employee', companyId: '3306', userId: '9041' }, { events: ['message'] });
    try {
      await harness.listen(spy);
      // Only what the channel has shown before is fetched later.
      const shown = lines.map(({ licenseId }, index) => ({ licenseId, chat: `chat ${index % 3}` }));
      shown.push(...[0, 1, 2].map((chat) => ({ licenseId: 60_007, chat: `chat ${chat}` })));
      for (const { licenseId, chat } of shown) {
        const item = simulator.message({ licenseId, messengerType: 'telegram', chat, time: later() });
        const meta = { type: 'message', licenseId, messengerType: 'telegram' };
        simulator.announce('private-v1.companies.3306.users.9041', 'message', { data: [item], meta });
      }
      await spy.until(({ deliveries }) => deliveries.length === 53);
      simulator.faults.receiveWith({ status: 503 });
      simulator.dropAll();
      await simulator.until((it) => it.faults.received > 0);
      for (let index = 0; index < 300; index += 1) {
        simulator.message({ licenseId: 60_007, messengerType: 'telegram', chat: `chat ${index % 3}`, time: later() });
      }
      simulator.faults.receiveWith(undefined);
      await spy.until(({ deliveries, status }) => deliveries.length >= 353 && status?.kind === 'listening');
      assert.equal(spy.deliveries.filter(({ recovered }) => recovered).length, 300);
      assert.deepEqual([...harness.codes, ...spy.codes], []);
    } finally {
      await harness.close();
    }
  });
});

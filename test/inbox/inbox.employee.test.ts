import assert from 'node:assert/strict';
import { InboxHarness } from '../support/inbox-harness';
import { ListenerSpy } from '../support/listener-spy';

const CHANNEL = 'private-v1.companies.3001.users.7001';
const FIRST = { licenseId: 50101, messengerType: 'telegram' };
const SECOND = { licenseId: 50102, messengerType: 'grWhatsApp' };

/** The time in unix seconds. */
const now = ({ clock }: InboxHarness): number => Math.floor(clock.now() / 1_000);

describe("an employee's channel", () => {
  it('gets missed messages of the lines that it has brought messages of before, and of no other', async () => {
    const lists: string[] = [];
    const harness: InboxHarness = new InboxHarness({
      hours: 24,
      async *readChats({ line }) {
        lists.push(`${line.licenseId}/${line.messengerType}`);
        yield await Promise.resolve([{ id: '1', lastTime: now(harness), entry: {} }]);
      },
      async *readMessages({ line, chatId }) {
        yield await Promise.resolve([{ id: `missed on ${line.licenseId}`, time: now(harness), chat: { id: chatId } }]);
      },
    });
    const spy = new ListenerSpy({ type: 'employee', companyId: '3001', userId: '7001' }, { id: 'node' });
    harness.inbox.add(spy);
    await harness.open();
    assert.equal(lists.length, 0);
    for (const line of [FIRST, SECOND]) {
      const data = [{ id: `live on ${line.licenseId}`, time: now(harness), chat: { id: 1 } }];
      harness.inbox.onEvent(CHANNEL, 'message', { data, meta: { type: 'message', ...line } });
    }
    harness.drop();
    await harness.clock.pass(5_000);
    await harness.open();
    await spy.until(({ status }) => status?.kind === 'listening');
    assert.deepEqual(lists, ['50101/telegram', '50102/grWhatsApp']);
    const delivered = spy.deliveries.map(({ item, licenseId, recovered }) => [item.id, licenseId, recovered]);
    assert.deepEqual(delivered, [
      ['live on 50101', '50101', false],
      ['live on 50102', '50102', false],
      ['missed on 50101', '50101', true],
      ['missed on 50102', '50102', true],
    ]);
  });

  it('of a company, or of a user, has no history to ask for', async () => {
    const readChats = (): never => assert.fail('asked for a history');
    const harness = new InboxHarness({ hours: 24, readChats });
    const all = [
      new ListenerSpy({ type: 'company', companyId: '3001' }),
      new ListenerSpy({ type: 'user', userId: '7001' }),
    ];
    for (const spy of all) harness.inbox.add(spy);
    await harness.open();
    harness.drop();
    await harness.open();
    assert.deepEqual(
      all.map(({ status, codes }) => [status?.kind, codes]),
      [
        ['listening', []],
        ['listening', []],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import type { HistoryQuery } from '../../src/api/history';
import { FeedStage } from '../support/feed-stage';
import { Heard } from '../support/heard';

const CHANNEL = 'private-v1.companies.3001.users.7001';
const FIRST = { licenseId: 50101, messengerType: 'telegram' };
const SECOND = { licenseId: 50102, messengerType: 'grWhatsApp' };

describe("an employee's channel", () => {
  it('gets missed messages of the lines that it has brought messages of before, and of no other', async () => {
    const queries: HistoryQuery[] = [];
    const stage: FeedStage = new FeedStage({
      hours: 24,
      readHistory: (query) => {
        queries.push(query);
        const time = Math.floor(stage.clock.now() / 1_000);
        const items = [{ id: `missed on ${query.line.licenseId}`, time, chat: { id: 1 } }];
        return Promise.resolve({ items, cutChats: 0 });
      },
    });
    const heard = new Heard({ type: 'employee', companyId: '3001', userId: '7001' }, { id: 'node' });
    stage.feed.add(heard);
    await stage.open();
    assert.equal(queries.length, 0);
    for (const line of [FIRST, SECOND]) {
      const time = Math.floor(stage.clock.now() / 1_000);
      const data = [{ id: `live on ${line.licenseId}`, time, chat: { id: 1 } }];
      stage.feed.onEvent(CHANNEL, 'message', { data, meta: { type: 'message', ...line } });
    }
    stage.drop();
    await stage.clock.pass(5_000);
    await stage.open();
    assert.deepEqual(
      queries.map(({ line }) => `${line.licenseId}/${line.messengerType}`),
      ['50101/telegram', '50102/grWhatsApp'],
    );
    const told = heard.deliveries.map(({ item, licenseId, recovered }) => [item.id, licenseId, recovered]);
    assert.deepEqual(told, [
      ['live on 50101', '50101', false],
      ['live on 50102', '50102', false],
      ['missed on 50101', '50101', true],
      ['missed on 50102', '50102', true],
    ]);
  });

  it('of a company, or of a user, has no history to ask for', async () => {
    const stage: FeedStage = new FeedStage({ hours: 24, readHistory: () => assert.fail('asked for a history') });
    const all = [new Heard({ type: 'company', companyId: '3001' }), new Heard({ type: 'user', userId: '7001' })];
    for (const heard of all) stage.feed.add(heard);
    await stage.open();
    stage.drop();
    await stage.open();
    assert.deepEqual(
      all.map(({ status, codes }) => [status?.kind, codes]),
      [
        ['listening', []],
        ['listening', []],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { isRecord, type JsonRecord } from '../../src/events/json';
import type { Expected } from './harness/delivered';
import type { ScenarioRun } from './harness/scenario';
import { chats, miss, useScenario } from './harness/use-scenario';
import type { ChatAppServer } from './server/chatapp';
import { success, type Answer, type Spoil, LIST_OF_CHATS, MESSAGES } from './server/faults';
import type { Line } from './server/history';

/** The items and the next page of an answer, changed. */
function changed(change: (items: readonly unknown[], nextPage: unknown) => JsonRecord): Spoil {
  return (right: Answer): Answer => {
    const data = isRecord(right.body) && isRecord(right.body.data) ? right.body.data : {};
    const items: unknown[] = Array.isArray(data.items) ? data.items : [];
    return right.status === 200 ? success({ ...data, ...change(items, data.nextPage) }) : right;
  };
}

describe('a listener that fetches what it missed by pages, in a real Node-RED,', function () {
  this.timeout(60_000);
  let run: ScenarioRun;
  let chatapp: ChatAppServer;
  let line: Line;

  useScenario((started, server) => {
    run = started;
    chatapp = server;
    line = chatapp.addLine(50001);
  });

  const one = { id: 'one', licenseId: '50001', messengerType: 'grWhatsApp' };
  const missed = (count: number, inChats?: readonly string[]): Promise<[Expected[], () => void]> =>
    miss(run, one, line, count, inChats);

  it('gets all of it if an old chat is pinned first in a list of 150', async () => {
    await run.listen([one]);
    chatapp.write({ line, chat: 'pinned', text: 'old', time: chatapp.seconds - 9_000_000, to: 'nowhere' });
    chatapp.history.chat(line, 'pinned').isPinned = true;
    const end = await run.outage();
    await run.pass(10);
    const sent = run.say(line, 150, chats(150));
    await run.pass(40);
    end();
    await run.expect('one', sent, { within: 300 });
  });

  it('gets all of it if a chat of a list of 150 has no time', async () => {
    const [sent, end] = await missed(150, chats(150));
    chatapp.faults.add(
      LIST_OF_CHATS,
      changed((items) => ({
        items: items.map((item) => (isRecord(item) && item.id === 'chat-120' ? { ...item, lastTime: null } : item)),
      })),
    );
    end();
    await run.expect('one', sent, { within: 300 });
  });

  it('gets all of it if no chat of the first page has a time', async () => {
    const [sent, end] = await missed(120, chats(120));
    chatapp.faults.add(
      LIST_OF_CHATS,
      changed((items) => ({ items: items.map((item) => (isRecord(item) ? { ...item, lastTime: null } : item)) })),
      1,
    );
    end();
    await run.expect('one', sent, { within: 300 });
  });

  it('gets all of it if times are texts', async () => {
    const [sent, end] = await missed(20, chats(5));
    const asText = (item: unknown): unknown =>
      isRecord(item) ? { ...item, time: String(item.time), lastTime: String(item.lastTime) } : item;
    chatapp.faults.add(
      LIST_OF_CHATS,
      changed((items) => ({ items: items.map(asText) })),
    );
    end();
    await run.expect('one', sent);
  });

  for (const [what, timeOf] of [
    ['in milliseconds', (seconds: number): unknown => seconds * 1_000],
    ['in ISO 8601', (seconds: number): unknown => new Date(seconds * 1_000).toISOString()],
  ] as const) {
    it(`gets all of it if the times in a list of 150 chats are ${what}`, async () => {
      const [sent, end] = await missed(150, chats(150));
      const otherwise = (item: unknown): unknown =>
        isRecord(item) ? { ...item, lastTime: timeOf(Number(item.lastTime)) } : item;
      chatapp.faults.add(
        LIST_OF_CHATS,
        changed((items) => ({ items: items.map(otherwise) })),
      );
      end();
      await run.expect('one', sent, { within: 300 });
    });
  }

  for (const [what, time] of [
    ['no time', null],
    ['a time that is no number', '2031-05-06T09:00:00Z'],
  ] as const) {
    it(`gets all of it if every second message has ${what}`, async () => {
      const [sent, end] = await missed(20, chats(2));
      const timeless = (item: unknown, index: number): unknown =>
        isRecord(item) && index % 2 === 1 ? { ...item, time } : item;
      chatapp.faults.add(
        MESSAGES,
        changed((items) => ({ items: items.map(timeless) })),
      );
      end();
      await run.expect('one', sent);
    });
  }

  for (const bound of ['inclusive', 'exclusive'] as const) {
    it(`gets all of it if lastTime is ${bound}, and many chats and messages are of one second`, async () => {
      chatapp = await run.begin(bound);
      line = chatapp.addLine(50001);
      await run.listen([one]);
      const sent = run.say(line, 1, ['first']);
      await run.pass(2);
      const end = await run.outage();
      await run.pass(5);
      const time = chatapp.seconds;
      sent.push(...run.say(line, 250, chats(120), { time }));
      sent.push(...run.say(line, 150, ['chat-0'], { time }));
      await run.pass(40);
      end();
      await run.expect('one', sent, { within: 300 });
    });
  }

  /** Every answer of this kind names a next page that leads nowhere. */
  const oddNextPage = async (requests: RegExp, nextPage: (count: number) => unknown): Promise<void> => {
    const [sent, end] = await missed(10, chats(3));
    let count = 0;
    chatapp.faults.add(
      requests,
      changed((items) => ({ items, nextPage: nextPage((count += 1)) })),
    );
    end();
    await run.pass(60);
    assert.ok(chatapp.asked(requests).length < 300, `${chatapp.asked(requests).length} requests`);
    assert.ok(run.errors.includes('RECOVERY_FAILED'), 'nothing is reported');
    await run.expect('one', sent);
  };

  const ODD: readonly (readonly [string, RegExp, (count: number) => unknown])[] = [
    ['chats is a number', LIST_OF_CHATS, () => 5],
    ['chats is an object', LIST_OF_CHATS, () => ({ page: 2 })],
    ['chats is the same each time', LIST_OF_CHATS, () => '1,1'],
    ['messages is the same each time', MESSAGES, () => '1,1'],
    ['chats never ends', LIST_OF_CHATS, (count) => `${9_999_999_999 - count},1`],
    ['messages never ends', MESSAGES, (count) => `${9_999_999_999 - count},1`],
  ];
  for (const [what, requests, nextPage] of ODD) {
    it(`gets what there is, ends, and reports it if the next page of ${what}`, () => oddNextPage(requests, nextPage));
  }

  it('gets a message of a chat that moves to the front while the list is paged', async () => {
    const [sent, end] = await missed(150, chats(150));
    let pages = 0;
    chatapp.faults.add(LIST_OF_CHATS, (right) => {
      pages += 1;
      if (pages === 1) sent.push(...run.say(line, 1, ['chat-3']));
      return right;
    });
    end();
    await run.expect('one', sent, { within: 300 });
  });
});

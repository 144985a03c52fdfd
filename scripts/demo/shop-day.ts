import { setTimeout as pause } from 'node:timers/promises';
import { channelName, sampleEnvelope, type ChannelAddress, type EventName } from '../../src/events';
import type { Simulator } from '../../simulator';
import { chatIdOf, CUSTOMERS } from '../../simulator/history/customers';
import { CONVERSATIONS, type Conversation } from './conversations';

/** Lets the shop live its day: every `pauseMs` one thing happens, until `signal` ends it. */
export async function liveShopDay(simulator: Simulator, pauseMs: number, signal: AbortSignal): Promise<void> {
  for (let count = 0; ; count++) {
    for (const happen of happenings(
      simulator,
      CONVERSATIONS[count % CONVERSATIONS.length] ?? CONVERSATIONS[0],
      count,
    )) {
      if (signal.aborted) return;
      happen();
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What happens around one talk, in order. `count` talks came before it. */
function happenings(simulator: Simulator, talk: Conversation, count: number): (() => void)[] {
  const { licenseId, messengerType } = talk;
  const line = { type: 'messenger', licenseId, messengerType } as const;
  const userId = String(simulator.account.cabinetUserId);
  const companyId = String(simulator.account.companies[0]?.companyId ?? 0);
  const chat = { id: chatIdOf(CUSTOMERS[talk.customer], messengerType) };
  // An employee answers in these chats, so the demo's flow keeps out of them.
  const theirs = { ...chat, responsible: { id: Number(userId) } };
  const isEven = count % 2 === 0;
  let answerId = '';

  const announce = (event: EventName, about: ChannelAddress, item: object, where = about): void => {
    const { meta } = sampleEnvelope(event, about);
    simulator.announce(channelName(where), event, { data: [item], meta: { ...meta } });
  };
  const status = (type: string) => (): void => {
    const time = Math.floor(Date.now() / 1000);
    announce('messageStatus', line, { id: answerId, type, time, chat: { ...chat, type: 'private' } });
  };

  return [
    () => void simulator.message({ licenseId, messengerType, chat: theirs, text: talk.question }),
    () => {
      const tag = { id: 6, name: 'urgent', color: '#c0392b', sort: 10, category: [] };
      announce('chatTag', line, { type: isEven ? 'add' : 'destroy', tag, chat });
    },
    () => {
      const item = { responsible: { id: Number(userId) }, chat, fromApp: null, edited: { id: Number(userId) } };
      announce('chatResponsible', line, item);
      // What happens in a line, its employees receive on a channel of their own as well.
      announce('chatResponsible', line, item, { type: 'employee', companyId, userId });
    },
    () => {
      answerId = simulator.message({ licenseId, messengerType, chat: theirs, text: talk.answer, side: 'out' }).id;
    },
    status('sent'),
    status('delivered'),
    status('viewed'),
    () => {
      const item = { type: isEven ? 'online' : 'offline', employee: { id: 7002 } };
      announce('employeeStatus', { type: 'company', companyId }, item);
    },
    () => {
      const id = 90 + (count % CONVERSATIONS.length);
      const quickResponse = { id, name: `Answer ${id}`, sort: 10, parent: null, text: talk.answer };
      const type = count < CONVERSATIONS.length ? 'create' : 'edit';
      announce('quickResponse', { type: 'user', userId }, { type, quickResponseList: { id: 9 }, quickResponse });
    },
  ];
}

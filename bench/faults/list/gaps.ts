import type { ApiPart, Simulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { type Fault, lastingFault } from '../fault';

const NOT_FOUND = { status: 404, body: { success: false } };
const SERVER_ERROR = { status: 500, body: '' };
/** A chat in which nothing has been written for years. */
const OLD_CHAT = { id: '77000000099', lastTime: 1_500_000_000 };
/** Longer than live messages wait for older ones, in ms. */
const LONG = 35_000;

/** Gaps that are filled from wrong answers, or with a restart on the way. */
export const GAPS: readonly Fault[] = [
  once('one list of chats answers 404', 'chats'),
  once('one list of messages answers 404', 'messages'),
  changed('the list of lines lacks a line, 4 s', { lines: (body) => withData(body, (data) => data.slice(1)) }),
  changed('an old chat is first in lists of chats, the others have no time', {
    chats: (body) => withItems(body, (items) => [OLD_CHAT, ...items.map(withoutTime)]),
  }),
  {
    ...changed('each page of chats and messages names itself as the next, 4 s', {
      chats: (body) => withNextPage(body, '9999999999,1'),
      messages: (body) => withNextPage(body, '1,1'),
    }),
    // What comes live does not wait for a list that never ends.
    mayDisorder: true,
  },
  {
    name: 'history 500 for 35 s, then a restart',
    inFiles: true,
    mayDisorder: true,
    async happen({ simulator, client, wait, untilClient }) {
      for (const part of ['chats', 'messages'] as const) simulator.faults.answerWith(part, SERVER_ERROR);
      simulator.dropAll();
      await wait(LONG);
      await client.restart('clean', 500);
      for (const part of ['chats', 'messages'] as const) simulator.faults.answerWith(part, undefined);
      await untilClient(true, 20_000);
      return undefined;
    },
  },
  {
    name: 'client restarted while 3,000 missed messages come',
    inFiles: true,
    async happen({ simulator, client, traffic, wait, untilClient }) {
      await simulator.faults.down('socket');
      await untilClient(false, 5_000);
      traffic.burst(3_000);
      await simulator.faults.up();
      await untilClient(true, 20_000);
      await wait(500);
      await client.restart('clean', 500);
      await untilClient(true, 20_000);
      return undefined;
    },
  },
];

type Change = (body: unknown) => unknown;

/** The next request for a part is answered with 404. */
function once(name: string, part: ApiPart): Fault {
  return {
    name,
    happen: ({ simulator }) => {
      simulator.faults.answerWith(part, NOT_FOUND, 1);
      simulator.dropAll();
      return Promise.resolve(undefined);
    },
  };
}

/** Answers are changed for 4 s, and sockets are away for the first two of them. */
function changed(name: string, changes: Partial<Record<ApiPart, Change>>): Fault {
  const each = (it: Simulator, isOn: boolean): void => {
    for (const part of ['lines', 'chats', 'messages'] as const)
      it.faults.changeAnswers(part, isOn ? changes[part] : undefined);
  };
  return {
    name,
    isSlowForStock: true,
    async happen(scenario) {
      each(scenario.simulator, true);
      await lastingFault(
        2_000,
        (it) => it.faults.down('socket'),
        (it) => it.faults.up(),
      )(scenario);
      await scenario.wait(2_000);
      each(scenario.simulator, false);
      return undefined;
    },
  };
}

function withData(body: unknown, change: (data: readonly unknown[]) => readonly unknown[]): unknown {
  return isRecord(body) && Array.isArray(body.data) ? { ...body, data: change(body.data) } : body;
}

function withItems(body: unknown, change: (items: readonly unknown[]) => readonly unknown[]): unknown {
  const data = isRecord(body) ? body.data : undefined;
  if (!isRecord(body) || !isRecord(data) || !Array.isArray(data.items)) return body;
  return { ...body, data: { ...data, items: change(data.items) } };
}

function withNextPage(body: unknown, nextPage: string): unknown {
  return isRecord(body) && isRecord(body.data) ? { ...body, data: { ...body.data, nextPage } } : body;
}

function withoutTime(chat: unknown): unknown {
  return isRecord(chat) ? { ...chat, lastTime: null } : chat;
}

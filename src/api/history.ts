import { isRecord, type JsonRecord } from '../events/json';
import type { Item } from '../events';
import { ApiError } from './api-error';
import { Lanes } from './lanes';
import type { Line } from './lines';
import { pages, type Ask } from './paging';

export interface HistoryQuery {
  readonly line: Line;
  /** Messages from this time on, in unix seconds. Whether ChatApp counts the second itself in is not known. */
  readonly since: number;
  /** How many messages at most. */
  readonly limit: number;
  /**
   * More chats with new messages, asked for once the list of chats was read: a chat that is written to meanwhile moves
   * up the list, out of the pages that are still to come.
   */
  readonly alsoChats?: () => ReadonlySet<string>;
  /** Called whenever a page was read. */
  readonly onPage?: () => void;
}

export interface History {
  /** Messages and system messages with the shape of an event's item, their chat attached; not sorted. */
  readonly items: Item[];
  /** How many chats have messages beyond the limit that were not fetched. */
  readonly cutChats: number;
}

/**
 * Asks for a page of the history. The first page of a line's chats `isUrgent`: it mostly says that nothing was missed,
 * and until then live events wait.
 */
export type AskHistory = (path: string, query: Readonly<Record<string, string>>, isUrgent: boolean) => Promise<unknown>;

/** How many chats are read at a time: the rate is bounded elsewhere, this keeps slow answers from wasting it. */
const CHATS_AT_A_TIME = 5;

/**
 * Reads what was written in a line's messenger since a time, deleted messages left out.
 * @throws ApiError
 */
export async function readHistory(ask: AskHistory, query: HistoryQuery): Promise<History> {
  const { line, since, limit, alsoChats, onPage } = query;
  const told: AskHistory = async (...question) => {
    const page = await ask(...question);
    onPage?.();
    return page;
  };
  const usual: Ask = (path, search) => told(path, search, false);
  const chats = await changedChats(told, line, since);
  for (const id of alsoChats?.() ?? []) if (!chats.has(id)) chats.set(id, { id });

  const items: Item[] = [];
  let cutChats = 0;
  const lanes = new Lanes(CHATS_AT_A_TIME);
  const readChat = async (id: string, chat: JsonRecord): Promise<void> => {
    for await (const page of pages(usual, `${chatsPath(line)}/${encodeURIComponent(id)}/messages`, {
      direction: 'next',
      includeSystemMessages: '1',
      lastTime: String(since),
    })) {
      const room = limit - items.length;
      items.push(...page.slice(0, room).flatMap((message) => itemOf(message, chat)));
      if (page.length > room) {
        cutChats += 1;
        return;
      }
    }
  };
  await Promise.all([...chats].map(([id, chat]) => lanes.run(() => readChat(id, chat).catch(unlessGone))));
  return { items, cutChats };
}

/** A chat that was deleted meanwhile has nothing that could be missed. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}

/** The chats with activity since a time, by id. They come newest first: the first older one ends the search. */
async function changedChats(ask: AskHistory, line: Line, since: number): Promise<Map<string, JsonRecord>> {
  const chats = new Map<string, JsonRecord>();
  const firstAtOnce: Ask = (path, search) => ask(path, search, search.nextPage === undefined);
  for await (const page of pages(firstAtOnce, chatsPath(line))) {
    for (const chat of page) if (timeOf(chat) >= since) chats.set(String(chat.id), chat);
    if (page.some((chat) => timeOf(chat) < since)) break;
  }
  return chats;
}

/** The message as an event would bring it: the history leaves out its chat. */
function itemOf(message: JsonRecord, chat: JsonRecord): Item[] {
  if (message.destroyed) return [];
  return [isRecord(message.chat) ? message : { ...message, chat }];
}

function timeOf({ lastTime }: JsonRecord): number {
  return typeof lastTime === 'number' || typeof lastTime === 'string' ? Number(lastTime) : 0;
}

function chatsPath({ licenseId, messengerType }: Line): string {
  return `/v1/licenses/${licenseId}/messengers/${messengerType}/chats`;
}

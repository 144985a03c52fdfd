import type { JsonRecord } from '../../../src/events/json';

/** One messenger of one line. */
export interface Line {
  readonly licenseId: number;
  readonly messengerType: string;
}

export interface ChatMessage {
  /** As the socket announces it, without `chat`. */
  item: JsonRecord;
  readonly id: string;
  readonly chat: Chat;
  /** Unix seconds. */
  readonly time: number;
  /** Runs over all messages of the server: the second half of a cursor. */
  readonly internalId: number;
}

export interface Chat {
  readonly line: Line;
  readonly id: string;
  readonly internalId: number;
  readonly messages: ChatMessage[];
  responsible?: number;
  isPinned: boolean;
}

/** Which items follow a cursor, and whether the second that `lastTime` names is part of the answer: ChatApp does not say. */
export type Bound = 'inclusive' | 'exclusive';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPage: string | null;
}

interface Wanted {
  readonly limit: number;
  readonly lastTime?: number;
  readonly nextPage?: string;
}

/** All that was ever written in the lines, whether or not a client was connected. */
export class History {
  readonly lines: Line[] = [];
  readonly #chats = new Map<string, Chat>();
  #count = 0;

  constructor(private readonly bound: Bound) {}

  get nextInternalId(): number {
    return (this.#count += 1);
  }

  hasLine(licenseId: string, messengerType: string): boolean {
    return this.lines.some((line) => String(line.licenseId) === licenseId && line.messengerType === messengerType);
  }

  chat(line: Line, id: string): Chat {
    const key = keyOf(line, id);
    const known = this.#chats.get(key);
    if (known) return known;
    const chat: Chat = { line, id, internalId: this.nextInternalId, messages: [], isPinned: false };
    this.#chats.set(key, chat);
    return chat;
  }

  find(licenseId: string, messengerType: string, id: string): Chat | undefined {
    return this.#chats.get(keyOf({ licenseId, messengerType }, id));
  }

  /** The chats of a line, newest activity first; pinned ones before all others. */
  chats(licenseId: string, messengerType: string, wanted: Wanted): Page<Chat> {
    const all = [...this.#chats.values()]
      .filter(({ line }) => String(line.licenseId) === licenseId && line.messengerType === messengerType)
      .filter(({ messages }) => messages.length > 0)
      .sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || newestFirst(placeOf(a), placeOf(b)));
    return this.#page(all, placeOf, wanted, -1);
  }

  /** A chat's messages: `prev` newest first, `next` oldest first. */
  messages(chat: Chat, direction: string, withSystem: boolean, wanted: Wanted): Page<ChatMessage> {
    const sign = direction === 'next' ? 1 : -1;
    const all = chat.messages
      .filter(({ item }) => withSystem || item.type !== 'system')
      .sort((a, b) => sign * -newestFirst(placeOfMessage(a), placeOfMessage(b)));
    return this.#page(all, placeOfMessage, wanted, sign);
  }

  /** What comes after `nextPage`, or from `lastTime` on, in the direction of `sign`. */
  #page<T>(
    all: readonly T[],
    placeIn: (item: T) => Place,
    { limit, lastTime, nextPage }: Wanted,
    sign: 1 | -1,
  ): Page<T> {
    const cursor = nextPage?.split(',').map(Number);
    const rest = all.filter((item) => {
      const [time, internalId] = placeIn(item);
      if (cursor) {
        const [cursorTime = 0, cursorId = 0] = cursor;
        return sign * (time - cursorTime || internalId - cursorId) > 0;
      }
      if (lastTime === undefined) return true;
      return this.bound === 'inclusive' ? sign * (time - lastTime) >= 0 : sign * (time - lastTime) > 0;
    });
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    return { items, nextPage: last !== undefined && rest.length > limit ? placeIn(last).join(',') : null };
  }
}

/** Time and internal id. */
type Place = readonly [number, number];

const placeOf = (chat: Chat): Place => [lastTimeOf(chat), chat.internalId];
const placeOfMessage = ({ time, internalId }: ChatMessage): Place => [time, internalId];
const newestFirst = (a: Place, b: Place): number => b[0] - a[0] || b[1] - a[1];

export function lastTimeOf({ messages }: Chat): number {
  return Math.max(0, ...messages.map(({ time }) => time));
}

function keyOf(
  { licenseId, messengerType }: { licenseId: string | number; messengerType: string },
  id: string,
): string {
  return `${licenseId}/${messengerType}/${id}`;
}

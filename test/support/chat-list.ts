import type { Ask } from '../../src/api/paging';

export interface ListedChat {
  readonly id: string;
  lastTime: unknown;
  readonly isPinned?: boolean;
}

/** How the list gives its pages. */
export interface ListStyle {
  /**
   * `position` points behind the last chat by its time, `offset` counts chats, `none` leaves the client to page by
   * time. Default `position`.
   */
  readonly cursor?: 'position' | 'offset' | 'none';
  /** True if `lastTime` is included. Default: true. */
  readonly isInclusive?: boolean;
}

/** A line's list of chats as ChatApp has it: newest activity first, pinned chats on top, and moving while it is read. */
export class ChatList {
  readonly chats: ListedChat[] = [];
  readonly queries: Readonly<Record<string, string>>[] = [];
  /** Called before each request is answered; gets its number, from 1. */
  onRequest: (number: number) => void = () => undefined;
  /** Takes the place of the cursor in each answer. */
  oddCursor: ((number: number) => unknown) | undefined;

  constructor(
    public now: number,
    private readonly style: ListStyle = {},
  ) {}

  /** Something happens in a chat now: it moves to the top. A new id is a new chat. */
  touch(id: string): void {
    this.now += 1;
    const chat = this.chats.find((one) => one.id === id);
    if (chat) chat.lastTime = this.now;
    else this.chats.push({ id, lastTime: this.now });
  }

  readonly ask: Ask = (_path, query) => {
    this.queries.push(query);
    this.onRequest(this.queries.length);
    return Promise.resolve({ data: this.#page(query) });
  };

  #page(query: Readonly<Record<string, string>>): object {
    const { cursor = 'position', isInclusive = true } = this.style;
    const limit = Number(query.limit ?? 20);
    const sorted = this.chats.toSorted((one, other) => timeOf(other) - timeOf(one));
    const pinned = query.nextPage === undefined ? sorted.filter((chat) => chat.isPinned) : [];
    const others = sorted.filter((chat) => !chat.isPinned);
    const last = Number(query.lastTime ?? Infinity);
    const offset = query.nextPage === undefined || cursor === 'position' ? 0 : Number(query.nextPage);
    const place = cursor === 'position' ? query.nextPage : undefined;
    const below = others.filter((chat) =>
      place === undefined ? timeOf(chat) < last + (isInclusive ? 1 : 0) : timeOf(chat) <= Number(place),
    );
    const items = [...pinned, ...below.slice(offset)].slice(0, limit);
    const taken = items.length - pinned.length;
    const hasMore = below.length - offset > taken;
    const next = cursor === 'offset' ? String(offset + taken) : String(timeOf(items.at(-1)));
    const nextPage = cursor === 'none' || !hasMore ? null : next;
    return {
      items: items.map(({ id, lastTime }) => ({ id, lastTime })),
      nextPage: this.oddCursor ? this.oddCursor(this.queries.length) : nextPage,
    };
  }
}

function timeOf(chat: ListedChat | undefined): number {
  return Number(chat?.lastTime ?? 0) || 0;
}

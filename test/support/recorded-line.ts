import type { ChangedChat, ChangedChatsQuery } from '../../src/api/changed-chats';
import type { ChatMessagesQuery } from '../../src/api/chat-messages';
import { isRecord } from '../../src/events/json';
import type { Item } from '../../src/events';
import type { InboxOptions } from '../../src/inbox/inbox';
import { FakeClock } from './fake-clock';
import { ListenerSpy } from './listener-spy';
import { InboxHarness } from './inbox-harness';
import { MemoryRecords } from './memory-records';

const LINE = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
export const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
export const META = { type: 'message', licenseId: 50101, messengerType: 'telegram' };

/** How many messages a page of the history has. */
const PAGE = 100;

/** A line as ChatApp has it: what was written is in its history, whether anyone received it or not. */
export class RecordedLine {
  readonly clock = new FakeClock();
  readonly written: Item[] = [];
  readonly queries: ChangedChatsQuery[] = [];
  /** Why the history cannot be read. */
  failure: Error | undefined;
  /** What the history waits for before it answers. */
  gate: Promise<void> = Promise.resolve();
  harness: InboxHarness;

  constructor(
    private readonly hours = 24,
    public records = new MemoryRecords(),
  ) {
    this.harness = this.#newRun({});
  }

  /** Another run of the process, with what the earlier one has stored; `more` takes the place of the usual options. */
  start(more: Partial<InboxOptions> = {}): InboxHarness {
    this.harness.stopPings();
    this.records = this.records.copy();
    this.harness = this.#newRun(more);
    return this.harness;
  }

  /** Ends the run gracefully. */
  async close(): Promise<void> {
    this.harness.stopPings();
    await this.harness.inbox.close();
  }

  #newRun(more: Partial<InboxOptions>): InboxHarness {
    return new InboxHarness({
      clock: this.clock,
      hours: this.hours,
      records: this.records,
      readChats: (query) => this.#readChats(query),
      readMessages: (query) => this.#readMessages(query),
      ...more,
    });
  }

  /** Somebody writes, and ChatApp does not announce it. */
  write(id: string, more: object = {}): Item {
    const item = { id, time: Math.floor(this.clock.now() / 1_000), side: 'in', chat: { id: 7 }, ...more };
    this.written.push(item);
    return item;
  }

  /** Somebody writes, and ChatApp announces it. */
  say(id: string, more: object = {}): void {
    this.announce(this.write(id, more));
  }

  announce(item: Item): void {
    this.harness.inbox.onEvent(CHANNEL, 'message', structuredClone({ data: [item], meta: META }));
  }

  async *#readChats(query: ChangedChatsQuery): AsyncGenerator<ChangedChat[]> {
    this.queries.push(query);
    await this.gate;
    if (this.failure) throw this.failure;
    const chats = new Map<string, ChangedChat>();
    for (const item of this.written) {
      const lastTime = Math.max(Number(item.time), chats.get(chatOf(item))?.lastTime ?? 0);
      chats.set(chatOf(item), { id: chatOf(item), lastTime, entry: { id: chatOf(item) } });
    }
    yield [...chats.values()].filter(({ lastTime = 0 }) => lastTime >= query.since);
  }

  async *#readMessages({ chatId, from }: ChatMessagesQuery): AsyncGenerator<Item[]> {
    await this.gate;
    if (this.failure) throw this.failure;
    const items = this.written.filter((item) => chatOf(item) === chatId && Number(item.time) >= from);
    const sorted = structuredClone(items).sort((one, other) => Number(one.time) - Number(other.time));
    for (let start = 0; start < sorted.length; start += PAGE) yield sorted.slice(start, start + PAGE);
  }
}

function chatOf({ chat }: Item): string {
  return isRecord(chat) ? String(chat.id) : '';
}

/** A listener to the line that is known by its id across restarts. */
export const listener = (filter: object = {}): ListenerSpy => new ListenerSpy(LINE, { id: 'node-1', ...filter });
/** The ids of what was delivered to it, in order. */
export const ids = ({ deliveries }: ListenerSpy): string[] =>
  deliveries.map(({ item, recovered }) => `${String(item.id)}${recovered ? ' recovered' : ''}`);

/** Resolves once what was missed before the socket was opened is delivered. */
export function caughtUp(spy: ListenerSpy): Promise<void> {
  return spy.until(({ status }) => status?.kind === 'listening');
}

/** A line on which `spy` has been listening for a while. */
export async function listening(spy: ListenerSpy, line = new RecordedLine()): Promise<RecordedLine> {
  line.harness.inbox.add(spy);
  await line.harness.open();
  await line.clock.pass(60_000);
  return line;
}

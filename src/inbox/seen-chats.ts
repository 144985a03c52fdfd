import { lineName, lineNamed, type Line } from '../api/lines';
import type { Clock, Timer } from '../clock';
import { runInBackground, type Log } from '../log';
import type { InboxStore } from './inbox-store';

const CHATS_IN_A_RECORD = 100;
/** Of each channel. The latest 5,000 chats are always there: a chat moves to the newest record once it is in the older half. */
const MAX_RECORDS = 100;

export interface SeenChatsOptions {
  readonly store: Pick<InboxStore, 'saved' | 'put'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Which chats a channel has brought events of, across restarts: a new chat costs one small record, a known one nothing. */
export class SeenChats {
  readonly #channels = new Map<string, ChannelChats>();
  /** The names of the records that are not written yet. */
  readonly #changed = new Set<string>();
  #timer: Timer | undefined;

  constructor(private readonly options: SeenChatsOptions) {}

  has(channel: string, chat: string): boolean {
    return this.#channels.get(channel)?.has(chat) ?? false;
  }

  /** The lines of the chats of a channel. */
  linesOf(channel: string): Line[] {
    const lines = (this.#channels.get(channel)?.names ?? []).flatMap((chat) => lineNamed(chat) ?? []);
    return [...new Map(lines.map((line) => [lineName(line), line])).values()];
  }

  /** The channel has brought an event of each of these chats. */
  add(channel: string, chats: Iterable<string>): void {
    for (const chat of chats) {
      for (const record of this.#of(channel).add(chat)) this.#changed.add(nameOf(channel, record));
    }
    if (this.#changed.size === 0) return;
    const { clock, log } = this.options;
    // A crash must not forget a chat, since its messages would not be fetched. Many in a row are written once.
    this.#timer ??= clock.after(0, () => runInBackground(this.flush(), log, 'Storing the chats of a channel'));
  }

  /** Nobody listens to the channel any more. */
  forget(channel: string): void {
    for (const record of this.#channels.get(channel)?.records.keys() ?? []) this.#changed.add(nameOf(channel, record));
    this.#channels.delete(channel);
    runInBackground(this.flush(), this.options.log, 'Removing the chats of a channel');
  }

  /** Forgets all, without removing it from the store. */
  clear(): void {
    this.#channels.clear();
    this.#changed.clear();
  }

  /** Writes what is not written yet. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const names = [...this.#changed];
    this.#changed.clear();
    await Promise.all(names.map((name) => this.options.store.put(name, this.#valueOf(name))));
  }

  /** Takes over what an earlier run has left. */
  restore(): void {
    const saved = [...this.options.store.saved(PREFIX)].map(([name, chats]) => ({ ...partsOf(name), chats }));
    for (const { channel, record, chats } of saved.sort((one, other) => one.record - other.record)) {
      const names: readonly unknown[] = Array.isArray(chats) ? chats : [];
      const known = names.filter((name) => typeof name === 'string');
      if (Number.isSafeInteger(record)) this.#of(channel).restore(record, known);
    }
  }

  #of(channel: string): ChannelChats {
    const known = this.#channels.get(channel) ?? new ChannelChats();
    this.#channels.set(channel, known);
    return known;
  }

  #valueOf(name: string): unknown {
    const { channel, record } = partsOf(name.slice(PREFIX.length));
    const chats = this.#channels.get(channel)?.records.get(record);
    return chats && [...chats];
  }
}

/** The chats of one channel in records of limited size, by number, oldest first. */
class ChannelChats {
  readonly records = new Map<number, Set<string>>();
  readonly #recordOf = new Map<string, number>();
  #latest = 0;

  /** In the form `<line>/<messenger>/<chat>`. */
  get names(): string[] {
    return [...this.#recordOf.keys()];
  }

  has(chat: string): boolean {
    return this.#recordOf.has(chat);
  }

  /** Returns the numbers of the records that are to be written. */
  add(chat: string): number[] {
    const record = this.#recordOf.get(chat) ?? -Infinity;
    if (record > this.#latest - MAX_RECORDS / 2) return [];
    if ((this.records.get(this.#latest)?.size ?? 0) >= CHATS_IN_A_RECORD) this.#latest += 1;
    this.restore(this.#latest, [chat]);
    return [this.#latest, ...this.#dropOldest()];
  }

  restore(record: number, chats: readonly string[]): void {
    this.#latest = Math.max(this.#latest, record);
    const known = this.records.get(record) ?? new Set();
    this.records.set(record, known);
    for (const chat of chats) {
      known.add(chat);
      this.#recordOf.set(chat, record);
    }
  }

  #dropOldest(): number[] {
    const dropped = [...this.records].slice(0, Math.max(0, this.records.size - MAX_RECORDS));
    for (const [record, chats] of dropped) {
      this.records.delete(record);
      // Those that are in a newer record, too, stay.
      for (const chat of chats) if (this.#recordOf.get(chat) === record) this.#recordOf.delete(chat);
    }
    return dropped.map(([record]) => record);
  }
}

const PREFIX = 'chats/';

const nameOf = (channel: string, record: number): string => `${PREFIX}${channel}/${record}`;

function partsOf(name: string): { readonly channel: string; readonly record: number } {
  const end = name.lastIndexOf('/');
  return { channel: name.slice(0, end), record: Number(name.slice(end + 1)) };
}

import { lineName } from '../../api/lines';
import { hasHistory, metaFacts, parseChannelName, type EventKey, type Item, type Meta } from '../../events';
import type { Positions } from './positions';

/** What waits for its turn at most; of more only the newest count. */
const MOST_PENDING = 5_000;

interface Step {
  readonly line: string;
  readonly time: number;
  readonly key: EventKey | undefined;
}

/** Moves a channel's positions as messages are delivered, but never past one that is still on its way. */
export class Progress {
  readonly #pending: Step[] = [];
  /** The edit of each of them, by the id of its key. */
  readonly #pendingEdits = new Map<number, number>();
  /** The only line of a messenger channel. */
  readonly #line: string | undefined;
  #pauses = 0;

  constructor(
    private readonly channel: string,
    private readonly positions: Positions,
    /** ChatApp's time, in unix seconds. */
    private readonly serverTime: () => number,
  ) {
    this.#line = lineOf(channel, {});
  }

  /** An item was handed to everybody who wants it. */
  delivered(event: string, item: Item, meta: Meta, key: EventKey | undefined): void {
    if (!hasHistory(event)) return;
    const time = Number(item.time);
    const line = this.#line ?? lineOf(this.channel, meta);
    if (!Number.isFinite(time) || line === undefined) return;
    // A time in the future would hide every gap until then.
    const step = { line, time: Math.min(time, Math.ceil(this.serverTime())), key };
    if (this.#pauses === 0) return this.#move(step);
    this.#pending.push(step);
    if (key) this.#pendingEdits.set(key.id, key.edit);
    if (this.#pending.length > MOST_PENDING) this.#pending.shift();
  }

  /** True if the message was delivered already, maybe by an earlier run. Of an edited one only the same edit counts. */
  has(meta: Meta, key: EventKey): boolean {
    const pending = this.#pendingEdits.get(key.id);
    if (pending !== undefined) return key.edit === 0 || pending === key.edit;
    const line = this.#line ?? lineOf(this.channel, meta);
    const position = line === undefined ? undefined : this.positions.lines(this.channel).get(line);
    return position?.has(key) ?? false;
  }

  /** Something older is still on its way: positions stay where they are until the matching `resume`. */
  pause(): void {
    this.#pauses += 1;
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    for (const step of this.#pending.splice(0)) this.#move(step);
    this.#pendingEdits.clear();
  }

  #move({ line, time, key }: Step): void {
    this.positions.advance(this.channel, line, time, key);
  }
}

/** The line that an item belongs to, as `<licence>/<messenger>`: by the channel, or else by the envelope's meta. */
export function lineOf(channel: string, meta: Meta): string | undefined {
  const address = parseChannelName(channel);
  const { licenseId, messengerType } = address?.type === 'messenger' ? address : metaFacts(meta);
  return licenseId === undefined || messengerType === undefined ? undefined : lineName({ licenseId, messengerType });
}

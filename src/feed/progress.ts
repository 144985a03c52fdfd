import { hasHistory, metaFacts, parseChannelName, type Item, type ItemIdentity, type Meta } from '../events';
import type { Positions } from './positions';

/** What waits for its turn at most; of more only the newest count. */
const MOST_PENDING = 5_000;

interface Step {
  readonly line: string;
  readonly time: number;
  readonly identity: ItemIdentity | undefined;
}

/** Moves a channel's positions as messages are delivered, but never past one that is still on its way. */
export class Progress {
  readonly #pending: Step[] = [];
  /** Their identities, by id. */
  readonly #pendingIds = new Map<number, ItemIdentity>();
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
  delivered(event: string, item: Item, meta: Meta, identity: ItemIdentity | undefined): void {
    if (!hasHistory(event)) return;
    const time = Number(item.time);
    const line = this.#line ?? lineOf(this.channel, meta);
    if (!Number.isFinite(time) || line === undefined) return;
    // A time in the future would hide every gap until then.
    const step = { line, time: Math.min(time, Math.ceil(this.serverTime())), identity };
    if (this.#pauses === 0) return this.#move(step);
    this.#pending.push(step);
    if (identity) this.#pendingIds.set(identity.id, identity);
    if (this.#pending.length > MOST_PENDING) this.#pending.shift();
  }

  /** True where the message was delivered already, maybe by an earlier run. */
  has(item: Item, meta: Meta, identity: ItemIdentity): boolean {
    return this.#has(meta, identity, Boolean(item.edited));
  }

  /** True where the message was delivered already with the very same content, maybe by an earlier run. */
  hasTwin(meta: Meta, identity: ItemIdentity): boolean {
    return this.#has(meta, identity, true);
  }

  /** Something older is still on its way: positions stay where they are until the matching `resume`. */
  pause(): void {
    this.#pauses += 1;
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    for (const step of this.#pending.splice(0)) this.#move(step);
    this.#pendingIds.clear();
  }

  #has(meta: Meta, identity: ItemIdentity, isSameContent: boolean): boolean {
    const pending = this.#pendingIds.get(identity.id);
    if (pending) return !isSameContent || pending.content === identity.content;
    const line = this.#line ?? lineOf(this.channel, meta);
    const position = line === undefined ? undefined : this.positions.lines(this.channel).get(line);
    return position?.has(identity, isSameContent) ?? false;
  }

  #move({ line, time, identity }: Step): void {
    this.positions.advance(this.channel, line, time, identity);
  }
}

/** The line that an item belongs to, as `<licence>/<messenger>`: by the channel, or else by the envelope's meta. */
export function lineOf(channel: string, meta: Meta): string | undefined {
  const address = parseChannelName(channel);
  const { licenseId, messengerType } = address?.type === 'messenger' ? address : metaFacts(meta);
  return licenseId === undefined || messengerType === undefined ? undefined : `${licenseId}/${messengerType}`;
}

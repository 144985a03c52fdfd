import type { Clock, Timer } from '../clock';
import type { BurstLimiter } from './burst-limiter';

/** How long a live event waits for older ones of its chat, in ms. */
const HOLD_FOR = 30_000;
/** How many wait. */
const MAX_HELD = 10_000;

interface Held {
  readonly chats: readonly string[];
  readonly heldAt: number;
  readonly release: () => void;
}

/** Live events that wait until older ones of their chats were fetched. What waits too long goes on without them. */
export class HeldEvents {
  #held: Held[] = [];
  /** The chats whose older events are still to be fetched; absent while that is not known. */
  #chats: Set<string> | undefined;
  /** The chats for whose older events nothing waits any more, since that took too long. */
  readonly #givenUp = new Set<string>();
  #isHolding = false;
  #timer: Timer | undefined;
  /** What waits for nothing more than its turn, and how many that are of each chat. */
  readonly #ready: Held[] = [];
  readonly #readyChats = new Map<string, number>();
  #isReleasing = false;

  constructor(
    private readonly clock: Clock,
    private readonly bursts: Pick<BurstLimiter, 'room' | 'add'>,
  ) {}

  /** From now on events of all chats wait. */
  begin(): void {
    this.#isHolding = true;
    this.#chats = undefined;
    this.#givenUp.clear();
  }

  /** Only events of these chats wait from now on. */
  holdOnly(chats: Iterable<string>): void {
    if (!this.#isHolding) return;
    this.#chats = new Set([...chats].filter((chat) => !this.#givenUp.has(chat)));
    this.#releaseReady();
  }

  /** The older events of a chat were fetched. */
  releaseChat(chat: string): void {
    if (this.#chats?.delete(chat)) this.#releaseReady();
  }

  /** Nothing waits any more. */
  end(): void {
    this.#isHolding = false;
    const held = this.#held.splice(0);
    this.#setTimer();
    this.#release(held);
  }

  /** True while events may have to wait. */
  get isHolding(): boolean {
    return this.#isHolding || this.#ready.length > 0;
  }

  /** The chats of the events that wait for older ones. */
  get chats(): Set<string> {
    return new Set(this.#held.flatMap(({ chats }) => chats));
  }

  /** True if the event has to wait: `release` is called later, in the order of arrival within each chat. */
  hold(chats: readonly string[], release: () => void): boolean {
    const held = { chats, heldAt: this.clock.monotonic(), release };
    if (!this.#mustWait(chats)) {
      if (!chats.some((chat) => this.#readyChats.has(chat))) return false;
      this.#release([held]);
      return true;
    }
    this.#held.push(held);
    const tooMany = this.#held.length > MAX_HELD ? this.#held.shift() : undefined;
    if (tooMany || this.#held.length === 1) this.#setTimer();
    if (tooMany) this.#release([tooMany]);
    return true;
  }

  #mustWait(chats: readonly string[]): boolean {
    if (!this.#isHolding) return false;
    if (!this.#chats) return true;
    if (chats.some((chat) => this.#chats?.has(chat))) return true;
    return this.#held.some((held) => held.chats.some((chat) => chats.includes(chat)));
  }

  #releaseReady(): void {
    const waiting = new Set(this.#chats);
    const [ready, held]: [Held[], Held[]] = [[], []];
    for (const one of this.#held) {
      const mustWait = one.chats.some((chat) => waiting.has(chat));
      (mustWait ? held : ready).push(one);
      // It may have several chats: what follows in each of them must not overtake it.
      if (mustWait) for (const chat of one.chats) waiting.add(chat);
    }
    this.#held = held;
    this.#setTimer();
    this.#release(ready);
  }

  /** Passes these events on, a few at a time: what follows in their chats stays behind them. */
  #release(ready: readonly Held[]): void {
    this.#ready.push(...ready);
    for (const { chats } of ready)
      for (const chat of chats) this.#readyChats.set(chat, (this.#readyChats.get(chat) ?? 0) + 1);
    this.#releaseNext();
  }

  #releaseNext(): void {
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    for (let next = this.#ready[0]; next; next = this.#ready[0]) {
      const room = this.#ready.length > MAX_HELD ? undefined : this.bursts.room;
      if (room) {
        const goOn = (): void => {
          this.#isReleasing = false;
          this.#releaseNext();
        };
        room.then(goOn, goOn);
        return;
      }
      this.#ready.shift();
      for (const chat of next.chats) {
        const count = (this.#readyChats.get(chat) ?? 0) - 1;
        if (count > 0) this.#readyChats.set(chat, count);
        else this.#readyChats.delete(chat);
      }
      this.bursts.add();
      next.release();
    }
    this.#isReleasing = false;
  }

  /** Nothing waits any more for what an event has waited for long enough; if no chats are known yet, holding ends. */
  #releaseOld(): void {
    if (!this.#chats) return this.end();
    const before = this.clock.monotonic() - HOLD_FOR;
    for (const { chats } of this.#held.filter(({ heldAt }) => heldAt <= before)) {
      for (const chat of chats) {
        this.#chats.delete(chat);
        this.#givenUp.add(chat);
      }
    }
    this.#releaseReady();
  }

  /** Wakes up when the oldest event has waited long enough. */
  #setTimer(): void {
    this.#timer?.cancel();
    const [oldest] = this.#held;
    const wait = oldest && Math.max(0, oldest.heldAt + HOLD_FOR - this.clock.monotonic());
    this.#timer = wait === undefined ? undefined : this.clock.after(wait, () => this.#releaseOld());
  }
}

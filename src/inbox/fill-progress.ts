import { REQUESTS_PER_SECOND } from '../api/client';
import { HISTORY_SHARE } from '../api/rate-limiter';
import type { Clock } from '../clock';
import type { GapHealth } from '../health';

/** How many requests for missed messages ChatApp's limit and the other requests leave room for. */
const HISTORY_PER_SECOND = REQUESTS_PER_SECOND * HISTORY_SHARE;

/** How far the filling of a gap got, to be shown. */
export class FillProgress {
  /** Chats by name. */
  readonly #found = new Set<string>();
  readonly #done = new Set<string>();
  /** When the first chat was begun, in ms (monotonic). */
  #beganAt: number | undefined;
  #messages: number;

  /** @param messages what was fetched for the same gap before */
  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    messages = 0,
  ) {
    this.#messages = messages;
  }

  /** This chat has messages to be fetched. */
  find(chat: string): void {
    this.#found.add(chat);
  }

  /** A chat is begun. */
  begin(): void {
    this.#beganAt ??= this.clock.monotonic();
  }

  /** So many messages were missing. */
  fetch(messages: number): void {
    this.#messages += messages;
  }

  finish(chat: string): void {
    this.#done.add(chat);
  }

  get state(): Pick<GapHealth, 'chatsFound' | 'chatsDone' | 'messages' | 'secondsLeft'> {
    const [chatsFound, chatsDone] = [this.#found.size, this.#done.size];
    const passed = (this.clock.monotonic() - (this.#beganAt ?? Infinity)) / 1_000;
    // Each chat takes a request at least.
    const secondsLeft = Math.ceil((chatsFound - chatsDone) * Math.max(passed / chatsDone, 1 / HISTORY_PER_SECOND));
    return { chatsFound, chatsDone, messages: this.#messages, ...(chatsDone > 0 && { secondsLeft }) };
  }
}

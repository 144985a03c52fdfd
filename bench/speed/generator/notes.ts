import type { RequestLog } from './orders';

/** ChatApp answers more requests than this within a second with 429. */
const REQUESTS_PER_SECOND = 50;

interface Noted {
  readonly channel: string;
  readonly at: number;
}

/** Notes what is asked of the simulator. */
export class Notes {
  #authorised: Noted[] = [];
  #subscribed: Noted[] = [];
  #history: number[] = [];
  #sent: number[] = [];
  #over = 0;
  #hasDropped = false;
  /** When each of the last requests came, ms since the epoch. */
  #recent: number[] = [];

  authorised(channel: string): void {
    this.#authorised.push({ channel, at: Date.now() });
  }

  subscribed(channel: string): void {
    this.#subscribed.push({ channel, at: Date.now() });
  }

  dropped(): void {
    this.#hasDropped = true;
  }

  /** Whether there has been a gap in which something could be missed. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  readHistory(): void {
    this.#history.push(Date.now());
  }

  sent(): void {
    this.#sent.push(Date.now());
  }

  /** Counts a request; false where it is one too many. */
  allows(): boolean {
    const now = Date.now();
    this.#recent = this.#recent.filter((at) => at > now - 1_000);
    if (this.#recent.length >= REQUESTS_PER_SECOND) {
      this.#over += 1;
      return false;
    }
    this.#recent.push(now);
    return true;
  }

  take(): RequestLog {
    const requestLog = {
      authorised: this.#authorised,
      subscribed: this.#subscribed,
      history: this.#history,
      sent: this.#sent,
      over: this.#over,
    };
    this.#authorised = [];
    this.#subscribed = [];
    this.#history = [];
    this.#sent = [];
    this.#over = 0;
    return requestLog;
  }
}

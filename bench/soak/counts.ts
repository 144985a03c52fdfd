/** How many events may come in one run. */
const MAX_COUNT = 4_000_000;
/** Events on their way when a socket ends are part of the outage: the last ones, in ms, and all since the newest that came. */
const ON_THE_WAY = 100;

const LIVE = 1;
const MESSAGE = 2;

/** Counts copies of numbered events: cheap enough for a thousand a second for hours. */
export class Counts {
  readonly #copies = new Uint8Array(MAX_COUNT);
  readonly #flags = new Uint8Array(MAX_COUNT);
  readonly #at = new Float64Array(MAX_COUNT);
  #sent = 0;
  #newest = -1;

  /** Counts an event in; returns its number. `reaches`: there is a socket for it. */
  announced(isMessage: boolean, reaches: boolean): number {
    if (this.#sent === MAX_COUNT) throw new Error(`More than ${MAX_COUNT} events`);
    const number = this.#sent;
    this.#sent += 1;
    this.#flags[number] = (isMessage ? MESSAGE : 0) + (reaches ? LIVE : 0);
    this.#at[number] = Date.now();
    return number;
  }

  came(number: number): void {
    this.#newest = Math.max(this.#newest, number);
    this.#copies[number] = Math.min(255, (this.#copies[number] ?? 0) + 1);
  }

  /** The sockets end now: what is on its way may be gone, where it has no history. */
  dropped(): void {
    const since = Date.now() - ON_THE_WAY;
    const isOnTheWay = (number: number): boolean => number > this.#newest || (this.#at[number] ?? 0) >= since;
    for (let number = this.#sent - 1; number >= 0 && isOnTheWay(number); number -= 1) {
      this.#flags[number] = (this.#flags[number] ?? 0) & MESSAGE;
    }
  }

  /** What has become of the events that were announced at least `age` ms ago. */
  figures(age: number): { sent: number; received: number; lost: number; missed: number; doubled: number } {
    const figures = { sent: 0, received: 0, lost: 0, missed: 0, doubled: 0 };
    const until = Date.now() - age;
    for (let number = 0; number < this.#sent && (this.#at[number] ?? 0) <= until; number += 1) {
      const copies = this.#copies[number] ?? 0;
      figures.sent += 1;
      if (copies > 0) figures.received += 1;
      else if (this.#flags[number] === 0) figures.missed += 1;
      else figures.lost += 1;
      figures.doubled += Math.max(0, copies - 1);
    }
    return figures;
  }
}

import { chatsOf, type RawEvent } from './news';

/** How many events may wait, or be noted, while missed messages are fetched. */
const MOST = 10_000;

/** The live events of one channel: they go on at once, or wait while older ones are fetched. */
export class LiveEvents {
  /** What has come since older ones are being fetched; absent while none are. */
  #came: RawEvent[] | undefined;
  /** True where that waits. */
  #isHeld = false;
  #over: Promise<void> = Promise.resolve();
  #onOver = (): void => undefined;

  constructor(private readonly take: (raw: RawEvent) => void) {}

  /** Hands an event on, or has it wait. */
  receive(raw: RawEvent): void {
    if (!this.#came) return this.take(raw);
    if (this.#isHeld || this.#came.length < MOST) this.#came.push(raw);
    if (!this.#isHeld) return this.take(raw);
    if (this.#came.length > MOST) this.release();
  }

  /** From now on events wait, since older ones are still to be fetched. */
  hold(): void {
    if (this.#isHeld) return;
    this.#begin();
    this.#isHeld = true;
  }

  /** From now on older ones are fetched, but events go on: who gets them may have them wait until `released`. */
  letPass(): void {
    if (!this.#came) this.#begin();
  }

  /** Hands on what waits; older ones are not waited for any longer. */
  release(): void {
    const held = this.#isHeld ? this.#came : undefined;
    this.drop();
    for (const raw of held ?? []) this.take(raw);
  }

  /** Hands on nothing of what waits: nobody wants it any more. */
  drop(): void {
    this.#came = undefined;
    this.#isHeld = false;
    this.#onOver();
  }

  /** Settles once older ones are not waited for any longer; what did wait here was handed on a moment before. */
  get released(): Promise<void> {
    return this.#over;
  }

  /** True while events wait for older ones. */
  get isWaiting(): boolean {
    return this.#isHeld && this.#came !== undefined && this.#came.length > 0;
  }

  /** The chats of the messages that have come since older ones are being fetched. */
  get chats(): Set<string> {
    return chatsOf(this.#came ?? []);
  }

  #begin(): void {
    if (!this.#came) this.#over = new Promise((resolve) => (this.#onOver = resolve));
    this.#came = [];
  }
}

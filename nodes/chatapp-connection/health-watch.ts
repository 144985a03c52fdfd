import { createHash } from 'node:crypto';
import type { NodeAPI } from 'node-red';
import type { Clock } from '../../src';

/** The topic in the editor's own channel. Every editor may receive it: it carries a number only. */
const TOPIC = 'chatapp/health';
/** How often it is looked whether something has changed, in ms. */
const LOOK_EVERY = 2_000;
/** How long after the last question, in ms. */
const WATCHED_FOR = 10_000;

/** Tells editors that what they have asked for has changed. While nobody asks, nothing is looked at. */
export class HealthWatch {
  #number = 0;
  /** When somebody asked last, in ms (monotonic). */
  #askedAt = -Infinity;
  #known = '';
  #isLooking = false;

  constructor(
    private readonly comms: Pick<NodeAPI['comms'], 'publish'>,
    private readonly clock: Clock,
    /** What editors get now, as text. */
    private readonly look: () => string,
  ) {}

  /** Somebody gets this text now. */
  onAsked(text: string): void {
    this.#askedAt = this.clock.monotonic();
    this.#known = digestOf(text);
    if (!this.#isLooking) this.#lookLater();
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.clock.after(LOOK_EVERY, () => {
      this.#isLooking = this.clock.monotonic() - this.#askedAt < WATCHED_FOR;
      if (!this.#isLooking) return;
      this.#compare();
      this.#lookLater();
    });
  }

  #compare(): void {
    const digest = digestOf(this.look());
    if (digest === this.#known) return;
    this.#known = digest;
    this.#number += 1;
    this.comms.publish(TOPIC, this.#number, false);
  }
}

function digestOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}

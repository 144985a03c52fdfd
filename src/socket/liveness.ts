import type { Clock, Timer } from '../clock';

/** How often the server is asked for a sign of life, whatever the traffic, and how long it may take, in ms. */
export const PING_EVERY = 15_000;
export const PONG_WITHIN = 5_000;
/** A deadline that comes this late says that this process was busy, not that the peer is dead, in ms. */
const STALLED = 1_000;

export interface LivenessOptions {
  readonly clock: Clock;
  readonly ping: () => void;
  /** No sign of life came in time. Called once. */
  readonly onDead: () => void;
  /** For tests against real servers in scaled time; ms. */
  readonly pingEvery?: number;
  readonly pongWithin?: number;
}

/** Pings a peer in a fixed rhythm and notices when it is dead. */
export class Liveness {
  #timer: Timer | undefined;
  #sign = false;

  constructor(private readonly options: LivenessOptions) {
    this.#waitToPing(pingEvery(options));
  }

  /** Any frame of the server is one. */
  signOfLife(): void {
    this.#sign = true;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #waitToPing(wait: number): void {
    const { clock, ping } = this.options;
    this.#timer = clock.after(wait, () => {
      this.#sign = false;
      ping();
      this.#waitForSign(pongWithin(this.options));
    });
  }

  #waitForSign(wait: number): void {
    const { clock, onDead } = this.options;
    const due = clock.now() + wait;
    this.#timer = clock.after(wait, () => {
      if (this.#sign) this.#waitToPing(Math.max(0, pingEvery(this.options) - pongWithin(this.options)));
      // What arrived while the process was busy is read only after its timers.
      else if (clock.now() - due > STALLED) this.#waitForSign(STALLED);
      else onDead();
    });
  }
}

const pingEvery = (options: LivenessOptions): number => options.pingEvery ?? PING_EVERY;
const pongWithin = (options: LivenessOptions): number => options.pongWithin ?? PONG_WITHIN;

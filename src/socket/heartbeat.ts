import type { Clock, Timer } from '../clock';

/** How often the server is pinged, whatever the traffic, and how long the next frame may take to arrive, in ms. */
export const PING_EVERY = 15_000;
export const PONG_WITHIN = 5_000;
/** After a busy or suspended time, what arrived meanwhile is read within this time, in ms. */
const READ_WITHIN = 1_000;
/** How often wall and monotonic clock are compared, and which change of their difference counts, in ms. */
const COMPARE_EVERY = 1_000;
const JUMP = 5_000;

/** The first frame after a ping. */
export interface Pong {
  /** When it arrived, in ms (monotonic). */
  readonly at: number;
  /** How long after the ping, in ms. */
  readonly after: number;
}

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly ping: () => void;
  /** The first frame after a ping arrived. `pingedAt` is when that ping was sent, in ms of the monotonic clock. */
  readonly onAlive: (pingedAt: number) => void;
  /** No frame came in time after a ping. Called once. */
  readonly onDead: () => void;
  /** For tests against real servers in scaled time; ms. */
  readonly pingEvery?: number;
  readonly pongWithin?: number;
}

/**
 * Pings a server in a fixed rhythm and notices when it is dead. After the machine was suspended it pings soon: the server
 * has closed the socket by then, and nothing says so.
 */
export class Heartbeat {
  /** Until the next ping, or until its answer is due. */
  #timer: Timer | undefined;
  #comparison: Timer | undefined;
  /** When the next ping is due, and when the ping was sent after which no frame came yet, in ms of the monotonic clock. */
  #pingAt = Infinity;
  #unansweredSince: number | undefined;
  #pong: Pong | undefined;

  constructor(private readonly options: HeartbeatOptions) {
    this.#pingAfter(pingEvery(options));
    this.#compareClocks();
  }

  /** The latest; absent until the first one. */
  get pong(): Pong | undefined {
    return this.#pong;
  }

  /** Any frame of the server shows that it is alive. */
  onFrame(): void {
    const pingedAt = this.#unansweredSince;
    if (pingedAt === undefined) return;
    this.#unansweredSince = undefined;
    const at = this.options.clock.monotonic();
    this.#pong = { at, after: at - pingedAt };
    this.options.onAlive(pingedAt);
  }

  stop(): void {
    this.#unansweredSince = undefined;
    this.#timer?.cancel();
    this.#comparison?.cancel();
  }

  #pingAfter(wait: number): void {
    const { clock, ping } = this.options;
    this.#pingAt = clock.monotonic() + wait;
    this.#timer = clock.after(wait, () => {
      this.#pingAt = Infinity;
      this.#unansweredSince = clock.monotonic();
      ping();
      this.#awaitFrame(pongWithin(this.options));
    });
  }

  #awaitFrame(wait: number): void {
    const { clock, onDead } = this.options;
    const due = clock.monotonic() + wait;
    this.#timer = clock.after(wait, () => {
      if (this.#unansweredSince === undefined) {
        this.#pingAfter(Math.max(0, pingEvery(this.options) - pongWithin(this.options)));
      } else if (clock.monotonic() - due > READ_WITHIN) {
        // So late, the process was busy: what arrived meanwhile is read only after its timers.
        this.#awaitFrame(READ_WITHIN);
      } else {
        this.stop();
        onDead();
      }
    });
  }

  /**
   * On Linux the monotonic clock and all timers stand still while the machine is suspended, so that only the wall clock
   * shows it. A clock that was set looks the same, and costs a ping.
   */
  #compareClocks(): void {
    const { clock } = this.options;
    const difference = clock.now() - clock.monotonic();
    this.#comparison = clock.after(COMPARE_EVERY, () => {
      if (Math.abs(clock.now() - clock.monotonic() - difference) > JUMP) this.#pingSoon();
      this.#compareClocks();
    });
  }

  /** Pings once the frames are read that arrived before the machine was suspended: they do not show that the server is alive. */
  #pingSoon(): void {
    const isDueSoon = this.#pingAt - this.options.clock.monotonic() <= READ_WITHIN;
    if (isDueSoon || this.#unansweredSince !== undefined) return;
    this.#timer?.cancel();
    this.#pingAfter(READ_WITHIN);
  }
}

const pingEvery = (options: HeartbeatOptions): number => options.pingEvery ?? PING_EVERY;
const pongWithin = (options: HeartbeatOptions): number => options.pongWithin ?? PONG_WITHIN;

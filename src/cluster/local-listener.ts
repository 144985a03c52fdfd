import type { Clock, Timer } from '../clock';
import { isWanted, type Delivery } from '../inbox/delivery';
import type { Listener } from '../inbox/listener';
import { sameStatus } from '../channels/listener-status';
import type { Status } from '../status';
import type { EngineState } from './engine';
import type { Acknowledgement } from './partition';
import type { Share } from './share';

/** How long a listener may be away in a deploy, in ms. */
const AWAY = 10_000;

/** What a listener's status follows from, besides its own subscriptions on this copy. */
export interface Circumstances {
  readonly engine: EngineState;
  readonly leads: boolean;
}

/** One listener of this copy: its share of the work, and what it is told. */
export class LocalListener {
  /** Absent until NATS was reached. */
  #share: Share | undefined;
  #awayTimer: Timer | undefined;
  #own: Status = { kind: 'connecting' };
  #told: Status | undefined;
  #lastEvent: number | undefined;
  #backlog = 0;
  #isOver = false;

  constructor(
    public listener: Listener,
    private readonly clock: Clock,
    private readonly circumstances: () => Circumstances,
  ) {}

  /** Takes its share from now on, if it does not yet. */
  async begin(makeShare: () => Share): Promise<void> {
    if (this.#share || this.#isOver) return;
    this.#share = makeShare();
    this.#share.configure(acknowledgement(this.listener));
    if (this.#awayTimer) this.#share.pause();
    await this.#share.start();
  }

  /** The listener restarts: nothing new is asked for; `onGone` where it does not come back in time. */
  leave(onGone: () => void): void {
    this.#share?.pause();
    this.#awayTimer?.cancel();
    this.#awayTimer = this.clock.after(AWAY, onGone);
  }

  /** The listener is there again, maybe with other wishes. */
  comeBack(listener: Listener): void {
    this.#awayTimer?.cancel();
    this.#awayTimer = undefined;
    this.listener = listener;
    this.#told = undefined;
    this.#share?.configure(acknowledgement(listener));
    this.#share?.resume();
  }

  /** Ends its share: what the flow has in hand goes to another copy. */
  async end(): Promise<void> {
    this.#awayTimer?.cancel();
    this.#isOver = true;
    await this.#share?.stop();
  }

  /** True where an item of this try was waiting for it. */
  settle(deliveryToken: string, outcome: 'done' | 'failed'): boolean {
    return this.#share?.settle(deliveryToken, outcome) ?? false;
  }

  /** Hands an item over. */
  deliver(delivery: Delivery): void {
    // It was published for what the listener wanted then.
    if (!isWanted(delivery, this.listener)) {
      if (delivery.deliveryToken !== undefined) this.settle(delivery.deliveryToken, 'done');
      return;
    }
    this.#lastEvent = this.clock.now();
    this.show();
    this.listener.onItem(delivery);
  }

  /** Its subscriptions on this copy stand like this now. */
  onOwnStatus(status: Status): void {
    this.#own = status;
    this.show();
  }

  /** So many of its events wait for a flow, on whichever copy. */
  onBacklog(count: number): void {
    this.#backlog = count;
    this.show();
  }

  /** Works its status out anew and tells it, if it is another one. */
  show(): void {
    const status = this.#status();
    if (this.#awayTimer || this.#isOver || sameStatus(this.#told, status)) return;
    this.#told = status;
    this.listener.onStatus(status);
  }

  #status(): Status {
    const { engine, leads } = this.circumstances();
    if (engine.kind === 'connecting') return { kind: 'connecting' };
    if (engine.kind === 'lost') return { kind: 'clusterLost', since: engine.since };
    // The socket is opened once it is known what any copy wants.
    if (this.#own.kind === 'stopped') return { kind: 'connecting' };
    if (this.#own.kind !== 'listening') return this.#own;
    return {
      kind: leads ? 'leading' : 'standingBy',
      ...(this.#own.channels && { channels: this.#own.channels }),
      ...(this.#lastEvent !== undefined && { lastEvent: this.#lastEvent }),
      ...(this.#backlog > 0 && { backlog: this.#backlog }),
    };
  }
}

function acknowledgement({ ack = 'sent', ackSeconds = 60 }: Listener): Acknowledgement {
  return { ack, ackSeconds };
}

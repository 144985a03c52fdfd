import { pause, type Timer } from '../clock';
import { within } from '../deadline';
import { runInBackground } from '../log';
import { Attempt } from './attempt';
import { ensureConsumers, type Places } from './consumers';
import type { ReadyEngine } from './engine';
import { PARTITIONS } from './names';
import { Partition, type Acknowledgement, type PartitionOptions } from './partition';
import { Pull } from './pull';

/** How soon NATS is asked again for what it could not do, in ms. */
const AGAIN = 1_000;
/** How long the end waits for NATS, in ms. */
const ENDS_WITHIN = 2_000;

/** How long NATS waits for a sign of life before it gives an item to another copy; how often one is given. In ms. */
export interface Pace {
  readonly ackWait: number;
  readonly signEvery: number;
}

const PACE: Pace = { ackWait: 8_000, signEvery: 2_500 };

export interface ShareOptions extends PartitionOptions {
  readonly pace?: Pace;
}

/**
 * One listener's part in the work on this copy. The items of each partition come one by one and in order, over all
 * copies; they wait for the one before, and for those of no other partition or listener.
 */
export class Share {
  readonly #partitions: readonly Partition[];
  readonly #end = new AbortController();
  #acknowledgement: Acknowledgement = { ack: 'sent', ackSeconds: 60 };
  #places: Places | undefined;
  #isPaused = false;
  /** Absent while nothing is asked for. */
  #pull: Pull | undefined;
  #signTimer: Timer | undefined;

  constructor(
    private readonly engine: ReadyEngine,
    private readonly options: ShareOptions,
  ) {
    const owner = {
      signal: this.#end.signal,
      acknowledgement: () => this.#acknowledgement,
      takes: () => this.#pull !== undefined,
      onFree: (partition: number) => this.#pull?.ask(partition),
    };
    this.#partitions = Array.from({ length: PARTITIONS }, (_, number) => new Partition(number, engine, owner, options));
  }

  /** Holds for what comes from now on. */
  configure(acknowledgement: Acknowledgement): void {
    this.#acknowledgement = acknowledgement;
  }

  /** Takes items from now on. Resolves once what is published waits for this listener, however long NATS is away. */
  async start(): Promise<void> {
    const { signal } = this.#end;
    while (!this.#places && !signal.aborted) {
      await this.#ensureConsumers().catch(() => pause(this.options.clock, AGAIN, signal).catch(() => undefined));
    }
    if (signal.aborted) return;
    this.#giveSigns();
    if (!this.#isPaused) this.resume();
  }

  /** Asks for nothing more. What is in hand stays so until it is settled, or its time is over. */
  pause(): void {
    this.#isPaused = true;
    runInBackground(this.#stopPulling(), this.options.log, 'Pausing a listener');
    for (const partition of this.#partitions) partition.takeBack();
  }

  /** Ends `pause`. */
  resume(): void {
    this.#isPaused = false;
    if (this.#pull || !this.#places || this.#end.signal.aborted) return;
    this.#pull = new Pull(this.engine, {
      ...this.options,
      mend: async () => {
        await this.#ensureConsumers();
        this.#repeat();
      },
      onMessage: (message, partition) => {
        const attempt = Attempt.of(message);
        if (attempt) this.#partitions[partition]?.take(attempt);
      },
    });
    for (const [number, { isFree }] of this.#partitions.entries()) if (isFree) this.#pull.ask(number);
  }

  /** Settles a try; false where nothing waits for it any more. */
  settle(deliveryToken: string, outcome: 'done' | 'failed'): boolean {
    return this.#partitions.some((partition) => partition.settle(deliveryToken, outcome));
  }

  /** Takes nothing more; what is in hand goes to another copy at once. */
  async stop(): Promise<void> {
    this.#end.abort();
    this.#signTimer?.cancel();
    const closed = this.#stopPulling();
    // Only now: NATS would give it to this copy once more.
    for (const partition of this.#partitions) partition.letGo();
    // What NATS does not hear in time comes once more, elsewhere.
    const heard = Promise.all([closed, this.engine.connection.flush()]);
    await within(this.options.clock, ENDS_WITHIN, heard).catch(() => undefined);
  }

  async #ensureConsumers(): Promise<void> {
    const { listener, pace = PACE } = this.options;
    const { created, next } = this.#places ?? {};
    const reached = this.#partitions.map(({ settled }, number) => Math.max(settled + 1, next?.[number] ?? 1));
    const before = created === undefined ? undefined : { created, next: reached };
    this.#places = await ensureConsumers(this.engine, listener, pace.ackWait, before);
  }

  async #stopPulling(): Promise<void> {
    const pull = this.#pull;
    this.#pull = undefined;
    await pull?.close();
  }

  #repeat(): void {
    for (const partition of this.#partitions) partition.repeat();
  }

  /** Tells NATS that this copy lives, and what it has in hand; and looks after what should have come. */
  #giveSigns(): void {
    const { clock, pace = PACE } = this.options;
    this.#signTimer = clock.after(pace.signEvery, () => {
      this.#repeat();
      this.#pull?.check();
      this.#giveSigns();
    });
  }
}

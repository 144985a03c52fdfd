import { Engine, type ReadyEngine } from '../../src/cluster/engine';
import { ClusterNames, partitionOf } from '../../src/cluster/names';
import { Share, type Pace } from '../../src/cluster/share';
import { encode } from '../../src/cluster/wire';
import { systemClock, type Clock } from '../../src/clock';
import type { ChatAppError } from '../../src/errors';
import type { Delivery } from '../../src/inbox/delivery';
import { silentLog } from '../../src/log';
import { Changes } from './changes';
import { nameOf } from './errors';
import { startNats, type Nats } from './nats';

/** A copy that dies is found out sooner than in earnest. */
export const QUICK: Pace = { ackWait: 1_000, signEvery: 250 };
export const LISTENER = 'e1f00d';

/** Several copies at one NATS, as far as they share the work of listeners. */
export class ShareStage {
  readonly names = new ClusterNames('c0ffee', 'account');
  readonly #engines: Engine[] = [];
  readonly #shares: Share[] = [];
  /** Of all copies. */
  readonly #changes = new Changes();

  private constructor(readonly nats: Nats) {}

  /** Undefined, and said, where there is no nats-server. */
  static async open(): Promise<ShareStage | undefined> {
    const nats = await startNats();
    if (!nats) console.log('      skipped: there is no nats-server (NATS_SERVER)');
    return nats && new ShareStage(nats);
  }

  /** One more copy's engine; `end` ends it as a process that dies: without a word. */
  async engine(): Promise<ReadyEngine & { end(): Promise<void> }> {
    const engine = new Engine({
      settings: { servers: this.nats.servers },
      names: this.names,
      clock: systemClock,
      log: silentLog,
      onState: () => undefined,
      onError: () => undefined,
    });
    this.#engines.push(engine);
    engine.start();
    return { ...(await engine.ready()), end: () => engine.close() };
  }

  /** A listener's share on a copy, not started yet, and what its flow gets. */
  share(engine: ReadyEngine, pace = QUICK, listener = LISTENER, clock = systemClock): ShareSeen {
    const seen = new ShareSeen(engine, pace, listener, clock, this.#changes);
    this.#shares.push(seen.share);
    return seen;
  }

  /** Publishes for a listener. */
  async publish({ js, names }: ReadyEngine, delivery: Delivery, listener = LISTENER): Promise<void> {
    await js.publish(names.events(listener, partitionOf(delivery)), encode(delivery));
  }

  async end(): Promise<void> {
    await Promise.all(this.#shares.map((share) => share.stop()));
    await Promise.all(this.#engines.map((engine) => engine.close()));
    await this.nats.end();
  }
}

/** A share, and what came of it. */
export class ShareSeen {
  readonly share: Share;
  readonly deliveries: Delivery[] = [];
  readonly errors: ChatAppError[] = [];
  /** What the flow does with an item. */
  onDelivery: (delivery: Delivery) => void = () => undefined;

  constructor(
    engine: ReadyEngine,
    pace: Pace,
    listener: string,
    clock: Clock,
    private readonly changes: Changes,
  ) {
    this.share = new Share(engine, {
      listener,
      pace,
      clock,
      log: silentLog,
      onDelivery: (delivery) => {
        this.deliveries.push(delivery);
        try {
          this.onDelivery(delivery);
        } finally {
          this.changes.happened();
        }
      },
      onError: (error) => {
        this.errors.push(error);
        this.changes.happened();
      },
    });
  }

  /** As `CODE.reason`. */
  get errorNames(): string[] {
    return this.errors.map(nameOf);
  }

  /** What came, as `<message>#<try>`. */
  get tries(): string[] {
    return this.deliveries.map(({ messageId, attempt }) => `${messageId}#${attempt}`);
  }

  /** Resolves once it holds, whichever copy makes it so. */
  until(holds: (seen: this) => boolean): Promise<void> {
    return this.changes.until(
      () => holds(this),
      () => ({ tries: this.tries.length, latest: this.tries.slice(-5), errors: this.errorNames }),
    );
  }

  done({ deliveryToken = '' }: Delivery): boolean {
    return this.share.settle(deliveryToken, 'done');
  }
}

import { pause, type Clock } from '../clock';
import { ChatAppError } from '../errors';
import type { Inbox } from '../inbox/inbox';
import type { Cluster } from './cluster';
import type { KvRecords } from './kv-records';
import type { LocalListener } from './local-listener';
import { countWaiting, publishStored, takeWaiting } from './own-events';

/** How often the shared records are copied to the own store, in ms: NATS may be switched off after a crash. */
const COPY_EVERY = 30_000;

/** What an instance has for itself: it goes to NATS when that is switched on, and comes from there when it is switched off. */
export class OwnStore {
  constructor(
    private readonly inbox: Pick<Inbox, 'own' | 'ready'>,
    private readonly records: Pick<KvRecords, 'values'>,
    private readonly clock: Clock,
  ) {}

  /** What waits here for a listener goes to all instances. */
  async publish({ nats, publishing }: Cluster, local: LocalListener, signal: AbortSignal): Promise<void> {
    await this.inbox.ready();
    const { own } = this.inbox;
    const events = own?.store.takePending(local.id) ?? [];
    if (!own || events.length === 0) return;
    const onTooLarge = (): void => local.reportError(ChatAppError.of('RECOVERY_FAILED', 'tooLarge', { count: 1 }));
    await publishStored(nats, local.id, events, { ...publishing, store: own.store, onTooLarge }, signal);
  }

  /**
   * Takes what waits in NATS for some listeners: no other instance handles it, so this one delivers it without NATS.
   * Returns how many events are left there. Rejects if NATS cannot be reached.
   * @param limit how long it may take, in ms
   */
  async takeWaiting({ nats }: Cluster, listeners: readonly string[], limit: number): Promise<number> {
    const { own } = this.inbox;
    if (!own) return countWaiting(nats, listeners);
    const end = new AbortController();
    const timer = this.clock.after(limit, () => end.abort());
    const taken = listeners.map((listener) => takeWaiting(nats, listener, own.store, end.signal));
    // If one of them fails, the others still change what is left.
    const results = await Promise.allSettled(taken);
    timer.cancel();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return results.reduce((sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0), 0);
  }

  /**
   * Copies the shared records: this instance goes on from here if NATS is switched off.
   * @param left how many events wait in NATS that no instance takes any more; by default, they are counted
   */
  async copy({ nats, listeners, isAlone }: Cluster, left?: number): Promise<void> {
    const ids = isAlone ? listeners.all.map(({ id }) => id) : [];
    await this.inbox.own?.copy(await this.records.values(), left ?? (await countWaiting(nats, ids)));
  }

  async copyRegularly(cluster: Cluster, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.clock, COPY_EVERY, signal).catch(() => undefined);
      if (signal.aborted) return;
      // While NATS is away, the earlier copy stays.
      await this.copy(cluster).catch(() => undefined);
    }
  }
}

import { EVENT_KEY_VERSION, type EventSource } from '../../src/events';
import { Deduplicator, type DeduplicatorOptions } from '../../src/inbox/deduplicator';
import { FakeClock } from './fake-clock';

/** A deduplicator with its clock, and what it has reported. */
export class Deduplicating {
  readonly clock: FakeClock;
  readonly deduplicator: Deduplicator;
  readonly limits: number[] = [];
  gapSince: number | undefined;
  /** What `add` and `forget` are called with. */
  event = 'message';
  channel = 'one';
  version = EVENT_KEY_VERSION;

  constructor(options: Partial<DeduplicatorOptions> & { readonly clock?: FakeClock } = {}) {
    this.clock = options.clock ?? new FakeClock();
    this.deduplicator = new Deduplicator({
      hasWebhooks: false,
      recoverHours: 24,
      gapSince: () => this.gapSince,
      onLimit: (limit) => this.limits.push(limit),
      ...options,
      clock: this.clock,
    });
  }

  /** True if the key counts as new. */
  add(id: number, edit = 0, source: EventSource = 'socket'): boolean {
    return this.deduplicator.add(this.channel, this.event, { version: this.version, id, edit }, source);
  }

  forget(id: number, edit = 0): void {
    this.deduplicator.forget(this.channel, this.event, { version: this.version, id, edit });
  }
}

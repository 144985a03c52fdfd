import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Clock } from '../clock';
import { ChatAppError } from '../errors';
import type { HeldEvents } from './held-events';
import type { ReadyNats } from './nats-client';
import { findConsumer, waitingIn } from './partition-consumer';

/** While NATS goes on dropping events, how often that is reported, in ms. */
const REPORT_EVERY = 10 * 60_000;

interface StreamRange {
  readonly first_seq: number;
  readonly last_seq: number;
}

export interface WaitingReportOptions {
  readonly listener: string;
  readonly clock: Clock;
  /** How long NATS keeps events, in hours: for what is reported. */
  readonly keepHours: () => number;
  /** So many events of the listener wait in NATS, or are in flight, on all instances together. */
  readonly onWaiting: (count: number) => void;
  /** `RECOVERY_FAILED` for what was dropped, `PAYLOAD_INVALID` for what cannot be read. */
  readonly onError: (error: ChatAppError) => void;
}

/**
 * Reports how many events of a listener wait, and how many NATS has dropped before a flow has handled them. Each instance
 * counts what was dropped in the partitions that it has.
 */
export class WaitingReport {
  /** How many were dropped that were not reported yet, and when some were, in ms (monotonic). */
  #dropped = 0;
  #reportedAt = -Infinity;
  #hasEnded = false;

  constructor(
    private readonly nats: ReadyNats,
    private readonly held: HeldEvents,
    private readonly options: WaitingReportOptions & {
      /** A partition has no consumer. */
      readonly onMissing: (partition: number) => void;
    },
  ) {}

  end(): void {
    this.#hasEnded = true;
  }

  /** @param isOpen whether this instance receives the events of a partition */
  async look(range: StreamRange, isOpen: (partition: number) => boolean): Promise<void> {
    const { clock, keepHours, onWaiting, onError } = this.options;
    const partitions = [...Array(this.nats.partitions).keys()];
    const infos = await Promise.all(partitions.map((partition) => this.#infoOf(partition)));
    // What is published while NATS answers must not count as waiting and once more as published since.
    const { last_seq } = (await this.nats.manager.streams.info(this.nats.names.stream)).state;
    const dropped = infos.map(async (info, partition) => {
      if (!info || !isOpen(partition)) return 0;
      const { handled, waiting } = this.held.partition(partition);
      handled.raiseFloor(info.ack_floor.stream_seq);
      const held = this.held.in(partition).map(([sequence]) => sequence);
      // What is wrong with NATS is reported by its client.
      return waiting.look(info, { ...range, last_seq }, held).catch(() => 0);
    });
    this.#dropped += (await Promise.all(dropped)).reduce((sum, count) => sum + count, 0);
    if (this.#hasEnded) return;
    onWaiting(infos.reduce((sum, info) => sum + waitingIn(info), 0));
    const now = clock.monotonic();
    if (this.#dropped === 0 || now - this.#reportedAt < REPORT_EVERY) return;
    onError(ChatAppError.of('RECOVERY_FAILED', 'expired', { count: this.#dropped, hours: keepHours() }));
    this.#dropped = 0;
    this.#reportedAt = now;
  }

  async #infoOf(partition: number): Promise<ConsumerInfo | undefined> {
    try {
      const info = await findConsumer(this.nats, this.options.listener, partition);
      if (!info) this.options.onMissing(partition);
      return info;
    } catch {
      return undefined;
    }
  }
}

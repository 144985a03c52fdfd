import type { ConsumerInfo } from '@nats-io/jetstream';
import type { ReadyNats } from './nats-client';
import { waitingIn } from './partition-consumer';

const NANOSECONDS = 1_000_000;

/** What was known of a partition at the last look. */
interface Look {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** No event before this one was waiting. */
  readonly oldest: number;
  /** How many events were not handled, as far as NATS knew: some acknowledgements may have been on their way. */
  readonly waiting: number;
  readonly maxOnTheWay: number;
}

/**
 * Counts the events of a partition that NATS has dropped although no flow has handled them: they were too old, or somebody
 * has purged the stream. NATS itself forgets them silently.
 */
export class WaitingEvents {
  #last: Look | undefined;
  /** No event of the partition before this one is in the stream; undefined before the first look. */
  #first: number | undefined;
  /** What was handled since the last look, of what was in the stream then. NATS may deliver some of it again. */
  readonly #handled = new Set<number>();

  constructor(
    private readonly nats: Pick<ReadyNats, 'manager' | 'names'>,
    private readonly subject: string,
  ) {}

  /** This instance receives the events of the partition from now on: others may have handled some meanwhile. */
  begin(): void {
    this.#last = undefined;
    this.#first = undefined;
    this.#handled.clear();
  }

  onHandled(sequence: number): void {
    if (sequence >= (this.#last?.firstSequence ?? 0)) this.#handled.add(sequence);
  }

  /**
   * Returns how many were dropped since the last look.
   * @param held the sequences of events that this instance has, in order: they are not lost
   */
  async look(
    info: ConsumerInfo,
    state: { readonly first_seq: number; readonly last_seq: number },
    held: readonly number[],
  ): Promise<number> {
    const last = this.#last;
    const handled = this.#handled.size;
    const maxOnTheWay = [...this.#handled].filter((sequence) => sequence > info.ack_floor.stream_seq).length;
    const waiting = waitingIn(info);
    const [oldest = info.ack_floor.stream_seq + 1] = held;
    this.#handled.clear();
    this.#last = {
      firstSequence: state.first_seq,
      lastSequence: state.last_seq,
      oldest,
      waiting,
      maxOnTheWay,
    };
    // Counting takes several answers, between which events come and go: only if the partition has lost its oldest events.
    const isDropped = await this.#hasLostOldest(state);
    if (!last || last.waiting === 0 || !isDropped || state.first_seq <= last.oldest) return 0;
    const published = await this.#countSince(last.lastSequence);
    const saved = held.filter((sequence) => sequence >= last.firstSequence && sequence < state.first_seq).length;
    return Math.max(0, last.waiting - last.maxOnTheWay + published - handled - waiting - saved);
  }

  /**
   * True if the stream has dropped events of the partition since the last look. The stream also begins later if a health
   * message at its beginning is replaced, or if it drops events of other partitions.
   */
  async #hasLostOldest(state: { readonly first_seq: number; readonly last_seq: number }): Promise<boolean> {
    const before = this.#first;
    if (before !== undefined && state.first_seq <= before) return false;
    const { manager, names } = this.nats;
    // With a subject, the server answers with the first message from `seq` on.
    const firstOfSubject = { seq: 1, next_by_subj: this.subject };
    const oldest = await manager.streams.getMessage(names.stream, firstOfSubject);
    this.#first = oldest?.seq ?? state.last_seq + 1;
    return before !== undefined && this.#first > before;
  }

  /** How many events were published after this one. Only a consumer can count. */
  async #countSince(sequence: number): Promise<number> {
    const { manager, names } = this.nats;
    const counter = await manager.consumers.add(names.stream, {
      ack_policy: 'none',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: sequence + 1,
      filter_subject: this.subject,
      mem_storage: true,
      inactive_threshold: 1_000 * NANOSECONDS,
    });
    await manager.consumers.delete(names.stream, counter.name);
    return counter.num_pending;
  }
}

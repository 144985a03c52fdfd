import type { Segment } from './segment';
import type { StorageError } from './storage-error';

/** What one commit holds at most: enough for a burst, little enough to be put together within some ms. */
const [COMMIT_RECORDS, COMMIT_BYTES] = [250, 4 * 1024 * 1024];
/** Bounds the time that it takes to write them down. */
const REMOVALS_PER_RECORD = 1_000;

/** What waits for its commit. */
export interface Task {
  /** Absent: it lists the sequences that are removed, or none: then somebody waits for those before it. */
  readonly body?: Buffer;
  readonly removed?: number[];
  /** Compaction moves the record `sequence` from here. */
  readonly source?: Segment;
  readonly sequence?: number;
  readonly resolve?: (sequence: number) => void;
  readonly reject?: (error: StorageError) => void;
}

/** Keeps the order of the calls. Removals that follow each other share a record. */
export class CommitQueue {
  readonly #tasks: Task[] = [];

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  add(task: Task): void {
    this.#tasks.push(task);
  }

  addFirst(tasks: readonly Task[]): void {
    this.#tasks.unshift(...tasks);
  }

  addRemoval(sequence: number): void {
    const last = this.#tasks.at(-1)?.removed;
    if (last && last.length < REMOVALS_PER_RECORD) last.push(sequence);
    else this.#tasks.push({ removed: [sequence] });
  }

  /** The tasks of the next commit. */
  take(): Task[] {
    let [count, bytes] = [0, 0];
    for (const { body } of this.#tasks.slice(0, COMMIT_RECORDS)) {
      bytes += body?.length ?? 0;
      if (count > 0 && bytes > COMMIT_BYTES) break;
      count += 1;
    }
    return this.#tasks.splice(0, count);
  }

  takeAll(): Task[] {
    return this.#tasks.splice(0);
  }
}

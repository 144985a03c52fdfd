import type { KV, KvWatchEntry } from '@nats-io/kv';
import { pause, type Clock } from '../clock';
import { runInBackground, type Log } from '../log';

/** How soon a watch that has ended or cannot be opened is opened again, in ms. */
const REOPEN_AFTER = 500;

export interface KvWatchOptions {
  /** What is watched: a key, or a pattern such as `members.>`. */
  readonly key: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with the latest entry of each key at first, and with each change. After `reopen`, entries come again. */
  readonly onEntry: (entry: KvWatchEntry) => void;
}

/**
 * Shows changes of keys. If a bucket is deleted, or the server forgets the consumer behind the watch, a watch of the client
 * stays silent for ever. Only its user can notice that, and calls `reopen`.
 */
export class KvWatch {
  readonly #end = new AbortController();
  #entries: Awaited<ReturnType<KV['watch']>> | undefined;

  constructor(
    private readonly kv: KV,
    private readonly options: KvWatchOptions,
  ) {}

  start(): void {
    runInBackground(this.#run(), this.options.log, 'Watching NATS');
  }

  reopen(): void {
    this.#entries?.stop();
  }

  stop(): void {
    this.#end.abort(new Error('stopped'));
    this.#entries?.stop();
  }

  #isStopped(): boolean {
    return this.#end.signal.aborted;
  }

  async #run(): Promise<void> {
    const { key, clock, onEntry } = this.options;
    while (!this.#isStopped()) {
      try {
        const entries = await this.kv.watch({ key });
        this.#entries = entries;
        if (this.#isStopped()) entries.stop();
        for await (const entry of entries) if (!this.#isStopped()) onEntry(entry);
      } catch {
        // What is wrong with NATS is reported by its client.
      }
      await pause(clock, REOPEN_AFTER, this.#end.signal).catch(() => undefined);
    }
  }
}

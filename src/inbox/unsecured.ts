import type { Clock } from '../clock';

interface Entry {
  readonly channel: string;
  /** When it arrived, in ms (monotonic). */
  readonly at: number;
  /** What waits for it; made when somebody waits, which is seldom. */
  waiting?: (() => void)[];
}

/** The accepted events of a connection that a crash could still lose, in the order of arrival. */
export class Unsecured {
  readonly #open = new Set<Entry>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** When the oldest of them arrived, in ms (monotonic). */
  get oldest(): number | undefined {
    const [oldest] = this.#open;
    return oldest?.at;
  }

  /** Events of a channel were accepted; the result is called when no crash can lose them any more. */
  add(channel: string): () => void {
    const entry: Entry = { channel, at: this.clock.monotonic() };
    this.#open.add(entry);
    return () => {
      if (this.#open.delete(entry)) for (const resolve of entry.waiting ?? []) resolve();
    };
  }

  /** Resolves when no crash can lose anything of the channel, or of all, that was accepted until now. */
  async settled(channel?: string): Promise<void> {
    const open = [...this.#open].filter((entry) => channel === undefined || entry.channel === channel);
    await Promise.all(open.map((entry) => new Promise<void>((resolve) => (entry.waiting ??= []).push(resolve))));
  }
}

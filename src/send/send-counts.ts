import { ChatAppError } from '../errors';
import type { SenderHealth } from '../health';

/** How many nodes are counted each: nodes that are deleted leave their counts. All further ones share those of no node. */
const MAX_NODES = 1_000;

interface Counts {
  queued: number;
  sent: number;
  uncertain: number;
  readonly refused: Map<string, number>;
}

/** What became of all that nodes send and ask, by the ids of the nodes. */
export class SendCounts {
  readonly #nodes = new Map<string, Counts>();

  /** @param onError called with each error of the closed list, and the node that has got it */
  constructor(private readonly onError: (error: ChatAppError, node: string | undefined) => void) {}

  /** Runs `task` for a node, and counts its outcome. */
  async track<T>(node: string | undefined, task: () => Promise<T>): Promise<T> {
    const end = this.begin(node);
    try {
      const result = await task();
      end();
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  /** To be called with the error once it is over; without one if it went well. */
  begin(node: string | undefined): (error?: unknown) => void {
    const counts = this.#of(node ?? '');
    counts.queued += 1;
    return (error) => {
      counts.queued -= 1;
      if (error === undefined) counts.sent += 1;
      else if (error instanceof ChatAppError) this.#fail(counts, error, node);
      else counts.uncertain += 1;
    };
  }

  get all(): SenderHealth[] {
    return [...this.#nodes].map(([node, { refused, ...counts }]) => ({
      node,
      ...counts,
      refused: Object.fromEntries(refused),
    }));
  }

  #fail(counts: Counts, error: ChatAppError, node: string | undefined): void {
    this.onError(error, node);
    const { code, reason } = error;
    if (code === 'SEND_UNCERTAIN' || reason === 'uncertain') {
      counts.uncertain += 1;
      return;
    }
    const name = `${code}.${reason}`;
    counts.refused.set(name, (counts.refused.get(name) ?? 0) + 1);
  }

  #of(node: string): Counts {
    const known = this.#nodes.get(node);
    if (known) return known;
    if (node !== '' && this.#nodes.size >= MAX_NODES) return this.#of('');
    const counts = { queued: 0, sent: 0, uncertain: 0, refused: new Map<string, number>() };
    this.#nodes.set(node, counts);
    return counts;
  }
}

import { basename } from 'node:path';
import type { NodeAPI } from 'node-red';
import type { RemovableStore } from '../../src';
import { isRecord, parseJson } from '../../src/events/json';
import { nodesInFlows } from '../shared/in-flows';

/** For so long a connection that is in no flow any more may come back in the same run of Node-RED, in ms. */
const KEEP = 24 * 60 * 60_000;

/** What is known of the connections that have something stored. */
const INDEX = 'connections.json';

interface Entry {
  /** The names of what is stored for it. */
  readonly files: readonly string[];
  /** The run of Node-RED in which it was first found to be in no flow. */
  readonly goneSince?: string;
}

type Runtime = Pick<NodeAPI, 'nodes' | 'events' | 'log'>;

/**
 * Removes what is stored for connections that were deleted: those that are in no flow after flows have started, and
 * still not a day or one restart later. Until then somebody may undo it. A disabled node is in a flow.
 */
export class StoredState {
  static readonly #sweeps = new WeakMap<object, () => void>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #last: Promise<void>;

  constructor(
    private readonly RED: Runtime,
    private readonly store: RemovableStore,
    /** Names this run of Node-RED: the same however often this package is loaded in it. */
    private readonly run = `${process.pid} ${performance.timeOrigin}`,
    private readonly keep = KEEP,
  ) {
    // While nothing can be stored, nothing is known of what is.
    this.#last = store.opened ?? Promise.resolve();
    const { events } = RED;
    const sweep = (): void => this.#next((index) => this.#sweep(index));
    // This package may be loaded again in the same Node-RED: the latest one looks after what is stored.
    const earlier = StoredState.#sweeps.get(events);
    if (earlier) events.off('flows:started', earlier);
    StoredState.#sweeps.set(events, sweep);
    events.on('flows:started', sweep);
  }

  /** What is stored for the connection node `id` has these names. */
  note(id: string, files: readonly string[]): void {
    this.#next((index) => {
      index.set(id, { files: [...new Set([...(index.get(id)?.files ?? []), ...files])] });
      return Promise.resolve();
    });
  }

  /** One change of the index after the other. */
  #next(change: (index: Map<string, Entry>) => Promise<void>): void {
    this.#last = this.#last
      .then(async () => {
        const before = await this.store.read(INDEX);
        const index = entriesIn(before);
        await change(index);
        const after = JSON.stringify(Object.fromEntries(index));
        if (after !== (before ?? '{}')) await this.store.write(INDEX, after);
      })
      // A folder that cannot be written to is reported by those who need it.
      .catch(() => this.RED.log.debug('[chatapp-connection] What is stored could not be looked through'));
  }

  async #sweep(index: Map<string, Entry>): Promise<void> {
    const isThere = nodesInFlows(this.RED.nodes);
    for (const [id, { files, goneSince }] of index) {
      if (isThere(id)) {
        this.#forget(id);
        index.set(id, { files });
      } else if (goneSince === undefined) {
        index.set(id, { files, goneSince: this.run });
        const timer = setTimeout(() => this.#next((later) => this.#removeIfGone(later, id)), this.keep);
        this.#timers.set(id, timer.unref());
      } else if (goneSince !== this.run) {
        await this.#remove(index, id);
      }
    }
  }

  async #removeIfGone(index: Map<string, Entry>, id: string): Promise<void> {
    const isMarked = index.get(id)?.goneSince === this.run;
    if (isMarked && !nodesInFlows(this.RED.nodes)(id)) await this.#remove(index, id);
  }

  async #remove(index: Map<string, Entry>, id: string): Promise<void> {
    const files = index.get(id)?.files ?? [];
    this.#forget(id);
    index.delete(id);
    // Connections of one account share its tokens.
    const others = new Set([...index.values()].flatMap((entry) => entry.files));
    for (const file of files) if (!others.has(file)) await this.store.remove(file);
    this.RED.log.info(`[chatapp-connection] What was stored for the deleted connection ${id} is removed`);
  }

  #forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

function entriesIn(text: string | undefined): Map<string, Entry> {
  const value = text === undefined ? undefined : parseJson(text);
  const entries = Object.entries(isRecord(value) ? value : {});
  return new Map(entries.flatMap(([id, entry]): [string, Entry][] => (isEntry(entry) ? [[id, entry]] : [])));
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || !Array.isArray(value.files)) return false;
  const { files, goneSince } = value;
  return files.every(isFileName) && (goneSince === undefined || typeof goneSince === 'string');
}

/** A file of the folder itself: what the index names is removed. */
function isFileName(file: unknown): boolean {
  return typeof file === 'string' && basename(file) === file;
}

import type { Connection, ConnectionOptions, Log, Store } from '../../src';

/** How long a connection outlives its node, in ms: as long as a deploy may take. */
const OUTLIVES = 10_000;

/** Whom a connection tells what happens: the node that stands for it now. */
export type Teller = Pick<ConnectionOptions, 'onError' | 'onSocket'> & { readonly log: Log };

/** Makes a connection; `settled` wraps a store so that it waits for an earlier connection's last words. */
export type MakeConnection = (teller: Teller, settled: (store: Store) => Store) => Connection;

interface Entry {
  readonly settings: string;
  /** Whose callbacks it sets; absent where it sets none. */
  readonly callbacksOf: string | undefined;
  readonly connection: Connection;
  teller: Teller;
  end?: NodeJS.Timeout;
}

/**
 * Connections by the id of their node. A deploy closes a config node and makes it anew: where its settings are the
 * same, the new one goes on with the connection of the old one, so that no event is missed in between.
 */
export class LastingConnections {
  readonly #entries = new Map<string, Entry>();

  /**
   * The connection of the node `id`: the one that it had, or a new one where its `settings` have changed. The callbacks
   * of the old one are removed unless the new one sets `callbacksOf` the same account.
   */
  take(id: string, settings: string, teller: Teller, make: MakeConnection, callbacksOf?: string): Connection {
    const known = this.#entries.get(id);
    if (known?.settings === settings) {
      clearTimeout(known.end);
      known.teller = teller;
      return known.connection;
    }
    const closed = this.#end(id, known?.callbacksOf === callbacksOf ? 'now' : 'forGood');
    const connection = make(this.#current(id, teller), (store) => waitingFor(closed, store));
    this.#entries.set(id, { settings, callbacksOf, connection, teller });
    return connection;
  }

  /** The connection of the node `id`, which also goes on while a deploy is under way. */
  find(id: string): Connection | undefined {
    return this.#entries.get(id)?.connection;
  }

  /**
   * The node is closed, and its connection ends: at once where that is `forGood` or `now`; where it `mayReturn`, soon
   * unless the node comes back.
   */
  async release(id: string, how: 'forGood' | 'now' | 'mayReturn'): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    if (how !== 'mayReturn') return this.#end(id, how);
    entry.end = setTimeout(() => void this.#end(id, 'now'), OUTLIVES);
    await entry.connection.flush();
  }

  async #end(id: string, how: 'now' | 'forGood'): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    clearTimeout(entry?.end);
    // What cannot be closed in good order is gone all the same.
    await entry?.connection.close(how).catch(() => entry.teller.log.warn('The connection did not close in good order'));
  }

  /** Speaks to whichever node stands for the connection at the time. */
  #current(id: string, first: Teller): Teller {
    const teller = (): Teller => this.#entries.get(id)?.teller ?? first;
    return {
      onError: (error) => teller().onError(error),
      onSocket: (state) => teller().onSocket?.(state),
      log: {
        debug: (line) => teller().log.debug(line),
        info: (line) => teller().log.info(line),
        warn: (line) => teller().log.warn(line),
      },
    };
  }
}

function waitingFor(closed: Promise<void>, store: Store): Store {
  return {
    read: (name) => closed.then(() => store.read(name)),
    write: (name, text) => closed.then(() => store.write(name, text)),
  };
}

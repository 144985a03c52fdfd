import { runInBackground } from '../../src/log';
import type { Connection, ConnectionOptions, Log, Store } from '../../src';
import type { Deploys } from '../shared/deploys';

/** Where a connection reports what happens: the node that it belongs to now. */
export type Reporter = Pick<ConnectionOptions, 'onError' | 'onSocket' | 'onNotice'> & { readonly log: Log };

/** Makes a connection; `settled` wraps a store so that it waits for an earlier connection's last words. */
export type MakeConnection = (reporter: Reporter, settled: (store: Store) => Store) => Connection;

interface Entry {
  readonly settings: string;
  /** What it uses elsewhere: the account whose callbacks it sets, or a NATS; absent if it uses nothing. */
  readonly usedElsewhere: string | undefined;
  readonly connection: Connection;
  reporter: Reporter;
  /** Its node is closed, and another one may take it. */
  isReleased: boolean;
}

/**
 * Connections by the id of their node. A deploy closes a config node and creates it again. If its settings are the
 * same, the new one goes on with the connection of the old one, so that no event is missed in between.
 */
export class ConnectionRegistry {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly deploys: Pick<Deploys, 'onNextStart'>) {}

  /**
   * The connection of the node `id`: the one that it had, or a new one if its `settings` have changed. The old one leaves
   * permanently what it has used elsewhere, unless the new one has the same in `usedElsewhere`.
   */
  take(id: string, settings: string, reporter: Reporter, make: MakeConnection, usedElsewhere?: string): Connection {
    const known = this.#entries.get(id);
    if (known?.settings === settings) {
      known.isReleased = false;
      known.reporter = reporter;
      return known.connection;
    }
    const closed = this.#end(id, known?.usedElsewhere === usedElsewhere ? 'now' : 'removed');
    const connection = make(this.#current(id, reporter), (store) => waitingFor(closed, store));
    this.#entries.set(id, { settings, usedElsewhere, connection, reporter, isReleased: false });
    return connection;
  }

  /** The connection of the node `id`, which also goes on while a deploy is under way. */
  find(id: string): Connection | undefined {
    return this.#entries.get(id)?.connection;
  }

  /**
   * The node is closed, and its connection ends: at once if that is `removed` or `now`; if it `mayReturn`, when flows have
   * started and no node has taken it.
   */
  async release(id: string, how: 'removed' | 'now' | 'mayReturn'): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    if (how !== 'mayReturn') return this.#end(id, how);
    entry.isReleased = true;
    this.deploys.onNextStart(() =>
      runInBackground(this.#endIfReleased(id, entry), entry.reporter.log, 'Closing the connection'),
    );
    await entry.connection.flush();
  }

  async #endIfReleased(id: string, entry: Entry): Promise<void> {
    // Whatever else ends as flows start, such as the listeners of this connection, comes first.
    await Promise.resolve();
    if (this.#entries.get(id) === entry && entry.isReleased) await this.#end(id, 'now');
  }

  async #end(id: string, how: 'now' | 'removed'): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    // A connection that fails to close is gone all the same.
    await entry?.connection.close(how).catch(() => entry.reporter.log.warn('The connection did not close cleanly'));
  }

  /** Reports to the node that the connection belongs to at the time. */
  #current(id: string, first: Reporter): Reporter {
    const reporter = (): Reporter => this.#entries.get(id)?.reporter ?? first;
    return {
      onError: (error) => reporter().onError(error),
      onSocket: (state) => reporter().onSocket?.(state),
      onNotice: (notice) => reporter().onNotice?.(notice),
      log: {
        debug: (line) => reporter().log.debug(line),
        info: (line) => reporter().log.info(line),
        warn: (line) => reporter().log.warn(line),
      },
    };
  }
}

function waitingFor(closed: Promise<void>, store: Store): Store {
  return {
    read: (name) => closed.then(() => store.read(name)),
    write: (name, text) => closed.then(() => store.write(name, text)),
    ...(store.key && { key: store.key }),
    ...(store.observe && { observe: store.observe }),
    ...(store.records && { records: recordsAfter(closed, store.records) }),
  };
}

type Records = NonNullable<Store['records']>;

function recordsAfter(closed: Promise<void>, records: Records): Records {
  return {
    append: (record, raw) => closed.then(() => records.append(record, raw)),
    read: (sequence) => closed.then(() => records.read(sequence)),
    remove(sequence) {
      const remove = (): void => records.remove(sequence);
      closed.then(remove, remove);
    },
    bytesOf: (sequence) => records.bytesOf(sequence),
    flush: () => closed.then(() => records.flush()),
    async *entries(kind) {
      await closed;
      yield* records.entries(kind);
    },
  };
}

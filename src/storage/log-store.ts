import { detail } from '../error-details';
import { ChatAppError } from '../errors';
import { makeStoreKey, type FolderStore, type RemovableStore, type StoreObserver } from '../store';
import type { Storage, StorageEntry, StorageRecord } from './storage';
import { StorageError } from './storage-error';

const KIND = 'text';
/** The files in which earlier versions kept texts. */
const EARLIER = /^(tokens-.+|callback-secret-.+|connections)\.json$/;

interface TextRecord extends StorageRecord {
  readonly name: string;
  readonly text: string;
}

interface StoredText {
  text: string;
  /** False while it is in memory only. */
  isStored: boolean;
  /** Its records: all but one are yet to be removed. */
  sequences: number[];
}

/**
 * Texts by name in a storage. All are in memory as well, so that connections work while nothing can be stored; what
 * changed meanwhile is written when the storage works. Files of an earlier version are taken over once.
 */
export class LogStore implements RemovableStore {
  /** Resolves when the storage was read, which may be never. */
  readonly opened: Promise<void>;
  readonly #texts = new Map<string, StoredText>();
  readonly #earlier = new Set<string>();
  /** The key of what is locked while the key cannot be stored either. */
  #unstoredKey: string | undefined;
  #last: Promise<void> = Promise.resolve();
  #isLoaded = false;
  #onLoaded: () => void = () => undefined;

  constructor(
    private readonly storage: Storage,
    /** Where earlier versions kept texts, and where the key is. */
    private readonly files: FolderStore,
    /** Names the storage in errors. */
    private readonly folder: string,
  ) {
    this.opened = new Promise((resolve) => (this.#onLoaded = resolve));
  }

  async key(login: string): Promise<string> {
    if (this.#unstoredKey !== undefined) return this.#unstoredKey;
    return this.files.key(login).catch(() => (this.#unstoredKey ??= makeStoreKey()));
  }

  /** Opens the storage, if that is possible; else the first use does. */
  open(): Promise<void> {
    return this.#sync();
  }

  async read(name: string): Promise<string | undefined> {
    if (!this.#isLoaded) await this.#sync();
    const known = this.#texts.get(name);
    if (known || this.#isLoaded) return known?.text;
    // Nothing can be stored, but what an earlier version has left may be readable.
    return EARLIER.test(name) ? this.files.read(name).catch(() => undefined) : undefined;
  }

  /** Resolves when the text is stored, or kept in memory because nothing can be stored. */
  async write(name: string, text: string): Promise<void> {
    const entry = this.#texts.get(name) ?? { text, isStored: false, sequences: [] };
    Object.assign(entry, { text, isStored: false });
    this.#texts.set(name, entry);
    if (!this.#isLoaded) await this.#sync();
    await this.#next(async () => {
      this.#texts.set(name, entry);
      await this.#store(name, entry);
    });
  }

  /** To be called when the storage was `opened`: a text that was not read yet would come back. */
  remove(name: string): Promise<void> {
    return this.#next(() => {
      for (const sequence of this.#texts.get(name)?.sequences ?? []) this.storage.remove(sequence);
      this.#texts.delete(name);
      return Promise.resolve();
    });
  }

  observe({ onState, onError }: StoreObserver): () => void {
    return this.storage.observe({
      onState: (state) => {
        // What it rejects with is reported as a state of the storage.
        if (state.kind === 'open') this.#sync().catch(() => undefined);
        onState(state.kind === 'failed' ? this.#errorOf(state.error) : undefined);
      },
      onDamage: (error) => onError(this.#errorOf(error)),
    });
  }

  /** Reads what is stored, if that was not possible before, and writes what is only in memory. */
  #sync(): Promise<void> {
    return this.#next(async () => {
      await this.storage.ready();
      if (this.storage.state.kind !== 'open') return;
      if (!this.#isLoaded) await this.#load();
      // First the key, without which the texts are of no use.
      if (this.#unstoredKey !== undefined) await this.files.key('', this.#unstoredKey).catch(() => undefined);
      for (const [name, entry] of this.#texts) await this.#store(name, entry);
      for (const name of this.#earlier) {
        // One that cannot be removed is passed over at the next start.
        await this.files.remove(name).catch(() => undefined);
        this.#earlier.delete(name);
      }
    });
  }

  async #load(): Promise<void> {
    for await (const entry of this.storage.entries(KIND)) this.#add(entry);
    for (const name of await this.files.list()) {
      if (!EARLIER.test(name)) continue;
      const text = await this.files.read(name).catch(() => undefined);
      if (text === undefined) continue;
      if (!this.#texts.has(name)) this.#texts.set(name, { text, isStored: false, sequences: [] });
      this.#earlier.add(name);
    }
    this.#isLoaded = true;
    this.#onLoaded();
  }

  /** A crash between a record and the removal of the one before leaves both. What is in memory is newer than either. */
  #add({ sequence, record: { name, text } }: StorageEntry): void {
    if (typeof name !== 'string' || typeof text !== 'string') return;
    const known = this.#texts.get(name);
    if (!known) this.#texts.set(name, { text, isStored: true, sequences: [sequence] });
    else if (!known.sequences.includes(sequence)) {
      known.sequences.push(sequence);
      if (known.isStored) known.text = text;
    }
  }

  async #store(name: string, entry: StoredText): Promise<void> {
    const { text, sequences } = entry;
    if (!entry.isStored) {
      const record: TextRecord = { kind: KIND, name, text };
      sequences.push(await this.storage.append(record));
      entry.isStored = entry.text === text;
    }
    for (const sequence of sequences.splice(0, sequences.length - 1)) this.storage.remove(sequence);
  }

  /** One after the other. What fails is kept in memory, and reported by the storage. */
  #next(job: () => Promise<void>): Promise<void> {
    const done = this.#last.then(job).catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  #errorOf({ reason, count, code }: StorageError): ChatAppError {
    const { folder } = this;
    if (reason === 'full') return ChatAppError.of('STORE_FAILED', 'full', { folder });
    if (reason === 'corrupt') return ChatAppError.of('STORE_FAILED', 'corrupt', { folder, count });
    const problem = reason === 'taken' ? detail('problem', 'storeTaken') : { problem: code };
    return ChatAppError.of('STORE_FAILED', 'unavailable', { folder, ...problem });
  }
}

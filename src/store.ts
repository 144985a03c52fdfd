import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatAppError } from './errors';
import type { Storage } from './storage/storage';

/**
 * What must be remembered beyond a restart: small texts by name. Names are made of letters, digits, dots and dashes.
 */
export interface Store {
  /** The text, or `undefined` where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Replaces the text. What is read later is the old text or the new one, never a part. */
  write(name: string, text: string): Promise<void>;
  /**
   * Runs `run` while nobody else who shares the store runs anything under this name. Absent where nobody shares it.
   */
  exclusively?<T>(name: string, run: () => Promise<T>): Promise<T>;
  /**
   * A random text, made once for the store, that is mixed into the key of all that is locked in it. Where others can
   * read the store, it is locked itself with the `login` of the account. Absent where nothing outlives the process.
   */
  readonly key?: (login: string) => Promise<string>;
  /** Records of the inbox, in the order of writing. Absent if nothing outlives the process. */
  readonly records?: Pick<Storage, 'append' | 'read' | 'remove' | 'bytesOf' | 'flush' | 'entries'>;
  /** Observes whether it works, until the result is called. Absent if nobody can tell. */
  readonly observe?: (observer: StoreObserver) => () => void;
}

export interface StoreObserver {
  /** Called at once, and then at each change. `STORE_FAILED` while nothing can be stored: texts are kept in memory then. */
  readonly onState: (failure: ChatAppError | undefined) => void;
  /** `STORE_FAILED`: something that was stored is lost. */
  readonly onError: (error: ChatAppError) => void;
}

/** A store whose texts can be removed. */
export interface RemovableStore extends Store {
  /** Removes the text, if it is there. */
  remove(name: string): Promise<void>;
  /** Resolves when it is known what is stored; absent if that is always known. */
  readonly opened?: Promise<void>;
}

/** A store of files in a folder. */
export interface FolderStore extends RemovableStore {
  /** @param made becomes the key if there is none. */
  key(login: string, made?: string): Promise<string>;
  /** Names of all files in the folder. */
  list(): Promise<string[]>;
}

const KEY_BYTES = 32;

/** A new key of a store: 43 characters. */
export function makeStoreKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

export function isStoreKey(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** Keeps each text in a file of its own that only this user may read. The folder is made when it is first needed. */
export function fileStore(folder: string): FolderStore {
  let last: Promise<void> = Promise.resolve();
  return {
    read: (name) => readText(folder, name),
    remove: (name) => rm(join(folder, name), { force: true }),
    list: () => readdir(folder).catch(() => []),
    key: (_login, made) => keyIn(folder, made),
    write(name, text) {
      // One after the other, or an older text could take the place of a newer one.
      const written = last.then(() => replace(folder, name, text));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

async function readText(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The key of all that is in the folder. Another process that makes it at the same time gets the same. */
async function keyIn(folder: string, made = makeStoreKey()): Promise<string> {
  // Editors end a file with a line end.
  const known = (await readText(folder, KEY_FILE))?.trim();
  if (known !== undefined && isStoreKey(known)) {
    // A copy or a backup may have left it readable to others. Where that cannot be changed, the key is good all the same.
    await chmod(join(folder, KEY_FILE), 0o600).catch(() => undefined);
    return known;
  }
  // What is there is no key: it is of no use.
  if (known !== undefined) await replace(folder, KEY_FILE, made);
  else await create(folder, KEY_FILE, made);
  const kept = await readText(folder, KEY_FILE);
  if (kept !== undefined && isStoreKey(kept)) return kept;
  throw new Error('The key of the store could not be kept');
}

const KEY_FILE = 'machine-key';

/** Writes a whole file, unless there is one. */
async function create(folder: string, name: string, text: string): Promise<void> {
  await makeFolder(folder);
  const [beside, target] = [join(folder, `.${name}.${randomUUID()}`), join(folder, name)];
  try {
    await writeFile(beside, text, { mode: 0o600, flush: true });
    // Some file systems know no hard links.
    await link(beside, target).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error;
      return copyFile(beside, target, constants.COPYFILE_EXCL);
    });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(beside, { force: true });
  }
}

/** Not its parent: a user directory that was removed while something is still being written stays removed. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Writes beside the file and then moves there, so that a crash leaves the old text or the new one. */
async function replace(folder: string, name: string, text: string): Promise<void> {
  await makeFolder(folder);
  const beside = join(folder, `.${name}.${randomUUID()}`);
  try {
    await writeFile(beside, text, { mode: 0o600, flush: true });
    await rename(beside, join(folder, name));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Remembers until the process ends. */
export function memoryStore(): Store {
  const texts = new Map<string, string>();
  return {
    read: (name) => Promise.resolve(texts.get(name)),
    write: (name, text) => {
      texts.set(name, text);
      return Promise.resolve();
    },
  };
}

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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
}

/** Keeps each text in a file of its own that only this user may read. The folder is made when it is first needed. */
export function fileStore(folder: string): Store {
  let last: Promise<void> = Promise.resolve();
  return {
    async read(name) {
      try {
        return await readFile(join(folder, name), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(name, text) {
      // One after the other, or an older text could take the place of a newer one.
      const written = last.then(() => replace(folder, name, text));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** Writes beside the file and then moves there, so that a crash leaves the old text or the new one. */
async function replace(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
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

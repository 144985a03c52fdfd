import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/**
 * What must be remembered beyond a restart: small texts by name. Names are made of letters, digits, dots and dashes.
 */
export interface Store {
  /** The text, or `undefined` where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Replaces the text. What is read later is the old text or the new one, never a part. */
  write(name: string, text: string): Promise<void>;
}

/** Keeps each text in a file of its own that only this user may read. The folder is made when it is first needed. */
export function fileStore(folder: string): Store {
  return {
    async read(name) {
      try {
        return await readFile(join(folder, name), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(name, text) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomic(join(folder, name), text, { mode: 0o600 });
    },
  };
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

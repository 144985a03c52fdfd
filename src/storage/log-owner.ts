import { readSync, statSync } from 'node:fs';
import { constants, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from './segment';

/**
 * Whose folder it is: a file holds the id of the process that has opened the log last. It is kept open, since it is read
 * with every commit.
 */
export class LogOwner {
  readonly #read: Buffer;

  private constructor(
    private readonly id: Buffer,
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly inode: number,
  ) {
    this.#read = Buffer.alloc(id.length);
  }

  /** Takes the folder. Overwrites in place, which works on a full disk too. */
  static async take(folder: string, id: string, open: OpenFile): Promise<LogOwner> {
    const path = join(folder, 'owner');
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      await file.write(id, 0);
      return new LogOwner(Buffer.from(id), path, file, (await file.stat()).ino);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * True if nobody has taken the folder since.
   * @throws if the folder is not there any more: what is written to its open files would be lost
   */
  isValid(): boolean {
    // Both take 10 µs, as they come out of the system's memory. As work of other threads, they cost most of a commit.
    const { ino } = statSync(this.path);
    readSync(this.file.fd, this.#read, 0, this.#read.length, 0);
    return ino === this.inode && this.#read.equals(this.id);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

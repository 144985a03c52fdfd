import type { Clock } from '../../src/clock';
import { constants, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppendLog } from '../../src/storage/append-log';
import type { OpenFile } from '../../src/storage/segment';
import type { StorageError } from '../../src/storage/storage-error';
import { scaledClock } from './scaled-clock';

/** A folder for a log, and a disk whose faults a test decides about. */
export class LogDisk {
  /** How many more bytes fit on the disk. */
  room = Infinity;
  /** Code with which files cannot be opened, written or cut. */
  failure: { on: 'open' | 'write' | 'truncate'; code: string } | undefined;
  /** Gets the records that are about to be written, which waits for it. */
  beforeWrite: (records: Buffer) => Promise<void> | void = () => undefined;
  readonly errors: StorageError[] = [];
  readonly #logs: AppendLog[] = [];

  private constructor(
    readonly folder: string,
    private readonly isSynced: boolean,
  ) {}

  /** `isSynced: false` does without flushing to the disk, which a test of what files contain does not need. */
  static async create({ isSynced = false } = {}): Promise<LogDisk> {
    return new LogDisk(await mkdtemp(join(tmpdir(), 'chatapp-log-')), isSynced);
  }

  async openLog(folder = this.folder, clock: Clock = scaledClock(10)): Promise<AppendLog> {
    const log = await AppendLog.open(folder, {
      clock,
      onError: (error) => this.errors.push(error),
      open: this.open,
    });
    this.#logs.push(log);
    return log;
  }

  /** Suspends the next write. Resolves once the log has come to it, with the function that lets it go on. */
  suspendWrite(): Promise<() => void> {
    return new Promise((begun) => {
      this.beforeWrite = () => {
        this.beforeWrite = () => undefined;
        return new Promise((resume) => begun(resume));
      };
    });
  }

  /** Names of the files with records, from the oldest. */
  async segments(folder = this.folder): Promise<string[]> {
    return (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  }

  async content(name: string): Promise<Buffer> {
    return readFile(join(this.folder, name));
  }

  async remove(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.close(10_000)));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** `open` of node:fs/promises, on this disk. */
  readonly open: OpenFile = async (path, flags, mode) => {
    this.#failOn('open');
    const isUnsynced = !this.isSynced && typeof flags === 'number' && process.platform === 'linux';
    const file = await open(path, isUnsynced ? flags & ~constants.O_DSYNC : flags, mode);
    const [write, truncate] = [file.write.bind(file), file.truncate.bind(file)];
    const replaced = {
      write: async (data: Buffer | string, offset: number, length: number, position: number) => {
        if (typeof data === 'string') return write(data, offset);
        await this.beforeWrite(data);
        this.#failOn('write');
        const fits = Math.min(length, this.room);
        if (fits === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        this.room -= fits;
        return write(data, offset, fits, position);
      },
      truncate: async (size: number) => {
        this.#failOn('truncate');
        return truncate(size);
      },
      ...(this.isSynced ? {} : { datasync: () => Promise.resolve(), sync: () => Promise.resolve() }),
    };
    return Object.assign(file, replaced);
  };

  #failOn(operation: string): void {
    if (this.failure?.on !== operation) return;
    throw Object.assign(new Error(`${operation} failed`), { code: this.failure.code });
  }
}

/** All live records by sequence. */
export async function liveRecords(log: AppendLog): Promise<Map<number, unknown>> {
  const records = new Map<number, unknown>();
  for await (const { sequence, record } of log.entries()) records.set(sequence, record);
  return records;
}

import { randomUUID } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { giveWay, type Clock, type Timer } from '../clock';
import { within } from '../deadline';
import { makeFolder } from '../store';
import { CommitQueue, type Task } from './commit-queue';
import { LogOwner } from './log-owner';
import type { OpenFile, Segment } from './segment';
import { SegmentList } from './segment-list';
import { StorageError } from './storage-error';

/**
 * What is appended within these ms after a commit shares the next one. A commit costs the main thread as much as ten
 * events; and what was delivered since the last commit comes again after a kill.
 */
const COMMIT_PAUSE = 30;
/** How long removals wait for an append to share a commit with, in ms. */
const REMOVAL_DELAY = 1_000;
/** What compaction moves in one commit: other records share it. */
const [MOVED_RECORDS, MOVED_BYTES] = [100, 512 * 1024];

export interface LogOptions {
  readonly clock: Clock;
  /** Called for what no promise rejects with: damaged records, which are dropped, and removals that are not written. */
  readonly onError: (error: StorageError) => void;
  /** @default `open` of node:fs/promises */
  readonly open?: OpenFile;
}

/**
 * Records on disk by their sequence: a number that rises and is never used again. All is written in the order of the
 * calls. A removal is a record too, of sequence 0, and needed as long as a file holds what it removes: so segments are
 * deleted from the oldest on, and compaction moves the live records out of the oldest.
 */
export class AppendLog {
  readonly #segments: SegmentList;
  readonly #queue = new CommitQueue();
  #isClosing = false;
  /** Somebody waits for the next commit: it follows without a pause. */
  #isUrgent = false;
  /** Ends the pause after a commit. */
  #endPause: (() => void) | undefined;
  #owner: LogOwner | undefined;
  #sequence = 0;
  #isDue = false;
  #committing: Promise<void> | undefined;
  #removalTimer: Timer | undefined;
  #closed: Promise<void> | undefined;
  /** Why nothing more is written. */
  #ended: StorageError | undefined;

  private constructor(
    private readonly folder: string,
    private readonly options: Required<LogOptions>,
  ) {
    this.#segments = new SegmentList(folder, options.open);
  }

  /**
   * Opens the log in a folder; creates it and its parent if needed. A process that has it open loses it: its appends
   * reject as `taken`. Damaged records are left out and reported.
   * @throws StorageError if the folder cannot be read and written
   */
  static async open(folder: string, options: LogOptions): Promise<AppendLog> {
    const log = new AppendLog(folder, { open: openFile, ...options });
    try {
      for (const path of [dirname(folder), folder]) await makeFolder(path);
      log.#owner = await LogOwner.take(folder, randomUUID(), log.options.open);
      await log.#recover();
      return log;
    } catch (error) {
      await log.close(1_000);
      throw StorageError.from(error);
    }
  }

  /** The live records by sequence, without what is raw in them. */
  async *entries(): AsyncGenerator<{ sequence: number; record: unknown }> {
    for (const sequence of await this.#segments.sequences(giveWay(this.options.clock))) {
      const entry = await this.read(sequence);
      if (entry) yield { sequence, record: entry.record };
    }
  }

  /**
   * Resolves with the sequence once `record`, as JSON, and `raw`, as it is, are on disk. Otherwise it rejects with a
   * StorageError; if the disk has failed, the record may still be there at the next start.
   */
  async append(record: object, raw: Buffer | string = ''): Promise<number> {
    if (this.#ended) throw this.#ended;
    const head = `${JSON.stringify(record)}\n`;
    const body = typeof raw === 'string' ? Buffer.from(head + raw) : Buffer.concat([Buffer.from(head), raw]);
    return new Promise((resolve, reject) => {
      this.#queue.add({ body, resolve, reject });
      this.#commitSoon();
    });
  }

  /** Removes a record: on disk with the next append, or after 1 s. A crash before that brings it back. */
  remove(sequence: number): void {
    if (!this.#segments.holding(sequence)?.forget(sequence) || this.#ended) return;
    this.#queue.addRemoval(sequence);
    this.#commitLater();
  }

  /** How much a record takes on disk; 0 if there is none. */
  bytesOf(sequence: number): number {
    return this.#segments.holding(sequence)?.live.get(sequence)?.bytes ?? 0;
  }

  /** Writes what waits, without a pause. Resolves when what was removed before is removed on disk too, or cannot be. */
  async flush(): Promise<void> {
    if (this.#ended || (this.#queue.isEmpty && !this.#committing)) return;
    const written = new Promise<unknown>((resolve, reject) => this.#queue.add({ removed: [], resolve, reject }));
    this.#isUrgent = true;
    this.#endPause?.();
    this.#commitSoon();
    await written.catch(() => undefined);
  }

  /**
   * Resolves with `undefined` if there is no such record or it is damaged; `raw` is empty if there was none.
   * @throws StorageError `unavailable` if the disk fails
   */
  async read(sequence: number): Promise<{ record: unknown; raw: Buffer } | undefined> {
    const body = await this.#readBody(sequence, this.#segments.holding(sequence));
    if (!body) return undefined;
    const end = body.indexOf('\n');
    return { record: JSON.parse(body.toString('utf8', 0, end)), raw: body.subarray(end + 1) };
  }

  /** Writes what waits, within `limit` ms. What is not written by then rejects. */
  close(limit: number): Promise<void> {
    const ended = (this.#ended ??= new StorageError('unavailable', `The log in ${this.folder} is closed.`));
    this.#closed ??= within(this.options.clock, limit, this.#finish()).catch(() =>
      this.#fail(this.#queue.takeAll(), ended),
    );
    return this.#closed;
  }

  async #finish(): Promise<void> {
    this.#isClosing = true;
    this.#endPause?.();
    this.#removalTimer?.cancel();
    this.#commitSoon();
    await this.#committing;
    await this.#segments.close();
    await this.#owner?.close();
  }

  async #recover(): Promise<void> {
    const breathe = giveWay(this.options.clock);
    let damaged = 0;
    for await (const { segment, first, isLast } of this.#segments.open()) {
      this.#sequence = Math.max(this.#sequence, first);
      damaged += await segment.recover(isLast, breathe, (sequence, body, location) => {
        this.#sequence = Math.max(this.#sequence, sequence);
        const gone = sequence > 0 ? [sequence] : body.toString().split(',').map(Number);
        for (const each of gone) this.#segments.holding(each)?.forget(each);
        if (sequence > 0) segment.keep(sequence, location);
      });
    }
    if (damaged > 0) this.#reportDamage(damaged);
  }

  async #readBody(sequence: number, segment: Segment | undefined): Promise<Buffer | undefined> {
    const body = await segment?.read(sequence).catch((error: unknown) => Promise.reject(StorageError.from(error)));
    // It may have been removed or moved meanwhile.
    if (!body && segment?.forget(sequence)) this.#reportDamage(1);
    return body;
  }

  #reportDamage(count: number): void {
    this.options.onError(
      new StorageError('corrupt', `${count} records of the log in ${this.folder} are damaged.`, count),
    );
  }

  #commitLater(): void {
    this.#removalTimer ??= this.options.clock.after(REMOVAL_DELAY, () => {
      this.#removalTimer = undefined;
      this.#commitSoon();
    });
  }

  #commitSoon(): void {
    this.#isDue = true;
    this.#committing ??= this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    while (this.#isDue) {
      // What is appended in the same turn shares the commit.
      await turn();
      this.#isUrgent = false;
      const hasMore = await this.#commit();
      if (!hasMore) await this.#rest();
    }
    this.#committing = undefined;
  }

  async #rest(): Promise<void> {
    if (this.#isUrgent || this.#isClosing) return;
    await new Promise<void>((resolve) => {
      const timer = this.options.clock.after(COMMIT_PAUSE, resolve);
      this.#endPause = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  async #commit(): Promise<boolean> {
    const group = this.#queue.take();
    this.#isDue = !this.#queue.isEmpty;
    // A removal that is not in this commit must not take effect by the deletion of a file.
    const dead = this.#isDue ? [] : this.#segments.dead();
    const failure = await this.#write(group).then(
      () => undefined,
      (error: unknown) => StorageError.from(error),
    );
    if (failure) this.#fail(group, failure);
    if (this.#ended) return this.#isDue;
    try {
      await this.#segments.delete(dead);
      if (!failure) await this.#compact(dead);
    } catch (error) {
      this.options.onError(StorageError.from(error));
    }
    return this.#isDue;
  }

  async #write(group: readonly Task[]): Promise<void> {
    this.#checkOwner();
    if (group.length === 0) return;
    // The name keeps sequences rising after all records are gone.
    const segment = this.#segments.writable ?? (await this.#segments.create(++this.#sequence));
    const written = await segment.write(
      group.map(({ removed, body = Buffer.from((removed ?? []).join()), ...task }) => {
        return { ...task, body, sequence: removed ? 0 : (task.sequence ?? ++this.#sequence) };
      }),
    );
    // If this process was suspended since the first check, a new owner may not have read these records.
    this.#checkOwner();
    for (const { sequence, source, offset, bytes, resolve } of written) {
      // What was removed while it was moved stays removed.
      if (sequence > 0 && (source?.forget(sequence) ?? true)) segment.keep(sequence, { offset, bytes });
      resolve?.(sequence);
    }
  }

  #checkOwner(): void {
    if (this.#owner?.isValid()) return;
    this.#ended = new StorageError('taken', `Another process has opened the log in ${this.folder}.`);
    throw this.#ended;
  }

  #fail(group: readonly Task[], error: StorageError): void {
    for (const { reject } of group) reject?.(error);
    if (group.some(({ reject }) => !reject)) this.options.onError(error);
    // Removals have been made in memory: they are tried again with whatever is written next.
    const removals = group.filter(({ removed = [] }) => removed.length > 0);
    if (removals.length > 0 && !this.#ended) this.#queue.addFirst(removals);
  }

  /** Keeps dead bytes below live ones: moves the next records out of the oldest segment, which is deleted then. */
  async #compact(deleted: readonly Segment[]): Promise<void> {
    const oldest = this.#segments.toCompact();
    if (!oldest || deleted.includes(oldest)) return;
    const moved: Task[] = [];
    let bytes = 0;
    for (const sequence of oldest.live.keys()) {
      if (moved.length === MOVED_RECORDS || bytes > MOVED_BYTES) break;
      const body = await this.#readBody(sequence, oldest);
      if (body) moved.push({ sequence, body, source: oldest });
      bytes += body?.length ?? 0;
    }
    // What was removed meanwhile must not follow its removal. All is in the next commit, or it would be moved twice.
    this.#queue.addFirst(moved.filter(({ sequence = 0 }) => oldest.live.has(sequence)));
    this.#isDue = true;
  }
}

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Segment, type OpenFile } from './segment';

/** Dead bytes that are left alone, and what a smaller segment counts as. */
const [SPARE_BYTES, MIN_SEGMENT_BYTES] = [32 * 1024 * 1024, 1024 * 1024];

/** The files of a log, from the oldest. Each is named after a sequence that is lower than those in it. */
export class SegmentList {
  readonly #segments: Segment[] = [];

  constructor(
    private readonly folder: string,
    private readonly openFile: OpenFile,
  ) {}

  /** Opens those that are there, one after the other. */
  async *open(): AsyncGenerator<{ segment: Segment; first: number; isLast: boolean }> {
    const names = (await readdir(this.folder)).filter((name) => /^\d{16}\.log$/.test(name)).sort();
    for (const name of names) {
      const path = join(this.folder, name);
      const segment = new Segment(path, await this.openFile(path, 'r+'));
      this.#segments.push(segment);
      yield { segment, first: Number.parseInt(name, 10), isLast: name === names.at(-1) };
    }
  }

  async create(first: number): Promise<Segment> {
    const path = join(this.folder, `${String(first).padStart(16, '0')}.log`);
    const segment = await Segment.create(path, this.openFile);
    this.#segments.push(segment);
    return segment;
  }

  get writable(): Segment | undefined {
    const last = this.#segments.at(-1);
    return last?.isWritable ? last : undefined;
  }

  /** The segment with this live record. */
  holding(sequence: number): Segment | undefined {
    return this.#segments.findLast(({ live }) => live.has(sequence));
  }

  /** Those of all live records, in their order. */
  async sequences(breathe: () => Promise<void>): Promise<Float64Array> {
    const sequences = new Float64Array(this.#segments.reduce((sum, { live }) => sum + live.size, 0));
    let count = 0;
    for (const { live } of this.#segments) for (const sequence of live.keys()) sequences[count++] = sequence;
    await breathe();
    return sequences.sort();
  }

  /** The segments before the first one with a live record. The last one is kept for its name. */
  dead(): Segment[] {
    const end = this.#segments.findIndex(({ live }) => live.size > 0);
    return this.#segments.slice(0, end < 0 ? -1 : Math.min(end, this.#segments.length - 1));
  }

  /** @param dead must be the oldest ones */
  async delete(dead: readonly Segment[]): Promise<void> {
    for (const { file, path } of dead) {
      await file.close();
      await rm(path, { force: true });
      this.#segments.shift();
    }
  }

  /** The oldest segment if dead bytes exceed live ones. */
  toCompact(): Segment | undefined {
    const [oldest] = this.#segments;
    const used = this.#segments.reduce((sum, { size }) => sum + Math.max(size, MIN_SEGMENT_BYTES), 0);
    const live = this.#segments.reduce((sum, { liveBytes }) => sum + liveBytes, 0);
    return oldest?.isWritable || used < 2 * live + SPARE_BYTES ? undefined : oldest;
  }

  async close(): Promise<void> {
    await Promise.all(this.#segments.map(({ file }) => file.close()));
  }
}

import { EVENT_KEY_VERSION } from '../events';
import { KeySegment } from './key-segment';

/** How often it is checked what can be dropped, in ms. */
const CHECK_EVERY = 60_000;
/** The time that is kept is covered by so many segments: what is dropped was kept for at most a sixth longer. */
const SEGMENTS = 6;
/** So many segments are searched at most. Only a process that starts again and again, and so imports many, has more. */
const MAX_SEGMENTS = 64;

/** The keys of the recent past, in segments of time, of which the oldest is dropped as a whole. */
export class SeenKeys {
  /** Newest first. */
  #segments: KeySegment[] = [];
  #count = 0;
  #checkAt = -Infinity;
  /** How long a segment takes keys, in ms. */
  #length = 0;

  constructor(
    /** How long keys are to be kept, in ms. */
    private readonly keep: (now: number) => number,
    private readonly maxPerSegment: number,
  ) {}

  get segments(): readonly KeySegment[] {
    return this.#segments;
  }

  get count(): number {
    return this.#count;
  }

  /** Drops what is older than it has to be kept. */
  prune(now: number): void {
    if (now < this.#checkAt) return;
    this.#checkAt = now + CHECK_EVERY;
    const keep = this.keep(now);
    this.#length = keep / SEGMENTS;
    this.#replace(this.#segments.filter(({ lastAddedAt }) => lastAddedAt >= now - keep));
  }

  /** The newest segment that has the id. */
  find(id: number): KeySegment | undefined {
    for (const segment of this.#segments) if (segment.has(id)) return segment;
    return undefined;
  }

  /** Adds an id to the segment that takes keys now. */
  add(id: number, now: number, version = EVENT_KEY_VERSION): KeySegment {
    const segment = this.#open(now, version);
    segment.add(id);
    segment.lastAddedAt = now;
    this.#count += 1;
    return segment;
  }

  /** Adds the keys of an earlier run. */
  import(segment: KeySegment): void {
    const segments = [...this.#segments, segment].sort((one, other) => other.lastAddedAt - one.lastAddedAt);
    while (segments.length > MAX_SEGMENTS) mergeLast(segments);
    this.#replace(segments);
  }

  dropOldest(): void {
    this.#replace(this.#segments.slice(0, -1));
  }

  #open(now: number, version: number): KeySegment {
    for (const segment of this.#segments) {
      const isOver = now - segment.startedAt >= this.#length || segment.count >= this.maxPerSegment;
      if (!isOver && segment.version === version) return segment;
    }
    const segment = new KeySegment(now, now, version);
    this.#segments.unshift(segment);
    return segment;
  }

  #replace(segments: KeySegment[]): void {
    this.#segments = segments;
    this.#count = segments.reduce((sum, { count }) => sum + count, 0);
  }
}

/** Makes one of the two oldest segments. */
function mergeLast(segments: KeySegment[]): void {
  const [newer, older] = segments.splice(-2);
  if (!newer || !older) return;
  // No version is 0: if there were two, the edits cannot be compared.
  const version = newer.version === older.version ? newer.version : 0;
  const merged = new KeySegment(-Infinity, newer.lastAddedAt, version);
  for (const { ids, edits } of [older, newer]) {
    for (const id of ids) merged.add(id);
    for (const [id, history] of edits) merged.edits.set(id, history);
  }
  segments.push(merged);
}

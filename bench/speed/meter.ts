import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isRecord, parseJson } from '../../simulator/json';
import { BEGIN, END, HEAP } from './frames';

/** Begins each line that a subject prints for the bench. */
const MARK = 'bench: ';

/** What a subject reports: a run has begun, all its events have come, it has ended, or what its heap is. */
export interface Report {
  readonly kind: 'begun' | 'all' | 'end' | 'heap';
  readonly events: number;
  /** From the beginning to the last event, in µs. */
  readonly wall: number;
  /** Of the main thread, from the beginning to the end, in µs. */
  readonly cpu: number;
  /** In bytes; buffers included. */
  readonly heap: number;
}

/** The report in what a subject has printed; undefined for another line. */
export function readReport(line: string): Report | undefined {
  const [, text] = line.split(MARK);
  const value = text === undefined ? undefined : parseJson(text);
  return isReport(value) ? value : undefined;
}

export function isReport(value: unknown): value is Report {
  return isRecord(value) && typeof value.kind === 'string' && typeof value.cpu === 'number';
}

/** Counts what reaches the end of a subject's way, and reports what it has cost. */
export class Meter {
  #events = 0;
  #expected = 0;
  #began = 0;
  #wall = 0;
  #cpu = 0;

  /** An item has arrived where it should. */
  readonly came = (event: string, item?: unknown): void => {
    if (event === BEGIN) this.#begin(isRecord(item) ? Number(item.count) : 0);
    else if (event === END) this.#report('end', { cpu: mainThreadCpu() - this.#cpu });
    else if (event === HEAP) void settledHeap().then((heap) => this.#report('heap', { heap }));
    else if (++this.#events === this.#expected) {
      this.#wall = (performance.now() - this.#began) * 1_000;
      this.#report('all');
    }
  };

  #begin(count: number): void {
    this.#events = 0;
    this.#expected = count;
    this.#wall = 0;
    this.#report('begun');
    this.#began = performance.now();
    this.#cpu = mainThreadCpu();
  }

  #report(kind: Report['kind'], figures: Partial<Report> = {}): void {
    const report: Report = { kind, events: this.#events, wall: this.#wall, cpu: 0, heap: 0, ...figures };
    console.log(MARK + JSON.stringify(report));
  }
}

/**
 * The time that the main thread was on a core, in µs: what the garbage collector and the compiler do beside it, and what
 * else the machine does, is left out. Elsewhere than on Linux, that of the process.
 */
function mainThreadCpu(): number {
  if (process.platform === 'linux') {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
  }
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** With `BENCH_PROFILE`, a folder: writes there where this process has spent its time when it ends. */
export function profileUntilExit(folder = process.env.BENCH_PROFILE): void {
  if (folder === undefined) return;
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 250 });
  session.post('Profiler.start');
  process.once('exit', () => {
    session.post('Profiler.stop', (_, { profile }) => {
      writeFileSync(join(folder, `${process.pid}.cpuprofile`), JSON.stringify(profile));
    });
  });
}

/** The heap and buffers in use when nothing more can be collected, in bytes. */
export async function settledHeap(): Promise<number> {
  // Node-RED was not started with `--expose-gc`: then only contexts that are made later have it.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('The heap cannot be collected');
  let least = Infinity;
  for (let round = 0; round < 5; round += 1) {
    Reflect.apply(collect, undefined, []);
    // Buffers are freed beside the main thread.
    await pause(20);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least;
}

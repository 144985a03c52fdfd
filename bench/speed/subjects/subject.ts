import { isRecord } from '../../../simulator/json';
import { BEGIN, END, UNTIMED } from '../generator/frames';

/** What a subject needs to listen: the simulator, and what is wanted. */
export interface SubjectSettings {
  /** Of API and sockets, with `http:`. */
  readonly url: string;
  /** How many lines are listened to, from the first. */
  readonly lines: number;
  /** Which events are wanted, besides the two signals; `none` for none, `all` for every one. */
  readonly wants: 'all' | 'none';
  /** How many listeners there are; with more than one, each wants another event. */
  readonly listeners: number;
  /** Whether missed messages are fetched. */
  readonly recover: boolean;
}

/** What came between the two signals. */
export interface Run {
  readonly events: number;
  /** From the first signal to the second, in µs. */
  readonly wall: number;
  /** Of this process, in µs: its own code, the engine's helpers and the system's work for it. */
  readonly cpu: number;
  /** From the sending of each timed event to its arrival, in µs. */
  readonly delays: readonly number[];
}

/** A subject at work. */
export interface Subject {
  /** The next run that it tells of. */
  nextRun(): Promise<Run>;
  /** Its heap after a collection, in bytes. */
  heap(): Promise<number>;
  /** Our client only: sends so many texts, and gives how many of them were taken. */
  send?(count: number): Promise<number>;
  /** Within Node-RED only: where its time goes during something; as V8 writes it. */
  profile?(during: () => Promise<unknown>): Promise<unknown>;
  stop(): Promise<void>;
}

/** Called for each item, in the process that gets it. */
export type OnItem = (event: string, item?: unknown) => void;

/** Counts the events of a run. */
export class Meter {
  #events = 0;
  #wall = 0n;
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 };
  #delays: number[] = [];

  constructor(private readonly onRun: (run: Run) => void) {}

  /** An item has arrived where it should. It may carry `sentAt`, in µs of the monotonic clock. */
  readonly came: OnItem = (event, item) => {
    if (event === BEGIN) return this.#begin();
    if (event === END) return this.#end();
    this.#events += 1;
    const sentAt = isRecord(item) ? item.sentAt : undefined;
    if (typeof sentAt === 'number' && sentAt !== UNTIMED) this.#delays.push(now() - sentAt);
  };

  #begin(): void {
    this.#events = 0;
    this.#delays = [];
    this.#wall = process.hrtime.bigint();
    this.#cpu = process.cpuUsage();
  }

  #end(): void {
    const { user, system } = process.cpuUsage(this.#cpu);
    const wall = Number((process.hrtime.bigint() - this.#wall) / 1_000n);
    this.onRun({ events: this.#events, wall, cpu: user + system, delays: this.#delays });
  }
}

function now(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

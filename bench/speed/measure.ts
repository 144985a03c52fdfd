import { setTimeout as pause } from 'node:timers/promises';
import { median } from 'simple-statistics';
import { BEGIN, END, signalFrame } from './frames';
import type { Generator } from './generator';
import type { Subject } from './subjects';

/** The first rounds do not count: V8 has compiled most of the code by then. With 4, ratios still changed by a third. */
const WARM_UP = 16;
/** What is done a little later belongs to a run: notes of what was delivered, for instance. In ms. */
const AFTER = 30;

/** One of those that are compared, and what it gets in each round. */
export interface Side {
  readonly key: string;
  readonly subject: Subject;
  /** On which line. @default 0 */
  readonly line?: number;
  readonly frames: number;
  /** Of each frame. @default 1 */
  readonly items?: number;
  /** How many messages are sent for each item. @default 1 */
  readonly copies?: number;
  /** @default as fast as they are taken */
  readonly perSecond?: number;
  /** The same frames in each round, for what nobody reads. @default new ones */
  readonly made?: readonly Buffer[];
}

/** What a message of a run has cost, or an event that nobody wants, in µs. */
export interface Cost {
  /** Of the main thread. */
  readonly cpu: number;
  /** Far above `cpu`, the machine was busy with something else. */
  readonly wall: number;
}

export type Costs = ReadonlyMap<string, readonly Cost[]>;

/**
 * Lets the sides run in turns, forwards and backwards, so that what the machine does besides hits all alike.
 * @returns the costs of each by its key, one for each round
 */
export async function measure(generator: Generator, sides: readonly Side[], rounds: number): Promise<Costs> {
  const costs = new Map<string, Cost[]>(sides.map(({ key }) => [key, []]));
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const cost = await run(generator, side);
      if (round >= WARM_UP) costs.get(side.key)?.push(cost);
    }
  }
  return costs;
}

async function run(generator: Generator, { subject, line = 0, perSecond, ...side }: Side): Promise<Cost> {
  const { key } = subject;
  const { items = 1, copies = 1 } = side;
  const messages = side.frames * items * copies;
  const frames = side.made ?? generator.messages(line, side.frames, items);
  const begun = subject.next('begun');
  await generator.send(key, [signalFrame(line, BEGIN, { count: messages })]);
  await begun;
  const all = copies > 0 ? subject.next('all') : undefined;
  await (perSecond === undefined ? generator.send(key, frames) : generator.pace(key, frames, perSecond));
  const wall = (await all)?.wall ?? 0;
  if (all) await pause(AFTER);
  const end = subject.next('end');
  await generator.send(key, [signalFrame(line, END, {})]);
  const { events, cpu } = await end;
  if (events !== messages) throw new Error(`${events} of ${messages} messages reached the end of ${key}`);
  const count = messages || side.frames;
  return { cpu: cpu / count, wall: wall / count };
}

/** The median of a side's costs, in µs. */
export function costOf(costs: Costs, key: string, what: keyof Cost = 'cpu'): number {
  return medianOf((costs.get(key) ?? []).map((cost) => cost[what]));
}

/** The median of how many times as much one side has cost as the other in the same round. NaN if nothing was measured. */
export function ratioOf(costs: Costs, of: string, against: string): number {
  const others = costs.get(against) ?? [];
  const ratios = (costs.get(of) ?? []).map(({ cpu }, round) => cpu / (others[round]?.cpu ?? NaN));
  return medianOf(ratios);
}

function medianOf(values: readonly number[]): number {
  return values.length === 0 ? NaN : median([...values]);
}

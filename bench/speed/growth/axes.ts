import { median } from '../figures';
import type { Order } from '../generator/orders';
import type { PairSettings } from '../pair';
import type { Growth } from '../row';
import { interleaved } from '../rows/interleaved';
import { SUBJECTS, type SubjectName } from '../subjects/names';
import type { Run } from '../subjects/subject';
import { CONSTANT, LINEAR } from './bounds';

const ROUNDS = 3;
/** Of what is sent at a rate, in s. */
const SECONDS = 3;

/** An axis, and how runs show what each point on it costs. */
interface Axis extends Omit<Growth, 'curves'> {
  readonly subjects: readonly SubjectName[];
  readonly points: readonly number[];
  readonly order: (at: number) => Order;
  readonly settings?: (at: number) => PairSettings;
  readonly costOf: (run: Run) => number;
}

/** In µs. */
const perEvent = ({ cpu, events }: Run): number => cpu / Math.max(1, events);

export const AXES: readonly Axis[] = [
  {
    name: 'rate',
    axis: 'events a second',
    cost: 'CPU, ms a second',
    bound: LINEAR,
    subjects: ['client', 'ws parsed'],
    points: [10, 100, 1_000, 10_000],
    order: (at) => ({ kind: 'pace', perSecond: at, seconds: SECONDS }),
    costOf: ({ cpu }) => cpu / 1_000 / SECONDS,
  },
  {
    name: 'bytes',
    axis: 'bytes of a frame',
    cost: 'CPU, µs an event',
    bound: LINEAR,
    subjects: ['client', 'ws parsed'],
    points: [250, 2_500, 25_000, 250_000],
    order: (at) => ({ kind: 'burst', mix: { bytes: at }, count: Math.min(10_000, Math.ceil(40_000_000 / at)) }),
    costOf: perEvent,
  },
  {
    name: 'channels',
    axis: 'channels',
    cost: 'CPU, µs an event',
    bound: CONSTANT,
    subjects: ['client'],
    points: [1, 10, 100, 1_000],
    order: (at) => ({ kind: 'burst', mix: 'messages', count: 10_000, lines: at }),
    settings: (at) => ({ lines: at, generator: { lines: at } }),
    costOf: perEvent,
  },
  {
    name: 'listeners',
    axis: 'listeners on one channel',
    cost: 'CPU, µs an event',
    bound: CONSTANT,
    subjects: ['client'],
    points: [1, 10, 100, 1_000],
    order: () => ({ kind: 'burst', mix: 'all', count: 10_000 }),
    settings: (at) => ({ listeners: at }),
    costOf: perEvent,
  },
];

/** Measures every point for every subject, in turns. */
export async function grow({ subjects, points, order, settings, costOf, ...rest }: Axis): Promise<Growth> {
  const key = (subject: SubjectName, at: number): string => `${subject} ${at}`;
  const contenders = points.flatMap((at) =>
    subjects.map((name) => ({ key: key(name, at), name, order: order(at), settings: settings?.(at) ?? {} })),
  );
  const runs = await interleaved(contenders, ROUNDS);
  const curves = subjects.map((name) => ({
    subject: SUBJECTS[name],
    points: points.map((at) => ({ at, cost: median((runs.get(key(name, at)) ?? []).map(costOf)) })),
  }));
  return { ...rest, curves };
}

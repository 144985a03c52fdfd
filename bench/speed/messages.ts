import type { Generator } from './generator';
import { costOf, measure, ratioOf, type Costs, type Side } from './measure';
import { SUBJECTS, times, type Figure, type Row } from './row';
import { messenger, sink, startFlow, startPeer, type Subject } from './subjects';

/** Lines of the second Node-RED, each with other listeners. */
const [UNWANTED, TEN, FIFTY, DONE, SENT] = [1, 2, 3, 4, 5];
const ITEMS = 200;

/** What the check compares, by the keys of `Side`: the cost of one side as a multiple of the other's. */
export interface Comparison {
  readonly name: string;
  readonly of: string;
  readonly against: string;
  /** By how much a ratio may exceed the published one, if not by 15 %: these were measured to differ so much from process to process. */
  readonly tolerance?: number;
}

export const CHECKED: readonly Comparison[] = [
  { name: 'a message, against the bare node', of: 'ours', against: 'bare' },
  { name: 'a message, against pusher-js', of: 'ours', against: 'pusher-js' },
  { name: '10 listeners, each message sent, against the bare node', of: 'ten', against: 'bare' },
  { name: '200 items in an envelope, against the bare node', of: 'ours 200', against: 'bare 200', tolerance: 1.6 },
  { name: 'an unwanted event, against ws with two parses', of: 'unwanted', against: 'ws', tolerance: 1.6 },
];

/** The ratios that the check compares later ones with. */
export function checkedRatios(costs: Costs): Record<string, number> {
  return Object.fromEntries(CHECKED.map(({ name, of, against }) => [name, ratioOf(costs, of, against)]));
}

export interface MessagesOptions {
  readonly rounds: number;
  /** True: only what is checked. */
  readonly isCheck?: boolean;
}

/** Measures what a message costs in all ways that are compared. */
export async function measureMessages(
  generator: Generator,
  { rounds, isCheck = false }: MessagesOptions,
): Promise<Costs> {
  const { url } = generator;
  generator.forget();
  const bare = { id: 'bare', type: 'bench-bare', z: 'tab', x: 100, y: 100, url, wires: [['sink']] };
  const subjects: Subject[] = [];
  try {
    subjects.push(startPeer('ws', url), startPeer('pusher-js', url));
    subjects.push(await startFlow('bare', url, [bare, sink('sink')]));
    subjects.push(await startFlow('ours', url, [messenger('messenger', 0, 'sink'), sink('sink')]));
    subjects.push(await startFlow('many', url, manyListeners()));
    await generator.untilSubscribed(4 + 5, 60_000);
    const sides = sidesOf(generator, subjects);
    const checked = new Set(CHECKED.flatMap(({ of, against }) => [of, against]));
    const costs = await measure(generator, isCheck ? sides.filter(({ key }) => checked.has(key)) : sides, rounds);
    if (isCheck) return costs;
    // A second at a time, a third of the rounds is enough.
    return new Map([...costs, ...(await measure(generator, steadySidesOf(subjects), Math.ceil(rounds / 3)))]);
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

function manyListeners(): object[] {
  const several = (line: number, count: number): object[] =>
    Array.from({ length: count }, (_, index) =>
      messenger(`${line}-${index}`, line, 'sink', index === 0 ? {} : { events: ['message'] }),
    );
  const signals = { events: ['benchBegin', 'benchEnd', 'benchHeap'] };
  return [
    ...[sink('sink'), sink('pass', 'end'), sink('pass-done', 'done')],
    { id: 'end', type: 'bench-end', z: 'tab', x: 500, y: 100, wires: [] },
    { id: 'done', type: 'chatapp-done', version: 1, z: 'tab', x: 500, y: 200, outcome: 'done', wires: [] },
    messenger('unwanted', UNWANTED, 'sink', signals),
    ...[...several(TEN, 10), ...several(FIFTY, 50)],
    messenger('acknowledged', DONE, 'pass-done', { ack: 'done' }),
    messenger('sent', SENT, 'pass'),
  ];
}

function subjectOf(subjects: readonly Subject[], key: string): Subject {
  const found = subjects.find((subject) => subject.key === key);
  if (!found) throw new Error(`There is no subject ${key}`);
  return found;
}

function sidesOf(generator: Generator, subjects: readonly Subject[]): Side[] {
  const many = subjectOf(subjects, 'many');
  const single = (key: string): Side => ({ key, subject: subjectOf(subjects, key), frames: 3_000 });
  const envelopes = (key: string): Side => ({
    ...{ key: `${key} ${ITEMS}`, subject: subjectOf(subjects, key) },
    ...{ frames: 10, items: ITEMS },
  });
  return [
    ...['ws', 'pusher-js', 'bare', 'ours'].map(single),
    ...['bare', 'ours'].map(envelopes),
    {
      key: 'unwanted',
      subject: many,
      line: UNWANTED,
      frames: 12_000,
      copies: 0,
      made: generator.messages(UNWANTED, 12_000),
    },
    { key: 'ten', subject: many, line: TEN, frames: 500, copies: 10 },
    { key: 'fifty', subject: many, line: FIFTY, frames: 100, copies: 50 },
    { key: 'sent', subject: many, line: SENT, frames: 900 },
    { key: 'done', subject: many, line: DONE, frames: 900 },
  ];
}

function steadySidesOf(subjects: readonly Subject[]): Side[] {
  const perSecond = 1_000;
  return ['bare', 'ours'].map((key) => ({
    ...{ key: `${key} steady`, subject: subjectOf(subjects, key) },
    ...{ frames: perSecond, perSecond },
  }));
}

/** How many times as long as on the core a message of ours took by the clock: far above 1, the machine was busy. */
export function busynessOf(costs: Costs): number {
  return costOf(costs, 'ours', 'wall') / costOf(costs, 'ours');
}

export function messageRows(costs: Costs): Row[] {
  const atLeast = (figure: string, against: string, goal: number, of = 'ours'): Row => {
    const value = ratioOf(costs, against, of);
    return { figure, target: `≥ ${goal} ×`, measured: times(value), reached: value >= goal };
  };
  const atMost = (figure: string, of: string, against: string, goal: number): Row => {
    const value = ratioOf(costs, of, against);
    return { figure, target: `≤ ${goal} × its cost`, measured: times(value), reached: value <= goal };
  };
  const perMessage = (count: number, key: string): Row => {
    const cpu = costOf(costs, key);
    const figure = `${count} listeners that all want a message: each message sent`;
    return { figure, target: '≤ 9 µs', measured: `${cpu.toFixed(1)} µs`, reached: cpu <= 9 };
  };
  return [
    atLeast('messages, socket → next node, against pusher-js alone', 'pusher-js', 1.6),
    atLeast('the same against `ws` with two parses, alone', 'ws', 0.8),
    atLeast('the same against the bare node', 'bare', 0.95),
    atMost('1,000 messages a second, steady, against the bare node', 'ours steady', 'bare steady', 1.08),
    atLeast(`${ITEMS} items in one envelope, against the bare node`, 'bare 200', 0.9, 'ours 200'),
    perMessage(10, 'ten'),
    perMessage(50, 'fifty'),
    atMost('events that no node wants, against `ws` with two parses', 'unwanted', 'ws', 0.17),
    atMost('`ack: done`, acknowledged at once, against `ack: sent`', 'done', 'sent', 1.8),
  ];
}

export function messageFigures(costs: Costs): Figure[] {
  const one = (subject: string, key: string): Figure => ({ subject, value: costOf(costs, key), unit: 'µs a message' });
  return [
    ...Object.entries(SUBJECTS).map(([key, subject]) => one(subject, key)),
    one(`${SUBJECTS.ours}, 1,000/s`, 'ours steady'),
    one(`${SUBJECTS.bare}, 1,000/s`, 'bare steady'),
    one(`${SUBJECTS.ours}, ${ITEMS} in an envelope`, 'ours 200'),
    one(`${SUBJECTS.bare}, ${ITEMS} in an envelope`, 'bare 200'),
    one('an event that no node wants', 'unwanted'),
    one('`ack: sent`, and one node more', 'sent'),
    one('`ack: done`, and one node more', 'done'),
  ];
}

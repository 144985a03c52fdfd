import { median } from '../figures';
import { type Outcome, times } from '../row';
import { SUBJECTS, type SubjectName } from '../subjects/names';
import { interleaved } from './interleaved';

const PER_SECOND = 1_000;

/** What an event costs at a steady rate, where sockets bring few at a time. */
export async function steady(seconds: number, rounds: number): Promise<Outcome> {
  const names: readonly SubjectName[] = ['client', 'node', 'pusher-js', 'pusher-js node', 'ws parsed'];
  const order = { kind: 'pace', perSecond: PER_SECOND, seconds } as const;
  const runs = await interleaved(
    names.map((name) => ({ key: name, name, order })),
    rounds,
  );
  const cost = (name: SubjectName): number =>
    median((runs.get(name) ?? []).map(({ cpu, events }) => cpu / Math.max(1, events)));
  const ratio = cost('client') / cost('pusher-js');
  return {
    measurements: names.map((name) => ({
      subject: SUBJECTS[name],
      figure: `CPU per event at ${PER_SECOND}/s`,
      unit: 'µs',
      value: cost(name),
    })),
    rows: [
      {
        figure: `CPU per event at a steady ${PER_SECOND}/s`,
        target: '≤ 0.6 × pusher-js',
        measured: `${times(ratio)}; within Node-RED ${times(cost('node') / cost('pusher-js node'))} pusher-js there`,
        reached: ratio <= 0.6,
      },
    ],
  };
}

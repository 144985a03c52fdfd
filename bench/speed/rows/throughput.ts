import { median } from '../figures';
import { type Measurement, type Outcome, times } from '../row';
import { SUBJECTS, type SubjectName } from '../subjects/names';
import { interleaved } from './interleaved';

/** How many events a second get from the socket to whoever wants them, as fast as they are taken. */
export async function throughput(count: number, rounds: number): Promise<Outcome> {
  const names = subjectNames();
  const order = { kind: 'burst', mix: 'messages', count } as const;
  const runs = await interleaved(
    names.map((name) => ({ key: name, name, order })),
    rounds,
  );
  const rate = (name: SubjectName): number => median((runs.get(name) ?? []).map(({ wall }) => (count / wall) * 1e6));
  for (const name of names) checkCounts(name, runs.get(name) ?? [], count);

  const overStock = rate('node') / rate('pusher-js');
  const overLimit = rate('node') / rate('ws parsed');
  const measurements: Measurement[] = names.map((name) => ({
    subject: SUBJECTS[name],
    figure: 'messages a second',
    unit: '1/s',
    value: rate(name),
  }));
  return {
    measurements,
    rows: [
      {
        figure: 'events/s, socket → next node, Node-RED included',
        target: '≥ 1.6 × pusher-js alone',
        measured: times(overStock),
        reached: overStock >= 1.6,
      },
      {
        figure: 'the same',
        target: '≥ 0.9 × `ws` with two parses',
        measured: times(overLimit),
        reached: overLimit >= 0.9,
      },
    ],
  };
}

function checkCounts(name: string, runs: readonly { readonly events: number }[], count: number): void {
  for (const { events } of runs) {
    if (events !== count) throw new Error(`${name} counted ${events} of ${count} events`);
  }
}

function subjectNames(): SubjectName[] {
  return ['node', 'client', 'pusher-js', 'pusher-js node', 'laravel-echo', 'drawn by hand', 'ws parsed', 'ws unparsed'];
}

import { median } from '../figures';
import { type Outcome, times } from '../row';
import { interleaved } from './interleaved';

/** What an event costs of a kind that no listener wants, against `ws` that parses every one of them. */
export async function unwanted(count: number, rounds: number): Promise<Outcome> {
  const order = { kind: 'burst', mix: 'messages', count } as const;
  const runs = await interleaved(
    [
      { key: 'ours', name: 'client', settings: { wants: 'none' }, order },
      { key: 'limit', name: 'ws parsed', order },
    ],
    rounds,
  );
  const cost = (key: string): number => median((runs.get(key) ?? []).map(({ cpu }) => cpu / count));
  const ratio = cost('ours') / cost('limit');
  return {
    measurements: [
      { subject: 'client', figure: 'CPU of an unwanted event', unit: 'µs', value: cost('ours') },
      { subject: 'ws parsed', figure: 'CPU of an unwanted event', unit: 'µs', value: cost('limit') },
    ],
    rows: [
      {
        figure: 'CPU per event of kinds that no listener wants',
        target: '≤ 0.35 × `ws` with two parses',
        measured: times(ratio),
        reached: ratio <= 0.35,
      },
    ],
  };
}

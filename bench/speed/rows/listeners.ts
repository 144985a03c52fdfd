import { median } from '../figures';
import { type Outcome, times } from '../row';
import { interleaved } from './interleaved';

/** Cost may grow by this much with 49 more listeners that want nothing of an event. */
const BOUND = 1.5;

/** Fifty listeners on one channel, each with another filter: each event goes to one of them at most. */
export async function listeners(count: number, rounds: number): Promise<Outcome> {
  const order = { kind: 'burst', mix: 'all', count } as const;
  const runs = await interleaved(
    [
      { key: 'one', name: 'client', order },
      { key: 'fifty', name: 'client', settings: { listeners: 50 }, order },
    ],
    rounds,
  );
  const cost = (key: string): number => median((runs.get(key) ?? []).map(({ cpu }) => cpu / count));
  const ratio = cost('fifty') / cost('one');
  return {
    measurements: [
      { subject: '1 listener', figure: 'CPU per event, all kinds', unit: 'µs', value: cost('one') },
      { subject: '50 listeners', figure: 'CPU per event, all kinds', unit: 'µs', value: cost('fifty') },
    ],
    rows: [
      {
        figure: '50 listeners on one channel, each with another filter',
        target: `cost follows the messages sent, not listeners × events: ≤ ${BOUND} × one listener that takes all`,
        measured: times(ratio),
        reached: ratio <= BOUND,
      },
    ],
  };
}

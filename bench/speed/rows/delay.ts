import { median, quantile } from '../figures';
import type { Outcome } from '../row';
import { SUBJECTS, type SubjectName } from '../subjects/names';
import { interleaved } from './interleaved';

const PER_SECOND = 100;

/** How much later an event arrives than over `ws` alone. */
export async function delay(seconds: number, rounds: number): Promise<Outcome> {
  const names: readonly SubjectName[] = ['client', 'node', 'ws parsed'];
  const order = { kind: 'pace', perSecond: PER_SECOND, seconds } as const;
  const runs = await interleaved(
    names.map((name) => ({ key: name, name, order })),
    rounds,
  );
  /** In ms: the middle of the rounds. */
  const late = (name: SubjectName, share: number): number =>
    median((runs.get(name) ?? []).map(({ delays }) => quantile(delays, share) / 1_000));
  const added = (name: SubjectName, share: number): number => late(name, share) - late('ws parsed', share);
  return {
    measurements: names.flatMap((name) =>
      [0.5, 0.99].map((share) => ({
        subject: SUBJECTS[name],
        figure: `delay at ${PER_SECOND}/s, p${share * 100}`,
        unit: 'ms',
        value: late(name, share),
      })),
    ),
    rows: [
      {
        figure: `added delay at ${PER_SECOND}/s over \`ws\`, Node-RED included`,
        target: 'p50 ≤ 0.3 ms, p99 ≤ 2 ms',
        measured: `p50 ${added('node', 0.5).toFixed(2)} ms, p99 ${added('node', 0.99).toFixed(2)} ms`,
        reached: added('node', 0.5) <= 0.3 && added('node', 0.99) <= 2,
      },
    ],
  };
}

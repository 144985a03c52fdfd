import type { Growth } from '../row';
import type { Results } from '../results/results';
import { barChart } from './bars';
import { growthChart } from './curves';

/** The pictures that the texts show, each by its file in `docs/images`. */
export function charts(results: Results): ReadonlyMap<string, string> {
  const throughput = results.throughput?.measurements.filter(({ unit }) => unit === '1/s') ?? [];
  const growths: readonly Growth[] = Object.values(results).flatMap((part) => part.growths);
  return new Map([
    ...(throughput.length > 0 ? [['bench-throughput.svg', barChart('Messages a second', throughput)] as const] : []),
    ...growths.map((growth) => [`bench-growth-${growth.name}.svg`, growthChart(growth)] as const),
  ]);
}

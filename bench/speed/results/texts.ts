import { markdownTable } from '../../../scripts/event-table';
import { grouped } from '../charts/bars';
import { BUCKETS } from '../profile/buckets';
import type { Row } from '../row';
import { PART_NAMES } from './part-names';
import type { PartResults, Results } from './results';

/** What the texts take from the results, by its name; each in Markdown. */
export const BENCH_TEXTS: Readonly<Record<string, (results: Results) => string>> = {
  /** Where and when it was measured. */
  machine: (results) => {
    const origins = parts(results).map(({ on, machine }) => `Measured on ${on} with ${machine}.`);
    return [...new Set(origins)].join('\n') + '\n';
  },
  goals: ({ growth: _, ...results }) => tableOf(parts(results).flatMap(({ rows }) => rows)),
  growth: ({ growth }) => tableOf(growth?.rows ?? []),
  figures: (results) =>
    markdownTable(
      ['Figure', 'Of', 'Value'],
      parts(results)
        .flatMap(({ measurements }) => measurements)
        .map(({ figure, subject, value, unit }) => [figure, subject, `${grouped(value)} ${unit}`.trim()]),
    ),
  profile: ({ profile }) => {
    const shares = profile?.shares ?? [];
    const subjects = [...new Set(shares.map(({ subject }) => subject))];
    const shareOf = (bucket: string, subject: string): number =>
      shares.find((one) => one.bucket === bucket && one.subject === subject)?.share ?? 0;
    return markdownTable(
      ['Where', ...subjects],
      BUCKETS.filter((bucket) => subjects.some((subject) => shareOf(bucket, subject) >= 0.001)).map((bucket) => [
        bucket.replace('JSON.parse', '`JSON.parse`'),
        ...subjects.map((subject) => `${(shareOf(bucket, subject) * 100).toFixed(1)} %`),
      ]),
    );
  },
};

/** What is to be reached, and what is, as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  return markdownTable(
    ['Figure', 'To reach', 'Measured', 'Reached'],
    rows.map(({ figure, target, measured, reached }) => [figure, target, measured, reached ? 'yes' : '**no**']),
  );
}

/** In the order of the tables. */
function parts(results: Results): PartResults[] {
  return PART_NAMES.flatMap((name) => results[name] ?? []);
}

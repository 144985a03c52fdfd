import type { Row } from './row';

/** The figures as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ figure, target, measured, reached }) =>
      `| ${figure} | ${target} | ${measured} | ${reached ? 'yes' : '**no**'} |`,
  );
  return ['| Figure | To reach | Measured | Reached |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

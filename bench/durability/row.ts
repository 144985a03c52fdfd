/** One published figure: what was measured, and what it has to be. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  readonly isGood: boolean;
}

export function atMost(what: string, measured: number, limit: number, unit = ''): Figure {
  const isGood = measured <= limit;
  return { what, measured: `${round(measured)}${unit}`, wanted: `≤ ${limit}${unit}`, isGood };
}

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, measured, wanted, isGood }) => [what, measured, wanted, isGood ? 'ok' : 'MISSED']);
  const all = [['figure', 'measured', 'wanted', ''], ['---', '---', '---', '---'], ...rows];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

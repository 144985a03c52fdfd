/** One figure of the table. */
export interface Row {
  readonly figure: string;
  /** What it is measured against, and what is to be reached. */
  readonly target: string;
  /** What was measured, in words. */
  readonly measured: string;
  readonly reached: boolean;
}

/** A figure of one subject, for the charts and for who wants to look closer. */
export interface Measurement {
  readonly subject: string;
  readonly figure: string;
  readonly unit: string;
  readonly value: number;
}

export interface Outcome {
  readonly rows: readonly Row[];
  readonly measurements: readonly Measurement[];
}

/** A ratio as the table has it. */
export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

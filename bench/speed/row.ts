import type { Point } from './figures';

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

/** How a cost grows along one axis. */
export interface Growth {
  /** The name of its chart. */
  readonly name: string;
  /** What grows, and in what unit. */
  readonly axis: string;
  /** What it costs, and in what unit. */
  readonly cost: string;
  /** The exponent that it may have at most: about 1 where it may be linear, about 0 where it must stay. */
  readonly bound: number;
  /** Each by its name; the first one is ours, and is held to the bound. */
  readonly curves: readonly { readonly subject: string; readonly points: readonly Point[] }[];
}

/** Where the time goes: a part of all that the process did, 0 to 1. */
export interface Share {
  readonly subject: string;
  readonly bucket: string;
  readonly share: number;
}

export interface Outcome {
  readonly rows: readonly Row[];
  readonly measurements: readonly Measurement[];
  readonly growths?: readonly Growth[];
  readonly shares?: readonly Share[];
}

/** A ratio as the table has it. */
export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

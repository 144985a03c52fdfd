/** The middle one; of an even number the mean of the two. NaN of none. */
export function median(values: readonly number[]): number {
  return (
    (quantile(values, 0.5) +
      -quantile(
        values.map((value) => -value),
        0.5,
      )) /
    2
  );
}

/** The smallest value that at least `share` (0 to 1) of the values do not exceed. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** A point on a curve of growth: both above 0. */
export interface Point {
  readonly at: number;
  readonly cost: number;
}

/**
 * The exponent of growth: the slope of the straight line that fits the points best where both axes are logarithmic. 1 is
 * linear, 2 quadratic, 0 constant. NaN of fewer than two points.
 */
export function exponent(points: readonly Point[]): number {
  const logs = points.map(({ at, cost }) => ({ x: Math.log(at), y: Math.log(cost) }));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = { x: mean(logs.map(({ x }) => x)), y: mean(logs.map(({ y }) => y)) };
  const over = logs.reduce((sum, { x, y }) => sum + (x - middle.x) * (y - middle.y), 0);
  const under = logs.reduce((sum, { x }) => sum + (x - middle.x) ** 2, 0);
  return over / under;
}

/** The exponent of growth between those neighbours where it is highest: what a line through all points might hide. */
export function steepest(points: readonly Point[]): number {
  return Math.max(...points.slice(1).map((point, index) => exponent(points.slice(index, index + 1).concat(point))));
}

/** With as many digits as a measurement deserves: four. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

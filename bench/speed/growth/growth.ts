import { exponent, steepest } from '../figures';
import type { Growth, Outcome, Row } from '../row';
import { AXES, grow } from './axes';
import { CONSTANT, MORE } from './bounds';
import { growHistory } from './history';

/** How cost grows along each axis, over three orders of magnitude. */
export async function growth(): Promise<Outcome> {
  const growths: Growth[] = [];
  for (const axis of AXES) growths.push(await grow(axis));
  growths.push(await growHistory());
  return { growths, measurements: [], rows: growths.map(rowOf) };
}

function rowOf({ axis, cost, bound, curves }: Growth): Row {
  const points = curves[0]?.points ?? [];
  const found = exponent(points);
  const step = steepest(points);
  const [from = '?', to = '?'] = [points[0], points.at(-1)].map((point) => point?.at.toLocaleString('en-US'));
  return {
    figure: `growth of ${cost}, by ${axis}, ${from} to ${to}`,
    target: `${bound === CONSTANT ? 'none' : 'linear'}: exponent ≤ ${bound}, ≤ ${bound + MORE} in each step`,
    measured: `${found.toFixed(2)}, steepest step ${step.toFixed(2)}`,
    reached: found <= bound && step <= bound + MORE,
  };
}

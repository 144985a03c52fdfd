import type { Growth } from '../row';
import { grouped, plain } from './bars';
import { AXIS, LABEL, OTHERS, OURS, svgOf } from './svg';

/** In pixels. */
const HEIGHT = 300;

/** How a cost grows, both axes logarithmic: what is linear is a straight line with a slope of one. */
export function growthChart({ axis, cost, curves }: Growth): string {
  const number = (value: number): string => grouped(value);
  return svgOf(`${cost}, by ${axis}`, HEIGHT, {
    grid: { left: 80, right: 60, top: 85, bottom: 50 },
    legend: { top: 38, itemGap: 40, textStyle: LABEL, data: curves.map(({ subject }) => plain(subject)) },
    xAxis: { ...AXIS, type: 'log', name: axis, nameGap: 30, axisLabel: { ...AXIS.axisLabel, formatter: number } },
    yAxis: { ...AXIS, type: 'log', name: cost, nameGap: 60, axisLabel: { ...AXIS.axisLabel, formatter: number } },
    series: curves.map(({ subject, points }, index) => ({
      type: 'line',
      name: plain(subject),
      silent: true,
      symbol: 'circle',
      symbolSize: 7,
      lineStyle: { width: 2 },
      color: index === 0 ? OURS : OTHERS,
      data: points.map(({ at, cost: value }) => [at, value]),
    })),
  });
}

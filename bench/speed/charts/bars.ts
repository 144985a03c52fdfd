import type { Measurement } from '../row';
import { SUBJECTS } from '../subjects/names';
import { AXIS, LABEL, OTHERS, OURS, svgOf } from './svg';

/** In pixels. */
const BAR = 34;
const MARGIN = { left: 345, right: 70, top: 45, bottom: 15 };

/** One figure of several subjects, one below the other. */
export function barChart(title: string, measurements: readonly Measurement[]): string {
  return svgOf(title, MARGIN.top + measurements.length * BAR + MARGIN.bottom, {
    grid: MARGIN,
    xAxis: { ...AXIS, type: 'value', axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: { ...AXIS, type: 'category', inverse: true, data: measurements.map(({ subject }) => plain(subject)) },
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: 20,
        data: measurements.map(({ subject, value }) => ({
          value,
          itemStyle: { color: isOurs(subject) ? OURS : OTHERS },
        })),
        label: { ...LABEL, show: true, position: 'right', formatter: ({ value }) => grouped(Number(value)) },
      },
    ],
  });
}

function isOurs(subject: string): boolean {
  return subject === SUBJECTS.node || subject === SUBJECTS.client;
}

/** Without the marks of Markdown. */
export function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** With a comma between the thousands. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

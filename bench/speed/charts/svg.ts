import { type EChartsOption, init } from 'echarts';

/** In pixels. */
const WIDTH = 760;

/** What is ours stands out among what is compared with it; both are well seen on light and on dark ground. */
export const OURS = '#2f9e6e';
export const OTHERS = '#7f8ea3';

/** Words and lines take the colour of the reader's theme, and the ground with them, so that one never lacks the other. */
const INK = 'currentColor';
const THEME = `<style>svg{color:#1f2328;background:#fff}@media (prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}}</style>`;

/** What all axes have in common. */
export const AXIS = {
  axisLabel: { color: INK },
  axisLine: { lineStyle: { color: INK, opacity: 0.4 } },
  axisTick: { show: false },
  nameTextStyle: { color: INK },
  nameLocation: 'middle',
  splitLine: { lineStyle: { color: INK, opacity: 0.15 } },
  minorSplitLine: { show: false },
} as const;

export const LABEL = { color: INK } as const;

/** A chart as SVG, with a title. `height` in pixels. The same figures always give the same text. */
export function svgOf(title: string, height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { color: INK, fontFamily: 'system-ui, sans-serif' },
      title: { text: title, left: 'center', textStyle: { color: INK, fontSize: 15 } },
      ...option,
    });
    return tidied(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** Without what serves a mouse, and numbers of the charts that were drawn before in this process. */
function tidied(svg: string): string {
  return (
    svg
      .replace(/<style >[^]*?<\/style>\n?/, '')
      .replaceAll(/ class="zr\d+-cls-\d+"| ecmeta_\w+="[^"]*"| pointer-events="\w+"/g, '')
      .replaceAll(/zr\d+-/g, '')
      .replace(/(<svg[^>]*>)/, `$1\n${THEME}`)
      .trimEnd() + '\n'
  );
}

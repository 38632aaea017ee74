/** Percentile curves on the axis that HDR histograms use: each step to the right is ten times rarer. */
import type { CurvePoint } from '../../model/percentile-curve.js';
import type { CurveKind, StreamModel } from '../../model/stream-model.js';
import type { Palette } from './palette.js';
import { latencyText, tooltip, valueAxis } from './time-axis.js';

const phases = ['steady', 'fault', 'recovery'] as const;
const lines = { response: 'solid', service: 'dashed' } as const;

export function percentileCurves(stream: StreamModel, palette: Palette): object {
  const colors = { steady: palette.steady, fault: palette.fault, recovery: palette.recovery };
  const series = (['response', 'service'] as const).flatMap((kind: CurveKind) =>
    phases.flatMap((phase) => {
      const curve = stream.curves[kind][phase];
      if (curve.length === 0) return [];
      return {
        name: `${kind}, ${phase}`,
        type: 'line',
        showSymbol: false,
        data: curve.map((point) => [rarity(point, curve), Math.max(point.ms, 0.1)]),
        lineStyle: { color: colors[phase], type: lines[kind], width: kind === 'response' ? 2.2 : 1.4 },
        itemStyle: { color: colors[phase] },
      };
    }),
  );
  return {
    grid: { left: 62, right: 24, top: 40, bottom: 40 },
    legend: {
      top: 0,
      // Where there is not the width for all, the rest is a page further: never over the curves.
      type: 'scroll',
      itemWidth: 26,
      // Without the dot one sees which lines are dashed.
      itemStyle: { opacity: 0 },
      textStyle: { color: palette.text },
      pageTextStyle: { color: palette.text },
    },
    tooltip: {
      ...tooltip(palette),
      trigger: 'axis',
      formatter: (items: readonly { seriesName: string; value: readonly number[] }[]) =>
        [
          percentText(items[0]?.value[0] ?? 1),
          ...items.map(({ seriesName, value }) => `${seriesName}: ${latencyText(value[1] ?? 0)}`),
        ].join('\n'),
    },
    xAxis: {
      type: 'log',
      min: 1,
      name: 'of messages took this long or less',
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: palette.faint },
      axisLabel: { color: palette.faint, formatter: percentText },
      axisLine: { lineStyle: { color: palette.line } },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
    },
    yAxis: { type: 'log', ...valueAxis(palette, latencyText) },
    series,
  };
}

/** One in how many is slower; the maximum stands one halving behind the last percentile. */
function rarity({ percent }: CurvePoint, curve: readonly CurvePoint[]): number {
  const last = curve.at(-2)?.percent ?? 0;
  return percent < 100 ? 100 / (100 - percent) : (2 * 100) / (100 - last);
}

function percentText(oneIn: number): string {
  if (oneIn <= 1) return '0 %';
  const digits = Math.max(0, Math.ceil(Math.log10(oneIn)) - 2);
  return `${(100 - 100 / oneIn).toFixed(digits)} %`;
}

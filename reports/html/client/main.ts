/** Draws the charts of a report from the data in the page, in its colours, and again when those or the size change. */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import { connect, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { RunModel } from '../../model/run-model.js';
import { exchangeChart, memoryChart } from './device-series.js';
import { latencyOverTime } from './latency-over-time.js';
import { dark, light, type Palette } from './palette.js';
import { percentileCurves } from './percentile-curves.js';
import { recoveryWaterfall, waterfallHeight } from './recovery-waterfall.js';
import { timeLine, timeLineHeight } from './time-line.js';

use([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  CustomChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  LineChart,
  MarkAreaComponent,
  ScatterChart,
  TooltipComponent,
  VisualMapContinuousComponent,
]);

/** Charts over the time of the run zoom together. */
const TIME_GROUP = 'time';

interface Drawing {
  readonly id: string;
  readonly option: (palette: Palette) => object;
  readonly heightPx?: number;
  readonly overTime?: boolean;
}

const model: RunModel = JSON.parse(document.getElementById('run')?.textContent ?? '{}');
const charts = new Map<string, EChartsType>();
const darkScheme = matchMedia('(prefers-color-scheme: dark)');

const drawings: readonly Drawing[] = [
  {
    id: 'time-line',
    option: (palette) => timeLine(model, palette),
    heightPx: timeLineHeight(model),
    overTime: true,
  },
  ...model.streams.flatMap((stream, index): Drawing[] => [
    { id: `latency-${index}`, option: (palette) => latencyOverTime(model, stream, palette), overTime: true },
    { id: `curves-${index}`, option: (palette) => percentileCurves(stream, palette) },
  ]),
  {
    id: 'waterfall',
    option: (palette) => recoveryWaterfall(model, palette),
    heightPx: waterfallHeight(model),
  },
  { id: 'memory', option: (palette) => memoryChart(model, palette), overTime: true },
  { id: 'exchanges', option: (palette) => exchangeChart(model, palette), overTime: true },
];

function draw(palette: Palette): void {
  for (const { id, option, heightPx, overTime } of drawings) {
    const place = document.getElementById(id);
    if (place === null) continue;
    if (heightPx !== undefined) place.style.height = `${heightPx}px`;
    const chart = charts.get(id) ?? init(place);
    charts.set(id, chart);
    if (overTime === true) chart.group = TIME_GROUP;
    chart.setOption(
      { animation: false, aria: { enabled: true }, textStyle: { fontFamily: 'inherit' }, ...option(palette) },
      true,
    );
  }
  connect(TIME_GROUP);
}

const drawAsShown = (): void => draw(darkScheme.matches ? dark : light);

/** The part of the run that all charts over time show. */
function show(fromMs: number, toMs: number): void {
  for (const { id, overTime } of drawings) {
    if (overTime !== true) continue;
    charts.get(id)?.dispatchAction({ type: 'dataZoom', startValue: fromMs, endValue: toMs });
  }
}

drawAsShown();
darkScheme.addEventListener('change', drawAsShown);
addEventListener('resize', () => {
  for (const chart of charts.values()) chart.resize();
});
// Paper is light, and has a width of its own.
addEventListener('beforeprint', () => {
  draw(light);
  for (const chart of charts.values()) chart.resize();
});
addEventListener('afterprint', drawAsShown);

for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
  button.addEventListener('click', () => {
    const [fromMs = 0, toMs = model.endMs] = (button.dataset['zoom'] ?? '').split(' ').map(Number);
    show(fromMs, toMs);
    document.getElementById('time-line')?.scrollIntoView({ behavior: 'smooth', block: 'start' });
  });
}

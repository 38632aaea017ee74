/** Draws the charts of a run's report from the data in the page. */
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
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { RunModel } from '../../model/run-model.js';
import { type Drawing, keepDrawn, pageData } from './charts.js';
import { exchangeChart, memoryChart } from './device-series.js';
import { latencyOverTime } from './latency-over-time.js';
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

/** Charts over the time of the run. */
const TIME = 'time';

const model: RunModel = JSON.parse(pageData('run'));

const drawings: readonly Drawing[] = [
  {
    id: 'time-line',
    option: (palette) => timeLine(model, palette),
    heightPx: timeLineHeight(model),
    group: TIME,
  },
  ...model.streams.flatMap((stream, index): Drawing[] => [
    { id: `latency-${index}`, option: (palette) => latencyOverTime(model, stream, palette), group: TIME },
    { id: `curves-${index}`, option: (palette) => percentileCurves(stream, palette) },
  ]),
  {
    id: 'waterfall',
    option: (palette) => recoveryWaterfall(model, palette),
    heightPx: waterfallHeight(model),
  },
  { id: 'memory', option: (palette) => memoryChart(model, palette), group: TIME },
  { id: 'exchanges', option: (palette) => exchangeChart(model, palette), group: TIME },
];

const charts = keepDrawn(drawings);

/** The part of the run that all charts over time show. */
function show(startValue: number, endValue: number): void {
  for (const { id, group } of drawings) {
    if (group === TIME) charts.get(id)?.dispatchAction({ type: 'dataZoom', startValue, endValue });
  }
}

for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
  button.addEventListener('click', () => {
    const [fromMs = 0, toMs = model.endMs] = (button.dataset.zoom ?? '').split(' ').map(Number);
    show(fromMs, toMs);
    document.getElementById('time-line')?.scrollIntoView({ behavior: 'smooth', block: 'start' });
  });
}

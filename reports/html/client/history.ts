/** Draws the charts of the history's page from the data in the page. */
import { HeatmapChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  CalendarComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapPiecewiseComponent,
} from 'echarts/components';
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { Outcome } from '../../../rig/run/outcome.js';
import type { CalendarDay } from '../../history/calendar.js';
import type { HistoryPageData } from '../../history/page-data.js';
import type { Build, ScenarioTrend } from '../../history/trends.js';
import { type Drawing, keepDrawn, pageData } from './charts.js';
import type { Palette } from './palette.js';
import { latencyText, tooltip, valueAxis } from './time-axis.js';

use([
  AriaComponent,
  CalendarComponent,
  CanvasRenderer,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  TooltipComponent,
  VisualMapPiecewiseComponent,
]);

const severity: readonly Outcome[] = ['PASS', 'FAIL', 'INVALID', 'ERROR'];
const YEAR_PX = 130;
const { days, trends }: HistoryPageData = JSON.parse(pageData('history'));
const years = [...new Set(days.map(({ day }) => day.slice(0, 4)))];

function calendar(palette: Palette): object {
  const colors = { PASS: palette.good, FAIL: palette.bad, INVALID: palette.waiting, ERROR: palette.fault };
  return {
    tooltip: {
      ...tooltip(palette),
      formatter: ({ value }: { value: readonly [string, number, string] }) => value[2],
    },
    visualMap: {
      type: 'piecewise',
      top: 0,
      left: 0,
      orient: 'horizontal',
      itemGap: 8,
      itemWidth: 14,
      dimension: 1,
      textStyle: { color: palette.text, fontSize: 12, fontWeight: 'normal' },
      pieces: severity.map((outcome, value) => ({
        value,
        label: outcome,
        color: colors[outcome === 'ABORTED' ? 'ERROR' : outcome],
      })),
    },
    calendar: years.map((year, index) => ({
      range: year,
      top: 56 + YEAR_PX * index,
      left: 60,
      right: 12,
      cellSize: ['auto', 13],
      splitLine: { lineStyle: { color: palette.line } },
      itemStyle: { color: palette.surface, borderColor: palette.line },
      dayLabel: { color: palette.faint, firstDay: 1, fontSize: 11, fontWeight: 'normal' },
      monthLabel: { color: palette.faint, fontSize: 11, fontWeight: 'normal' },
      yearLabel: { color: palette.faint, fontSize: 13, margin: 30 },
    })),
    series: years.map((year, calendarIndex) => ({
      type: 'heatmap',
      coordinateSystem: 'calendar',
      calendarIndex,
      data: days.filter(({ day }) => day.startsWith(year)).map(cellOf),
    })),
  };
}

const cellOf = ({ day, runs, passed, worst }: CalendarDay): [string, number, string] => [
  day,
  severity.indexOf(worst),
  `${day}: ${passed} of ${runs} passed, the worst is ${worst}`,
];

const latencyChart = (trend: ScenarioTrend, palette: Palette): object => ({
  ...frame(trend, palette),
  yAxis: { type: 'log', ...valueAxis(palette, latencyText) },
  series: [
    line('p99 in steady state', palette.steady, trend.builds, ({ p99SteadyMs }) => p99SteadyMs, latencyText),
    line(
      'slowest recovery',
      palette.recovery,
      trend.builds,
      ({ recoveryMaxMs }) => recoveryMaxMs,
      latencyText,
    ),
  ],
});

const percentText = (value: number): string => `${Number(value.toPrecision(2))} %`;

const lossChart = (trend: ScenarioTrend, palette: Palette): object => ({
  ...frame(trend, palette),
  yAxis: { type: 'value', min: 0, ...valueAxis(palette, percentText) },
  series: [
    line(
      'lost',
      palette.bad,
      trend.builds,
      ({ due, lost }) => (due === 0 ? null : (100 * lost) / due),
      percentText,
    ),
    line(
      'loss rate at most',
      palette.steady,
      trend.builds,
      ({ due, lossUpperBound95 }) => (due === 0 ? null : 100 * lossUpperBound95),
      percentText,
    ),
  ],
});

const frame = ({ builds }: ScenarioTrend, palette: Palette) => ({
  grid: { left: 62, right: 18, top: 36, bottom: 34 },
  legend: { top: 0, textStyle: { color: palette.text } },
  tooltip: { ...tooltip(palette), trigger: 'axis' },
  xAxis: {
    type: 'category',
    data: builds.map(({ firstAt, firmwareSha256, commit }) =>
      [firstAt.slice(5, 10), (commit ?? firmwareSha256).slice(0, 7)].join('\n'),
    ),
    axisLabel: { color: palette.faint, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.line } },
  },
});

const line = (
  name: string,
  color: string,
  builds: readonly Build[],
  of: (build: Build) => number | null,
  text: (value: number) => string,
) => ({
  name,
  type: 'line',
  connectNulls: false,
  symbolSize: 7,
  itemStyle: { color },
  lineStyle: { color, width: 1.8 },
  data: builds.map(of),
  tooltip: { valueFormatter: (value: number | null) => (value === null ? 'none' : text(value)) },
});

keepDrawn([
  { id: 'calendar', option: calendar, heightPx: 44 + YEAR_PX * Math.max(1, years.length) },
  ...trends.flatMap((trend, index): Drawing[] => [
    { id: `latency-${index}`, option: (palette) => latencyChart(trend, palette) },
    { id: `loss-${index}`, option: (palette) => lossChart(trend, palette) },
  ]),
]);

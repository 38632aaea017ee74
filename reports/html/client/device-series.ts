/** Free memory, connects and exchange times over the run. */
import type { SeriesGroup } from '../../model/decimated-series.js';
import type { RunModel } from '../../model/run-model.js';
import type { Palette } from './palette.js';
import { clockText, faultShades, timeAxis, tooltip, valueAxis, zoom } from './time-axis.js';

const kilobytes = (value: number): string => `${Number(value.toFixed(2))} KiB`;
const BYTES = 1_024;
const milliseconds = (ms: number): string => `${Number(ms.toFixed(2))} ms`;
const plain = (value: number): string => String(Math.round(value * 100) / 100);

/** So that the axis has round numbers of what it is labelled with. */
const inKilobytes = (groups: readonly SeriesGroup[]): SeriesGroup[] =>
  groups.map(({ atMs, min, max, last }) => ({
    atMs,
    min: min / BYTES,
    max: max / BYTES,
    last: last / BYTES,
  }));

export const memoryChart = (model: RunModel, palette: Palette): object => ({
  ...frame(model, palette, { left: 74, right: 46 }),
  yAxis: [
    { type: 'value', scale: true, ...valueAxis(palette, kilobytes) },
    { type: 'value', minInterval: 1, ...valueAxis(palette, plain), splitLine: { show: false } },
  ],
  series: [
    {
      ...line('free memory', inKilobytes(model.memory), palette.steady, kilobytes),
      markArea: faultShades(model, palette),
    },
    { ...line('connects', model.connects, palette.recovery, plain), yAxisIndex: 1, step: 'end' },
  ],
});

export const exchangeChart = (model: RunModel, palette: Palette): object => ({
  ...frame(model, palette, { left: 74, right: 18 }),
  yAxis: { type: 'value', scale: true, ...valueAxis(palette, milliseconds) },
  series: [
    {
      ...line('mean exchange', model.exchanges, palette.steady, milliseconds),
      markArea: faultShades(model, palette),
    },
  ],
});

const frame = (model: RunModel, palette: Palette, sides: { left: number; right: number }) => ({
  grid: { ...sides, top: 34, bottom: 34 },
  legend: { top: 0, textStyle: { color: palette.text } },
  tooltip: { ...tooltip(palette), trigger: 'axis', axisPointer: { type: 'line' }, formatter: tip },
  xAxis: timeAxis(model, palette),
  dataZoom: zoom,
});

interface TipItem {
  readonly seriesName: string;
  readonly value: readonly [atMs: number, value: number, text: string];
}

const tip = (items: readonly TipItem[]): string =>
  [
    clockText(items[0]?.value[0] ?? 0),
    ...items.map(({ seriesName, value }) => `${seriesName}: ${value[2]}`),
  ].join('\n');

const line = (
  name: string,
  groups: readonly SeriesGroup[],
  color: string,
  text: (value: number) => string,
) => ({
  name,
  type: 'line',
  showSymbol: groups.length < 80,
  symbolSize: 4,
  itemStyle: { color },
  lineStyle: { color, width: 1.8 },
  data: groups.map(({ atMs, min, max, last }) => [
    atMs,
    last,
    min === max ? text(last) : `${text(last)} (${text(min)} to ${text(max)})`,
  ]),
});

/** Latency over time on a logarithmic axis: each message while there are few, a density where there are many. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { type DensityCell, latencyBoundMs } from '../../model/latency-density.js';
import type { RunModel } from '../../model/run-model.js';
import type { StreamModel } from '../../model/stream-model.js';
import type { Palette } from './palette.js';
import { clockText, faultShades, latencyText, timeAxis, tooltip, valueAxis, zoom } from './time-axis.js';

export function latencyOverTime(model: RunModel, stream: StreamModel, palette: Palette): object {
  const series = stream.points.length > 0 ? points(stream, palette) : cells(stream);
  return {
    grid: { left: 62, right: 18, top: 14, bottom: 34 },
    tooltip: { ...tooltip(palette), trigger: 'item' },
    xAxis: timeAxis(model, palette),
    yAxis: { type: 'log', ...lowest(stream), ...valueAxis(palette, latencyText) },
    dataZoom: zoom,
    ...(stream.points.length === 0 && { visualMap: densityScale(stream.density.cells, palette) }),
    series: [{ ...series, markArea: faultShades(model, palette) }],
  };
}

/** The axis begins at the decade below the fastest message. */
function lowest({ points: all, density }: StreamModel): { min: number } {
  const fastest =
    all.length > 0 ? Math.min(...all.map(({ responseMs }) => responseMs)) : smallest(density.cells);
  return { min: 10 ** Math.floor(Math.log10(Math.max(fastest, 1))) };
}

const smallest = (all: readonly DensityCell[]): number =>
  latencyBoundMs(all.reduce((least, [, size]) => Math.min(least, size), Number.POSITIVE_INFINITY));

function points(stream: StreamModel, palette: Palette): object {
  const colors = {
    steady: palette.steady,
    fault: palette.fault,
    recovery: palette.recovery,
  };
  return {
    type: 'scatter',
    symbolSize: stream.points.length > 1_500 ? 3 : 5,
    data: stream.points.map(({ sequence, dueMs, responseMs, phase }) => ({
      value: [dueMs, Math.max(responseMs, 1), sequence],
      itemStyle: { color: colors[phase], opacity: 0.75 },
    })),
    tooltip: {
      formatter: ({ value }: { value: readonly number[] }) =>
        `${stream.name} ${value[2]}: ${latencyText(value[1] ?? 0)}\ndue at ${clockText(value[0] ?? 0)}`,
    },
  };
}

/** Columns of a cell's data: start, end, low, high, count. */
function cells(stream: StreamModel): object {
  const { sliceMs } = stream.density;
  return {
    type: 'custom',
    clip: true,
    renderItem: renderCell,
    encode: { x: [0, 1], y: [2, 3] },
    dimensions: ['from', 'to', 'low', 'high', 'count'],
    data: stream.density.cells.map(([slice, size, count]) => [
      slice * sliceMs,
      (slice + 1) * sliceMs,
      latencyBoundMs(size),
      latencyBoundMs(size + 1),
      count,
    ]),
    tooltip: {
      formatter: ({ value }: { value: readonly number[] }) =>
        `${value[4]} messages of ${latencyText(value[2] ?? 0)} to ${latencyText(value[3] ?? 0)}\n` +
        `due ${clockText(value[0] ?? 0)} to ${clockText(value[1] ?? 0)}`,
    },
  };
}

function renderCell(_params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const [fromX = 0, lowY = 0] = api.coord([api.value(0), api.value(2)]);
  const [toX = 0, highY = 0] = api.coord([api.value(1), api.value(3)]);
  return {
    type: 'rect' as const,
    shape: { x: fromX, y: highY, width: Math.max(toX - fromX, 1), height: Math.max(lowY - highY, 1) },
    style: { fill: String(api.visual('color')) },
  };
}

function densityScale(all: readonly DensityCell[], palette: Palette): object {
  return {
    show: false,
    dimension: 4,
    min: 1,
    max: Math.max(
      2,
      all.reduce((most, [, , count]) => Math.max(most, count), 0),
    ),
    inRange: { color: palette.density },
  };
}

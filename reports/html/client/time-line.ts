/** The time line: lanes of states, and a lane for each stream with what did not arrive. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { graphic } from 'echarts/core';
import type { Span } from '../../model/lanes.js';
import type { RunModel } from '../../model/run-model.js';
import type { MessageMark } from '../../model/stream-model.js';
import type { Palette } from './palette.js';
import { clockText, faultShades, timeAxis, tooltip, zoom } from './time-axis.js';

/** Height of a lane and of what surrounds them, in pixels. */
const LANE_PX = 30;
const AROUND_PX = 56;
/** Share of its lane that a span fills. */
const SPAN_FILL = 0.62;

export const timeLineHeight = (model: RunModel): number =>
  AROUND_PX + LANE_PX * (model.lanes.length + model.streams.length);

/** A row of the chart's data: lane, from, to, colour, and what the tooltip says. */
type Row = readonly [lane: number, fromMs: number, toMs: number, color: string, says: string];

export function timeLine(model: RunModel, palette: Palette): object {
  const names = [...model.lanes.map(({ name }) => name), ...model.streams.map(({ name }) => name)];
  const spans = model.lanes.flatMap((lane, index) =>
    lane.spans.map((span) => spanRow(index, lane.name, span, palette)),
  );
  const marks = model.streams.flatMap((stream, index) =>
    stream.marks.map((mark) => markRow(model.lanes.length + index, stream.name, mark, palette)),
  );
  const traffic = model.streams.map((stream, index): Row => {
    const lane = model.lanes.length + index;
    const [fromMs, toMs] = trafficOf(model, stream.name);
    return [lane, fromMs, toMs, palette.line, `${stream.name}: ${clockText(fromMs)} to ${clockText(toMs)}`];
  });
  return {
    grid: { left: 88, right: 18, top: 8, bottom: 34 },
    tooltip: { ...tooltip(palette), formatter: ({ value }: { value: Row }) => value[4] },
    xAxis: timeAxis(model, palette),
    yAxis: {
      type: 'category',
      inverse: true,
      data: names,
      axisLabel: { color: palette.text, interval: 0 },
      axisLine: { show: false },
      axisTick: { show: false },
    },
    dataZoom: zoom,
    series: [
      { ...bars, data: spans, markArea: faultShades(model, palette) },
      { ...bars, data: traffic },
      { ...bars, data: marks, z: 5 },
    ],
  };
}

const bars = { type: 'custom', renderItem, encode: { x: [1, 2], y: 0 }, clip: true };

function spanRow(lane: number, name: string, { fromMs, toMs, state, mood }: Span, palette: Palette): Row {
  const says = `${name}: ${state}\n${clockText(fromMs)} to ${clockText(toMs)} (${clockText(toMs - fromMs)})`;
  return [lane, fromMs, toMs, palette[mood], says];
}

function markRow(
  lane: number,
  stream: string,
  { sequence, dueMs, what }: MessageMark,
  palette: Palette,
): Row {
  const color = what === 'reordered' ? palette.waiting : palette.bad;
  return [lane, dueMs, dueMs, color, `${stream} ${sequence}: ${what}\ndue at ${clockText(dueMs)}`];
}

/** From the first message that fell due to the last. */
function trafficOf(model: RunModel, name: string): [fromMs: number, toMs: number] {
  const stream = model.streams.find((candidate) => candidate.name === name);
  if (stream === undefined) return [0, 0];
  if (stream.points.length > 0) {
    const times = stream.points.map(({ dueMs }) => dueMs);
    return [Math.min(...times), Math.max(...times)];
  }
  const { sliceMs, cells } = stream.density;
  return [(cells[0]?.[0] ?? 0) * sliceMs, Math.min(((cells.at(-1)?.[0] ?? 0) + 1) * sliceMs, model.endMs)];
}

/** Nothing is narrower than this, so that what is short is seen. */
const NARROWEST_PX = 2;

function renderItem(params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const [fromX = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
  const [toX = 0] = api.coord([api.value(2), api.value(0)]);
  const height = LANE_PX * SPAN_FILL;
  const { x, y: top, width, height: full } = areaOf(params.coordSys);
  const shape = graphic.clipRectByRect(
    { x: fromX, y: y - height / 2, width: Math.max(toX - fromX, NARROWEST_PX), height },
    { x, y: top, width, height: full },
  );
  return shape && { type: 'rect' as const, shape, style: { fill: String(api.value(3)) } };
}

/** The grid's area; the types of the library leave it open. */
function areaOf(system: object): { x: number; y: number; width: number; height: number } {
  const number = (name: string): number => Number(Reflect.get(system, name) ?? 0);
  return { x: number('x'), y: number('y'), width: number('width'), height: number('height') };
}

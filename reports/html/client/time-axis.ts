/** What the charts over time have in common: the axis, the shades of the faults, the zoom. */
import type { RunModel } from '../../model/run-model.js';
import type { Palette } from './palette.js';

/** `75 s`, `12:05 min`, `3:20:00 h`: a time of the run. */
export function clockText(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 90) return `${trimmed(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  if (hours === 0) return `${minutes}:${two(whole % 60)} min`;
  return `${hours}:${two(minutes)}:${two(whole % 60)} h`;
}

/** `12 ms`, `1.25 s`: a latency. */
export function latencyText(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  return `${trimmed(ms / 1_000)} s`;
}

const trimmed = (value: number): string => Number(value.toFixed(value < 10 ? 2 : 1)).toString();

export const timeAxis = (model: RunModel, palette: Palette) => ({
  // From an epoch at the start of the run: the marks are at whole seconds and minutes, however near one looks.
  type: 'time' as const,
  min: 0,
  max: Math.max(model.endMs, 1),
  axisLabel: { color: palette.faint, formatter: clockText, hideOverlap: true, showMaxLabel: false },
  axisLine: { lineStyle: { color: palette.line } },
  splitLine: { show: false },
  axisPointer: { label: { formatter: ({ value }: { value: unknown }) => clockText(Number(value)) } },
});

export const valueAxis = (palette: Palette, formatter: (value: number) => string) => ({
  axisLabel: { color: palette.faint, formatter, hideOverlap: true },
  axisLine: { show: false },
  splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
});

export const zoom = [
  { type: 'inside' as const, xAxisIndex: 0, filterMode: 'none' as const, zoomOnMouseWheel: 'ctrl' as const },
];

/** Shades while faults were injected. */
export const faultShades = (model: RunModel, palette: Palette) => ({
  silent: true,
  itemStyle: { color: palette.faultShade },
  data: model.result.faults.map(({ injectedAtMs, clearedAtMs }): [{ xAxis: number }, { xAxis: number }] => [
    { xAxis: injectedAtMs },
    { xAxis: clearedAtMs ?? model.endMs },
  ]),
});

export const tooltip = (palette: Palette) => ({
  confine: true,
  backgroundColor: palette.surface,
  borderColor: palette.line,
  textStyle: { color: palette.text, fontSize: 12 },
  renderMode: 'richText' as const,
});

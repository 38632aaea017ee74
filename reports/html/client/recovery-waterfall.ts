/** The recovery waterfall: a bar for each fault, from its injection, cut into the steps that were seen. */
import type { FaultResult } from '../../../rig/run/result.js';
import type { RunModel } from '../../model/run-model.js';
import type { Palette } from './palette.js';
import { latencyText, tooltip, valueAxis } from './time-axis.js';

const BAR_PX = 22;
const AROUND_PX = 84;
/** Faults shown; the slowest ones of a run with more. */
const FAULTS_SHOWN = 60;

export const waterfallHeight = (model: RunModel): number =>
  AROUND_PX + BAR_PX * Math.min(FAULTS_SHOWN, model.result.faults.length);

export function recoveryWaterfall(model: RunModel, palette: Palette): object {
  const faults = slowest(model.result.faults);
  const steps = stepNames(faults);
  return {
    grid: { left: 106, right: 24, top: 40, bottom: 36 },
    legend: {
      top: 0,
      type: 'scroll',
      textStyle: { color: palette.text },
      itemWidth: 14,
      pageTextStyle: { color: palette.text },
    },
    tooltip: { ...tooltip(palette), trigger: 'item' },
    xAxis: { type: 'value', ...valueAxis(palette, latencyText) },
    yAxis: {
      type: 'category',
      inverse: true,
      data: faults.map(({ number, kind }) => `${number} ${kind}`),
      axisLabel: { color: palette.text },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    series: steps.map((step, index) => ({
      name: step,
      type: 'bar',
      stack: 'fault',
      barCategoryGap: '25%',
      itemStyle: { color: stepColor(index, steps.length, palette) },
      data: faults.map((fault) => partOf(fault, step)),
      tooltip: {
        formatter: ({ name, value }: { name: string; value: { [index: number]: number } | number }) =>
          `${name}\nuntil "${step}": ${latencyText(Number(value))} more`,
      },
    })),
  };
}

function slowest(faults: readonly FaultResult[]): FaultResult[] {
  const durationOf = ({ injectedAtMs, waterfall }: FaultResult) =>
    (waterfall.at(-1)?.atMs ?? injectedAtMs) - injectedAtMs;
  if (faults.length <= FAULTS_SHOWN) return [...faults];
  return [...faults]
    .sort((a, b) => durationOf(b) - durationOf(a))
    .slice(0, FAULTS_SHOWN)
    .sort((a, b) => a.number - b.number);
}

/** All steps that any fault went through, in the order in which they usually came. */
function stepNames(faults: readonly FaultResult[]): string[] {
  const places = new Map<string, { sum: number; count: number }>();
  for (const { waterfall } of faults) {
    for (const [place, { step }] of waterfall.entries()) {
      const before = places.get(step) ?? { sum: 0, count: 0 };
      places.set(step, { sum: before.sum + place, count: before.count + 1 });
    }
  }
  const mean = ({ sum, count }: { sum: number; count: number }) => sum / count;
  return [...places].sort(([, a], [, b]) => mean(a) - mean(b)).map(([step]) => step);
}

/** From the step before to this one, in milliseconds; null where the fault did not go through it. */
function partOf({ injectedAtMs, waterfall }: FaultResult, step: string): number | null {
  const place = waterfall.findIndex((candidate) => candidate.step === step);
  const reached = waterfall[place];
  if (reached === undefined) return null;
  return reached.atMs - (waterfall[place - 1]?.atMs ?? injectedAtMs);
}

/** A colour of its own for each step: between the colours of the palette, from the fault to all well. */
function stepColor(index: number, count: number, palette: Palette): string {
  const scale = [palette.fault, palette.bad, palette.recovery, palette.waiting, palette.steady, palette.good];
  const place = (index / Math.max(1, count - 1)) * (scale.length - 1);
  const below = scale[Math.floor(place)] ?? palette.fault;
  return mixed(below, scale[Math.ceil(place)] ?? below, place % 1);
}

/** Of two colours `#rrggbb`, so much of the second. */
function mixed(first: string, second: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [from = 0, to = 0] = [first, second].map((color) => Number.parseInt(color.slice(at, at + 2), 16));
    return Math.round(from + (to - from) * share);
  });
  return `rgb(${parts.join(', ')})`;
}

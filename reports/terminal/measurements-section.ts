/** Declared measurements against their limits. */
import type { MeasurementResult, RunResult } from '../../rig/run/result.js';
import { limitText } from '../text/limit.js';
import { quantity } from '../text/numbers.js';
import type { Tone } from '../text/style.js';
import { type Column, table } from '../text/table.js';
import type { Screen } from './screen.js';

const columns: readonly Column[] = [
  { heading: '', align: 'left' },
  { heading: 'measurement', align: 'left', whenNarrow: 'wrap' },
  { heading: 'value', align: 'right' },
  { heading: 'unit', align: 'left' },
  { heading: 'limit', align: 'left' },
];

const tones: Readonly<Record<MeasurementResult['outcome'], Tone>> = {
  PASS: 'good',
  FAIL: 'bad',
  RECORDED: 'dim',
  UNSET: 'bad',
};

export function measurementsSection({ measurements }: RunResult, { width, style }: Screen): string[] {
  if (measurements.length === 0) return [];
  const rows = measurements.map(({ name, unit, value, limit, outcome }) => [
    { text: outcome === 'RECORDED' ? '' : outcome, tone: tones[outcome] },
    name,
    value === null ? 'never measured' : quantity(value),
    unit,
    { text: limitText(limit), tone: limit.kind === 'none' ? ('dim' as const) : undefined },
  ]);
  return [style('strong', 'Measurements'), ...table(columns, rows, { width, style })];
}

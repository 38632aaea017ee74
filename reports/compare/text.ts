/** A comparison as text: what changed first, the rest on request. */
import { quantity } from '../text/numbers.js';
import type { Style, Tone } from '../text/style.js';
import { type Column, table } from '../text/table.js';
import type { Comparison, Verdict } from './compare.js';
import type { Estimate } from './latency-sample.js';

const columns: readonly Column[] = [
  { heading: '', align: 'left' },
  { heading: 'what', align: 'left', whenNarrow: 'wrap' },
  { heading: 'A', align: 'right' },
  { heading: '95 %', align: 'right' },
  { heading: 'B', align: 'right' },
  { heading: '95 %', align: 'right' },
  { heading: 'unit', align: 'left' },
  { heading: 'change', align: 'right' },
];

const tones: Readonly<Record<Verdict, Tone | undefined>> = { better: 'good', worse: 'bad', same: 'dim' };
const words: Readonly<Record<Verdict, string>> = { better: 'better', worse: 'worse', same: 'no difference' };

export interface ComparisonText {
  readonly width: number;
  readonly style: Style;
  /** Also what did not change beyond noise. */
  readonly all: boolean;
}

/** The lines; the last says what it comes to. */
export function comparisonLines(comparisons: readonly Comparison[], options: ComparisonText): string[] {
  const { width, style, all } = options;
  const shown = comparisons.filter(({ verdict }) => all || verdict !== 'same');
  const rows = shown.map(({ name, unit, a, b, verdict }) => [
    { text: words[verdict], tone: tones[verdict] },
    name,
    value(a),
    interval(a),
    value(b),
    interval(b),
    unit,
    change(a, b),
  ]);
  const lines = rows.length === 0 ? [] : [...table(columns, rows, { width, style }), ''];
  return [...lines, conclusion(comparisons)];
}

const value = ({ value: of }: Partial<Estimate>): string =>
  of === undefined ? 'never measured' : quantity(of);

const interval = ({ low, high }: Partial<Estimate>): string =>
  low === undefined || high === undefined ? '' : `${quantity(low)} to ${quantity(high)}`;

function change(a: Partial<Estimate>, b: Partial<Estimate>): string {
  if (a.value === undefined || b.value === undefined || a.value === b.value) return '';
  if (a.value === 0) return 'from none';
  const percent = ((b.value - a.value) / Math.abs(a.value)) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(percent > -10 && percent < 10 ? 1 : 0)} %`;
}

function conclusion(comparisons: readonly Comparison[]): string {
  const count = (wanted: Verdict) => comparisons.filter(({ verdict }) => verdict === wanted).length;
  const same = count('same');
  if (same === comparisons.length) return `No difference beyond noise in ${same} comparisons.`;
  return `B against A: ${count('worse')} worse, ${count('better')} better, ${same} without a difference beyond noise.`;
}

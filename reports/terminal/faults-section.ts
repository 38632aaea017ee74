/** Each fault: when it came, who vouches for it, how soon it was noticed, how soon all was well again. */
import type { FaultResult, RunResult } from '../../rig/run/result.js';
import { count, plural, sinceStart, time } from '../text/numbers.js';
import { type Cell, type Column, table } from '../text/table.js';
import type { Screen } from './screen.js';

/** Faults shown one by one; the rest are in the totals and in `result.json`. */
const FAULTS_SHOWN = 10;

const columns: readonly Column[] = [
  { heading: '#', align: 'right' },
  { heading: 'fault', align: 'left', whenNarrow: 'cut' },
  { heading: 'injected', align: 'right' },
  { heading: 'noticed after', align: 'right' },
  { heading: 'recovered in', align: 'right' },
  { heading: 'lost', align: 'right' },
  { heading: 'proved by', align: 'left', whenNarrow: 'cut' },
];

export function faultsSection({ faults, faultsNotShown }: RunResult, { width, style }: Screen): string[] {
  if (faults.length === 0) return [];
  const more = faults.length - FAULTS_SHOWN + faultsNotShown;
  return [
    `${style('strong', 'Faults')} ${style('dim', totals(faults, faultsNotShown))}`,
    ...table(columns, faults.slice(0, FAULTS_SHOWN).map(faultCells), { width, style }),
    ...(more > 0 ? [style('dim', `  … ${count(more)} more`)] : []),
    ...spread('noticed after', faults.map(detectionMs)),
    ...spread('recovered in', faults.map(recoveryMs)),
  ];
}

/** Injected to noticed by the first of client and server; undefined when neither did. */
export function detectionMs(fault: FaultResult): number | undefined {
  const seen = fault.waterfall
    .filter(({ step }) => step === 'seen by the client' || step === 'seen by the server')
    .map(({ atMs }) => atMs);
  return seen.length === 0 ? undefined : Math.min(...seen) - fault.injectedAtMs;
}

/** End of the fault to everything working, backlog included; undefined when it never did. */
export const recoveryMs = (fault: FaultResult): number | undefined =>
  fault.recoveredAtMs === null || fault.clearedAtMs === null
    ? undefined
    : fault.recoveredAtMs - fault.clearedAtMs;

function faultCells(fault: FaultResult): Cell[] {
  const detection = detectionMs(fault);
  const recovery = recoveryMs(fault);
  return [
    count(fault.number),
    fault.kind,
    sinceStart(fault.injectedAtMs),
    detection === undefined ? { text: 'never', tone: 'warning' } : time(detection),
    recovery === undefined ? { text: 'never', tone: 'bad' } : time(recovery),
    { text: count(fault.lost), tone: fault.lost > 0 ? 'bad' : 'dim' },
    fault.evidence === null ? { text: 'NOT PROVED', tone: 'warning' } : fault.evidence,
  ];
}

function totals(faults: readonly FaultResult[], notShown: number): string {
  const proved = faults.filter((fault) => fault.evidence !== null).length;
  const recovered = faults.filter((fault) => fault.recoveredAtMs !== null).length;
  const lost = faults.reduce((sum, fault) => sum + fault.lost, 0);
  return [
    plural(faults.length, 'fault'),
    `${count(proved)} proved`,
    `${count(recovered)} recovered`,
    `${count(lost)} lost in them`,
    ...(notShown > 0 ? [`${count(notShown)} not listed`] : []),
  ].join(' · ');
}

/** Where there are several, what is usual and what is worst. */
function spread(label: string, values: readonly (number | undefined)[]): string[] {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const median = known[Math.floor((known.length - 1) / 2)];
  const shortest = known[0];
  const longest = known.at(-1);
  if (median === undefined || shortest === undefined || longest === undefined || known.length < 2) return [];
  return [`  ${label}: ${time(shortest)} at best · ${time(median)} median · ${time(longest)} at worst`];
}

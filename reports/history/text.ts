/** Trends in the terminal: a row for each build, the outcomes as a line of marks. */
import type { Outcome } from '../../rig/run/outcome.js';
import { count, percent, time } from '../text/numbers.js';
import type { Style, Tone } from '../text/style.js';
import { type Column, table } from '../text/table.js';
import type { Build, ScenarioTrend } from './trends.js';

/** Outcomes and builds shown; the HTML page has all. */
const OUTCOMES_SHOWN = 40;
const BUILDS_SHOWN = 10;

const marks: Readonly<Record<Outcome, readonly [mark: string, tone: Tone]>> = {
  PASS: ['.', 'good'],
  FAIL: ['F', 'bad'],
  INVALID: ['I', 'warning'],
  ERROR: ['E', 'bad'],
  ABORTED: ['a', 'dim'],
};

const columns: readonly Column[] = [
  { heading: 'since', align: 'left' },
  { heading: 'firmware', align: 'left' },
  { heading: 'commit', align: 'left' },
  { heading: 'passed', align: 'right' },
  { heading: 'lost', align: 'right' },
  { heading: 'loss at most', align: 'right' },
  { heading: 'p99 steady', align: 'right' },
  { heading: 'slowest recovery', align: 'right' },
];

export function trendLines(
  trends: readonly ScenarioTrend[],
  screen: { width: number; style: Style },
): string[] {
  if (trends.length === 0)
    return [
      'No runs yet. "rig run steady" makes one; "rig history --import runs" enters those of old folders.',
    ];
  const { style } = screen;
  const lines = trends.flatMap(({ scenario, builds, outcomes, isFlaky }) => [
    `${style('strong', scenario)}  ${outcomes
      .slice(-OUTCOMES_SHOWN)
      .map((outcome) => style(marks[outcome][1], marks[outcome][0]))
      .join('')}${isFlaky ? `  ${style('warning', 'flaky: the same build passed and failed')}` : ''}`,
    ...table(columns, builds.slice(-BUILDS_SHOWN).map(buildRow), screen),
    ...(builds.length > BUILDS_SHOWN
      ? [style('dim', `  … ${count(builds.length - BUILDS_SHOWN)} older builds`)]
      : []),
    '',
  ]);
  return [
    ...lines,
    style('dim', '. PASS   F FAIL   I INVALID   E ERROR   a ABORTED; the latest on the right'),
  ];
}

const buildRow = (build: Build): string[] => [
  build.firstAt.replace('T', ' ').slice(0, 16),
  build.firmwareSha256.slice(0, 8),
  build.commit?.slice(0, 8) ?? '',
  `${build.passed} of ${build.runs}`,
  count(build.lost),
  build.due === 0 ? '' : percent(build.lossUpperBound95),
  build.p99SteadyMs === null ? '' : time(build.p99SteadyMs),
  build.recoveryMaxMs === null ? '' : time(build.recoveryMaxMs),
];

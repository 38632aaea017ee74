/** What many runs say together: build by build, and which scenarios cannot make up their mind. */
import { upperBound } from '../../rig/measure/bounds.js';
import type { Outcome } from '../../rig/run/outcome.js';
import type { HistoryEntry } from './entry.js';

/** The runs of one scenario with one firmware and commit, in one stretch of history. */
export interface Build {
  readonly firmwareSha256: string;
  readonly commit: string | null;
  readonly firstAt: string;
  readonly runs: number;
  readonly passed: number;
  readonly due: number;
  readonly lost: number;
  /** Exact 95 % upper bound of the loss rate over all of the build's runs. */
  readonly lossUpperBound95: number;
  /** Median over the runs. */
  readonly p99SteadyMs: number | null;
  /** Slowest over the runs. */
  readonly recoveryMaxMs: number | null;
}

export interface ScenarioTrend {
  readonly scenario: string;
  /** The oldest first. */
  readonly builds: readonly Build[];
  /** The latest outcomes, the oldest first. */
  readonly outcomes: readonly Outcome[];
  /** With one and the same build it passed and did not pass: the device, or the bench, is not steady. */
  readonly isFlaky: boolean;
}

/** Scenario by scenario, in the order of their names. */
export function trendsOf(runs: readonly HistoryEntry[]): ScenarioTrend[] {
  const byScenario = new Map<string, HistoryEntry[]>();
  for (const run of runs) {
    const own = byScenario.get(run.scenario);
    if (own === undefined) byScenario.set(run.scenario, [run]);
    else own.push(run);
  }
  return [...byScenario]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scenario, own]) => {
      const groups = groupByBuild(own);
      return {
        scenario,
        builds: groups.map(buildOf),
        outcomes: own.map(({ outcome }) => outcome),
        isFlaky: groups.some((group) => {
          const judged = group.filter(({ outcome }) => outcome === 'PASS' || outcome === 'FAIL');
          return new Set(judged.map(({ outcome }) => outcome)).size > 1;
        }),
      };
    });
}

/** Runs of one build that follow one another: an old build that is tried again is a new stretch. */
function groupByBuild(runs: readonly HistoryEntry[]): HistoryEntry[][] {
  const groups: HistoryEntry[][] = [];
  for (const run of runs) {
    const last = groups.at(-1);
    const before = last?.[0];
    const isSame = before?.firmwareSha256 === run.firmwareSha256 && before.commit === run.commit;
    if (last !== undefined && isSame) last.push(run);
    else groups.push([run]);
  }
  return groups;
}

function buildOf(runs: readonly HistoryEntry[]): Build {
  const sum = (of: (run: HistoryEntry) => number) => runs.reduce((total, run) => total + of(run), 0);
  const due = sum((run) => run.due);
  const lost = sum((run) => run.lost);
  const undecided = sum((run) => run.undecided);
  return {
    firmwareSha256: runs[0]?.firmwareSha256 ?? '',
    commit: runs[0]?.commit ?? null,
    firstAt: runs[0]?.startedAt ?? '',
    runs: runs.length,
    passed: runs.filter(({ outcome }) => outcome === 'PASS').length,
    due,
    lost,
    lossUpperBound95: upperBound(Math.min(lost + undecided, due), due),
    p99SteadyMs: median(runs.flatMap(({ p99SteadyMs }) => p99SteadyMs ?? [])),
    recoveryMaxMs: largest(runs.flatMap(({ recoveryMaxMs }) => recoveryMaxMs ?? [])),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

const largest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.max(...values);

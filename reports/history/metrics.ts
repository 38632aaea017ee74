/**
 * The latest runs as metrics: OpenMetrics text (openmetrics.io, version 1.0), of which Prometheus' own text format 0.0.4
 * reads all that matters. The textfile collector of node_exporter is such a reader. No sample has a time of its own, since
 * the collector refuses those, and every type is one that both formats know.
 */
import { upperBound } from '../../rig/measure/bounds.js';
import { type Outcome, outcomes } from '../../rig/run/outcome.js';
import { escapeUnprintable } from '../text/printable.js';
import type { HistoryEntry } from './entry.js';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** The last part of the name, where the value has a unit. */
  readonly unit?: 'seconds' | 'messages' | 'ratio';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** All runs of one scenario on one bench, the oldest first, without those that somebody stopped. */
interface Series {
  readonly labels: Labels;
  readonly runs: readonly HistoryEntry[];
  readonly last: HistoryEntry;
}

/** The file's text, with its end marked. */
export function openMetrics(runs: readonly HistoryEntry[]): string {
  const series = seriesOf(runs);
  return [...familiesOf(series).flatMap(familyLines), '# EOF', ''].join('\n');
}

/** By scenario and bench, in the order of their names. A run that somebody stopped says nothing. */
function seriesOf(runs: readonly HistoryEntry[]): Series[] {
  const groups = new Map<string, HistoryEntry[]>();
  for (const run of runs) {
    if (run.outcome === 'ABORTED') continue;
    const key = JSON.stringify([run.scenario, run.bench]);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [run]);
    else own.push(run);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => {
      const last = own.at(-1);
      if (last === undefined) return [];
      return { labels: { scenario: last.scenario, bench: last.bench }, runs: own, last };
    });
}

function familiesOf(series: readonly Series[]): Family[] {
  /** A number of the last run; nothing where it has none. */
  const ofLast = (value: (run: HistoryEntry) => number | null): Sample[] =>
    series.flatMap(({ labels, last }) => {
      const of = value(last);
      return of === null ? [] : { labels, value: of };
    });
  return [
    {
      name: 'rig_run_outcome',
      type: 'gauge',
      help: 'Outcome of the last run: 1 for what it was, 0 for what it was not.',
      samples: byOutcome(series, ({ last }, outcome) => (last.outcome === outcome ? 1 : 0)),
    },
    {
      name: 'rig_run_start_timestamp_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When the last run began, in Unix time.',
      samples: ofLast(startSeconds),
    },
    {
      name: 'rig_run_last_pass_timestamp_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When the last run that passed began, in Unix time.',
      samples: series.flatMap(({ labels, runs }) => {
        const passed = runs.findLast(({ outcome }) => outcome === 'PASS');
        return passed === undefined ? [] : { labels, value: startSeconds(passed) };
      }),
    },
    {
      name: 'rig_run_wall_time_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long the last run took.',
      samples: ofLast(({ wallMs }) => wallMs / 1_000),
    },
    {
      name: 'rig_run_due_messages',
      type: 'gauge',
      unit: 'messages',
      help: 'Messages that fell due in the last run.',
      samples: ofLast(({ due }) => due),
    },
    {
      name: 'rig_run_lost_messages',
      type: 'gauge',
      unit: 'messages',
      help: 'Messages of the last run that never arrived.',
      samples: ofLast(({ lost }) => lost),
    },
    {
      name: 'rig_run_loss_upper_bound_ratio',
      type: 'gauge',
      unit: 'ratio',
      help: 'Exact upper bound of the loss rate of the last run at 95 % confidence.',
      samples: ofLast(({ lost, undecided, due }) =>
        due === 0 ? null : upperBound(Math.min(lost + undecided, due), due),
      ),
    },
    {
      name: 'rig_run_steady_response_p99_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'The 99th percentile of what users waited in the last run while no fault was near; of its slowest stream.',
      samples: ofLast(({ p99SteadyMs }) => secondsOf(p99SteadyMs)),
    },
    {
      name: 'rig_run_recovery_max_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'The slowest recovery of the last run, from the end of a fault to all well.',
      samples: ofLast(({ recoveryMaxMs }) => secondsOf(recoveryMaxMs)),
    },
    {
      name: 'rig_run_build',
      type: 'gauge',
      help: 'Always 1: which firmware and commit the last run was of.',
      samples: series.map(({ labels, last }) => ({
        labels: {
          ...labels,
          firmware: last.firmware,
          firmware_sha256: last.firmwareSha256,
          commit: last.commit ?? '',
        },
        value: 1,
      })),
    },
    {
      name: 'rig_runs',
      type: 'counter',
      help: 'Runs in the history, by outcome.',
      samples: byOutcome(
        series,
        ({ runs }, wanted) => runs.filter(({ outcome }) => outcome === wanted).length,
      ),
    },
  ];
}

const byOutcome = (series: readonly Series[], value: (of: Series, outcome: Outcome) => number): Sample[] =>
  series.flatMap((one) =>
    outcomes
      .filter((outcome) => outcome !== 'ABORTED')
      .map((outcome) => ({ labels: { ...one.labels, outcome }, value: value(one, outcome) })),
  );

const startSeconds = ({ startedAt }: HistoryEntry): number => Date.parse(startedAt) / 1_000;

const secondsOf = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

function familyLines({ name, type, unit, help, samples }: Family): string[] {
  if (samples.length === 0) return [];
  const sampleName = type === 'counter' ? `${name}_total` : name;
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(({ labels, value }) => `${sampleName}{${labelText(labels)}} ${value}`),
  ];
}

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');

/** Of what a label's text may not hold as it is, only quotes and backslashes are left when it is printable. */
const escapeLabel = (text: string): string => escapeUnprintable(text).replace(/[\\"]/g, '\\$&');

/** The metrics: what Prometheus' own client makes of them, and that they are of the latest runs. */
import test from 'ava';
import { historyEntry } from '../../../../reports/history/enter.js';
import type { HistoryEntry } from '../../../../reports/history/entry.js';
import { openMetrics } from '../../../../reports/history/metrics.js';
import { madeUpResult } from '../made-up-run.js';
import { findPrometheusClient, type ParsedFamily, parseWithClient } from './prometheus-client.js';

const python = findPrometheusClient();
if (python === undefined) {
  test.skip('read by a real client: no Python here has prometheus_client (apt-get install python3-prometheus-client)', () =>
    undefined);
}

/** A run on a day of January. */
const entry = (day: number, changes: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...historyEntry(madeUpResult({ commit: 'c0ffee' })),
  id: `${day}`,
  startedAt: `2026-01-${String(day).padStart(2, '0')}T02:15:00.000Z`,
  ...changes,
});

const runs = [
  entry(1, { scenario: 'steady', recoveryMaxMs: null, p99SteadyMs: 131.5 }),
  entry(1),
  entry(2, { outcome: 'FAIL', lost: 3, due: 2_400 }),
  entry(3, { outcome: 'ABORTED', lost: 999 }),
  entry(3, { bench: 'lab-3', commit: null, wallMs: 1_234 }),
];

/** The value of the one sample that has these labels. */
function sampleValue(
  families: readonly ParsedFamily[],
  name: string,
  labels: Record<string, string>,
): number | undefined {
  const samples = families
    .flatMap((family) => family.samples)
    .filter(
      ([of, has]) => of === name && Object.entries(labels).every(([label, value]) => has[label] === value),
    );
  return samples.length === 1 ? samples[0]?.[2] : undefined;
}

if (python !== undefined) {
  for (const format of ['openmetrics', 'text'] as const) {
    test(`the client reads them as ${format}, and finds the latest run of each scenario and bench`, (t) => {
      const families = parseWithClient(python, format, openMetrics(runs));
      const of = (name: string, labels: Record<string, string>) => sampleValue(families, name, labels);
      const outage = { scenario: 'wifi-outage', bench: 'virtual' };
      t.is(of('rig_run_outcome', { ...outage, outcome: 'FAIL' }), 1, 'a run that was stopped says nothing');
      t.is(of('rig_run_outcome', { ...outage, outcome: 'PASS' }), 0);
      t.is(of('rig_run_outcome', { ...outage, bench: 'lab-3', outcome: 'PASS' }), 1);
      t.is(of('rig_run_lost_messages', outage), 3);
      t.is(of('rig_run_due_messages', outage), 2_400);
      t.true((of('rig_run_loss_upper_bound_ratio', outage) ?? 0) > 3 / 2_400);
      t.is(of('rig_run_start_timestamp_seconds', outage), Date.UTC(2026, 0, 2, 2, 15) / 1_000);
      t.is(of('rig_run_last_pass_timestamp_seconds', outage), Date.UTC(2026, 0, 1, 2, 15) / 1_000);
      t.is(of('rig_run_wall_time_seconds', { bench: 'lab-3' }), 1.234);
      t.is(of('rig_run_steady_response_p99_seconds', { scenario: 'steady' }), 0.1315);
      t.is(
        of('rig_run_recovery_max_seconds', { scenario: 'steady' }),
        undefined,
        'what was not measured is left out',
      );
      t.is(of('rig_run_build', { ...outage, commit: 'c0ffee' }), 1);
      t.is(of('rig_runs_total', { ...outage, outcome: 'PASS' }), 1);
      t.is(of('rig_runs_total', { ...outage, outcome: 'FAIL' }), 1);
    });

    test(`the client reads text of any kind in labels as ${format}`, (t) => {
      const bench = 'the "lab"\\3\n{x="y"} # EOF µ\ud800';
      const families = parseWithClient(python, format, openMetrics([entry(1, { bench })]));
      t.is(
        families[0]?.samples[0]?.[1].bench,
        'the "lab"\\3\\x0a{x="y"} # EOF µ\\u{d800}',
        'what is unprintable is shown as such',
      );
    });
  }

  test('the client knows every type, unit and help', (t) => {
    const families = parseWithClient(python, 'openmetrics', openMetrics(runs));
    t.deepEqual(
      families.map(({ name, type, unit }) => [name, type, unit]),
      [
        ['rig_run_outcome', 'gauge', ''],
        ['rig_run_start_timestamp_seconds', 'gauge', 'seconds'],
        ['rig_run_last_pass_timestamp_seconds', 'gauge', 'seconds'],
        ['rig_run_wall_time_seconds', 'gauge', 'seconds'],
        ['rig_run_due_messages', 'gauge', 'messages'],
        ['rig_run_lost_messages', 'gauge', 'messages'],
        ['rig_run_loss_upper_bound_ratio', 'gauge', 'ratio'],
        ['rig_run_steady_response_p99_seconds', 'gauge', 'seconds'],
        ['rig_run_recovery_max_seconds', 'gauge', 'seconds'],
        ['rig_run_build', 'gauge', ''],
        ['rig_runs', 'counter', ''],
      ],
    );
    t.true(families.every(({ help }) => help.endsWith('.')));
  });

  test('the client would notice: it refuses a file that lacks its end, and a type after its samples', (t) => {
    const text = openMetrics(runs);
    t.throws(() => parseWithClient(python, 'openmetrics', text.replace('# EOF\n', '')), { message: /EOF/ });
    t.throws(() => parseWithClient(python, 'openmetrics', text.replace('bench="virtual"', 'bench=virtual')));
  });

  test('no runs are a file with nothing in it, which the client reads', (t) => {
    t.deepEqual(parseWithClient(python, 'openmetrics', openMetrics([])), []);
  });
}

test('the text ends with its mark, and no sample has a time, which the textfile collector would refuse', (t) => {
  const lines = openMetrics(runs).split('\n');
  t.deepEqual(lines.slice(-2), ['# EOF', '']);
  for (const line of lines.slice(0, -2)) {
    t.regex(line, /^# (TYPE|UNIT|HELP) \S+ .+$|^[a-z0-9_]+\{([a-z0-9_]+="[^"]*",?)+\} [\d.e+-]+$/);
  }
});

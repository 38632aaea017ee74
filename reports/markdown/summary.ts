/** `summary.md`: fits the job summary of a CI server. Outcome first, then what failed, then the numbers. */
import { isExcused } from '../../rig/run/labels.js';
import type { MeasurementResult, RunResult, StreamResult } from '../../rig/run/result.js';
import type { RunModel } from '../model/run-model.js';
import { shortCommit } from '../text/commit.js';
import { limitText } from '../text/limit.js';
import { count, percent, plural, quantity, time } from '../text/numbers.js';
import { escapeUnprintable } from '../text/printable.js';
import { code, literal, table } from './markdown.js';
import { sparkline } from './sparkline.js';

/** Losses and console lines shown. */
const LOSSES_SHOWN = 10;
const CONSOLE_LINES_SHOWN = 15;

const marks: Readonly<Record<RunResult['outcome'], string>> = {
  PASS: '✅',
  FAIL: '❌',
  INVALID: '⚠️',
  ERROR: '🛑',
  ABORTED: '⏹️',
};

export function markdownSummary(model: RunModel, warnings: readonly string[], repeat: string): string {
  const { result } = model;
  const sections = [
    head(model),
    warnings.map((warning) => `> ⚠️ ${literal(warning)}`).join('\n'),
    measurements(result.measurements),
    streams(model),
    faults(result),
    losses(result),
    result.outcome === 'PASS' ? '' : consoleEnd(model),
    `The same again: ${code(repeat)}`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function head({ result, isComplete }: RunModel): string {
  const { scenario, outcome, reason, seed, bench, firmware, benchMs, wallMs, commit } = result;
  const lines = [
    `## ${marks[outcome]} ${outcome} ${literal(scenario)}`,
    `Seed ${seed} · bench ${literal(bench.name)} · firmware ${literal(firmware.name)} ${code(firmware.sha256.slice(0, 8))}${commit === undefined ? '' : ` · commit ${code(shortCommit(commit))}`} · ` +
      `${time(benchMs)} on the bench in ${time(wallMs)}`,
  ];
  if (isExcused(result)) {
    const { until, reason: why } = result.quarantine;
    lines.push(`> ⚠️ In quarantine until ${until}: ${literal(why)}. Its ${outcome} does not count.`);
  }
  if (!isComplete) lines.push('> ⚠️ The journal ends before the run did.');
  if (reason !== undefined)
    lines.push(
      reason
        .split('\n')
        .map((line) => `> ${literal(line)}`)
        .join('\n'),
    );
  return lines.join('\n\n');
}

const measurementMarks: Readonly<Record<MeasurementResult['outcome'], string>> = {
  PASS: '✅',
  FAIL: '❌',
  RECORDED: '',
  UNSET: '⚠️',
};

const measurements = (all: readonly MeasurementResult[]): string =>
  table(
    ['', 'measurement', '>value', 'limit'],
    all.map(({ name, unit, value, limit, outcome }) => [
      measurementMarks[outcome],
      name,
      value === null ? 'never measured' : `${quantity(value)} ${unit}`,
      limitText(limit),
    ]),
  );

const streams = ({ result, streams: models }: RunModel): string =>
  table(
    [
      'stream',
      '>delivered',
      '>lost',
      '>loss rate at most',
      '>p50',
      '>p99',
      '>max',
      'slowest message over the run',
    ],
    result.streams.map((stream, index) => {
      const { p50Ms, p99Ms } = stream.response.steady;
      return [
        stream.name,
        `${count(stream.delivered)} of ${count(stream.due)}`,
        stream.undecided === 0
          ? count(stream.lost)
          : `${count(stream.lost)}, ${count(stream.undecided)} undecided`,
        percent(stream.lossUpperBound95),
        time(p50Ms),
        time(p99Ms),
        time(slowest(stream)),
        sparkline(models[index]?.density),
      ];
    }),
  );

const slowest = ({ response: { steady, fault, recovery } }: StreamResult): number =>
  Math.max(steady.maxMs, fault.maxMs, recovery.maxMs);

function faults({ faults: all }: RunResult): string {
  if (all.length === 0) return '';
  const recoveries = all.flatMap(({ clearedAtMs, recoveredAtMs }) =>
    clearedAtMs === null || recoveredAtMs === null ? [] : [recoveredAtMs - clearedAtMs],
  );
  const slowestText = recoveries.length === 0 ? '' : `, the slowest in ${time(Math.max(...recoveries))}`;
  const proved = all.filter(({ provedAtMs }) => provedAtMs !== null).length;
  return `${plural(all.length, 'fault')}: ${proved} proved, ${recoveries.length} recovered from${slowestText}.`;
}

function losses({ losses: all, lossesNotShown }: RunResult): string {
  if (all.length === 0) return '';
  const shown = all.slice(0, LOSSES_SHOWN);
  const more = all.length - shown.length + lossesNotShown;
  const rows = shown.map(({ stream, sequence, lastPoint, fault }) => [
    stream,
    String(sequence),
    lastPoint,
    fault === undefined ? 'none' : String(fault),
  ]);
  const lines = table(['lost from', '>message', 'last point reached', 'in fault'], rows);
  return more === 0 ? lines : `${lines}\n\n… and ${count(more)} more`;
}

function consoleEnd({ lastConsoleLines }: RunModel): string {
  if (lastConsoleLines.length === 0) return '';
  const lines = lastConsoleLines
    .slice(-CONSOLE_LINES_SHOWN)
    .map(({ text }) => `    ${escapeUnprintable(text)}`);
  return `The console’s last lines:\n\n${lines.join('\n')}`;
}

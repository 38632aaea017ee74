/** Runs one scenario with its folder and its readers, and says what it came to. */
import type { BenchReservation } from '../drivers/pi/safety/bench-reservation.js';
import { fanOut, type Reader } from '../reports/fan-out.js';
import { LiveProgress } from '../reports/terminal/live.js';
import { brokenRunLine, outcomeLine } from '../reports/terminal/outcome-line.js';
import { PlainProgress } from '../reports/terminal/plain.js';
import type { ProgressReporter } from '../reports/terminal/progress.js';
import { summaryLines } from '../reports/terminal/summary.js';
import { plural } from '../reports/text/numbers.js';
import { printable } from '../reports/text/printable.js';
import { plainStyle, type Style, styleFor } from '../reports/text/style.js';
import { isRigError, messageOf } from '../rig/errors.js';
import { type Outcome, worse } from '../rig/run/outcome.js';
import type { Redactor } from '../rig/run/redaction.js';
import type { RunResult } from '../rig/run/result.js';
import type { ScenarioRunner } from './composition.js';
import { reportError } from './errors.js';
import { eventLines } from './event-lines.js';
import type { Interrupt } from './interrupt.js';
import type { RunFolder } from './run-folder.js';
import { enterRun } from './run-history.js';
import type { PlannedRun, RunPlan } from './run-plan.js';
import { RunReports } from './run-reports.js';
import type { Surroundings } from './surroundings.js';

/** Wall time between two looks at a run that says nothing. */
const REFRESH_EVERY_MS = 250;

export interface OneRun {
  readonly planned: PlannedRun;
  readonly plan: RunPlan;
  readonly folder: RunFolder;
  readonly interrupt: Interrupt;
  readonly crash: AbortSignal;
  readonly redactor: Redactor;
  readonly runScenario: ScenarioRunner;
  /** Of a physical bench. */
  readonly reservation: BenchReservation | undefined;
  readonly surroundings: Surroundings;
}

/**
 * The run's outcome. It is at best INVALID when the journal is not whole, since all else is computed from it, and
 * at best ERROR when another file could not be written. Never rejects.
 */
export async function runOne(run: OneRun): Promise<Outcome> {
  const { folder, surroundings } = run;
  const display = displayOf(run);
  const reports = new RunReports(run.plan.reports);
  const fan = fanOut([
    { name: 'the journal', sink: folder.journalSink },
    { name: 'console.log', sink: folder.consoleSink },
    ...display.readers,
    ...reports.readers(),
  ]);
  const ended = await attemptRun(run, fan.sink);
  display.finish();
  const broken = [
    ...fan
      .failures()
      .map(({ name, count, first }) => `${name} failed ${plural(count, 'time')} (${messageOf(first)})`),
    ...attempt('console.log', () => folder.close()),
  ];
  const defect = folder.journalDefect();
  const result = ended.result && withFiles(ended.result, defect, broken);
  const unwritten = [
    ...attempt('result.json', () => result && folder.writeResult(result)),
    ...(result === undefined ? [] : reports.write(folder, result === ended.result ? {} : result)),
  ];
  const troubles = [...(defect === undefined ? [] : [defect]), ...broken, ...unwritten];
  for (const trouble of troubles) reportError(`${folder.shown}: ${trouble}`, surroundings);
  if (ended.result === undefined) {
    display.broken(ended.outcome, ended.reason);
    return judged(ended.outcome, defect, [...broken, ...unwritten]);
  }
  const shown = withFiles(ended.result, defect, [...broken, ...unwritten]);
  remember(shown, run);
  display.result(shown);
  return shown.outcome;
}

/** Enters the run into the history, if it is to be. */
function remember(result: RunResult, { plan, folder, surroundings }: OneRun): void {
  if (plan.history === undefined) return;
  const trouble = enterRun(plan.history, result, folder.path);
  if (trouble !== undefined) surroundings.errors.write(`rig: ${printable(trouble)}\n`);
}

/** The result as its files allow it to be told. */
function withFiles(result: RunResult, defect: string | undefined, broken: readonly string[]): RunResult {
  const troubles = [...(defect === undefined ? [] : [defect]), ...broken];
  if (troubles.length === 0) return result;
  const reason = [
    ...troubles.map((trouble) => `${trouble}.`),
    ...(result.reason === undefined ? [] : [result.reason]),
  ];
  return { ...result, outcome: judged(result.outcome, defect, broken), reason: reason.join(' ') };
}

function judged(outcome: Outcome, defect: string | undefined, broken: readonly string[]): Outcome {
  const whole = defect === undefined ? outcome : worse(outcome, 'INVALID');
  return broken.length > 0 ? worse(whole, 'ERROR') : whole;
}

type Ended =
  | { readonly outcome: Outcome; readonly result: RunResult }
  | { readonly outcome: Outcome; readonly result?: undefined; readonly reason: string };

async function attemptRun(run: OneRun, sink: Reader['sink']): Promise<Ended> {
  const { planned, plan, interrupt, redactor, surroundings } = run;
  try {
    const result = await run.runScenario({
      scenario: planned.scenario,
      parameters: planned.parameters,
      seed: planned.seed,
      labels: planned.labels,
      bench: plan.bench,
      reservation: run.reservation,
      realtime: plan.realtime,
      signal: interrupt.signal,
      hurry: interrupt.hurry,
      crash: run.crash,
      note: (text) => surroundings.errors.write(`rig: ${printable(redactor.text(text))}\n`),
      sinks: [sink],
    });
    return { outcome: result.outcome, result };
  } catch (error) {
    if (interrupt.signal.aborted && isRigError(error, 'CANCELLED')) {
      return { outcome: 'ABORTED', reason: 'stopped before there was a result' };
    }
    reportError(error, surroundings, redactor);
    return { outcome: 'ERROR', reason: redactor.text(messageOf(error)) };
  }
}

/** What kept `file` from being written, if anything did. */
function attempt(file: string, write: () => void): string[] {
  try {
    write();
    return [];
  } catch (error) {
    return [`${file} could not be written (${messageOf(error)})`];
  }
}

/** What the reader of the command's output sees of a run. */
interface Display {
  readonly readers: readonly Reader[];
  finish(): void;
  result(result: RunResult): void;
  broken(outcome: Outcome, reason: string): void;
}

function displayOf(run: OneRun): Display {
  return run.plan.json ? jsonDisplay(run) : textDisplay(run);
}

/** Events on standard output and nothing else; the outcome line goes to standard error. */
function jsonDisplay({ planned, surroundings }: OneRun): Display {
  const lines = eventLines(surroundings.output);
  const say = (line: string) => surroundings.errors.write(`${line}\n`);
  return {
    readers: [{ name: 'standard output', sink: lines.sink }],
    finish: () => lines.flush(),
    result: (result) => say(outcomeLine(result, plainStyle)),
    broken: (outcome, reason) => say(brokenLine(planned, outcome, reason, plainStyle)),
  };
}

function textDisplay({ planned, folder, surroundings }: OneRun): Display {
  const { output, environment } = surroundings;
  const style = styleFor(output.isTty, environment);
  const progress = progressOf(surroundings, style);
  const refresher = setInterval(() => progress.refresh(), REFRESH_EVERY_MS);
  const say = (lines: readonly string[]) => output.write(lines.map((line) => `${line}\n`).join(''));
  return {
    readers: [{ name: 'progress', sink: progress.sink }],
    finish: () => {
      clearInterval(refresher);
      progress.finish();
    },
    result: (result) => {
      const { repeat } = planned.labels;
      say(['', ...summaryLines(result, { width: output.columns(), style, folder: folder.shown, repeat })]);
    },
    broken: (outcome, reason) => say([brokenLine(planned, outcome, reason, style)]),
  };
}

function progressOf({ output, environment: { TERM }, wallMs }: Surroundings, style: Style): ProgressReporter {
  const write = (text: string) => output.write(text);
  if (!output.isTty || TERM === 'dumb') return new PlainProgress(write);
  const startMs = wallMs();
  return new LiveProgress({
    write,
    columns: () => output.columns(),
    wallMs: () => wallMs() - startMs,
    style,
  });
}

function brokenLine({ scenario, seed }: PlannedRun, outcome: Outcome, reason: string, style: Style): string {
  return brokenRunLine({ outcome, scenario: scenario.name, seed, reason }, style);
}

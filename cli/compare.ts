/** `rig compare <runA> <runB>`: what got better or worse, and whether that is more than noise. */
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Comparison, compareRuns } from '../reports/compare/compare.js';
import { RunSample } from '../reports/compare/run-sample.js';
import { comparisonLines } from '../reports/compare/text.js';
import { printable } from '../reports/text/printable.js';
import { styleFor } from '../reports/text/style.js';
import { messageOf } from '../rig/errors.js';
import { readJournal } from '../rig/run/journal.js';
import { exitStatus } from '../rig/run/outcome.js';
import type { RunResult } from '../rig/run/result.js';
import { HISTORY_FILE } from './history-file.js';
import { findJournal } from './journal-path.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

interface CompareOptions {
  readonly tolerance: string;
  readonly lastGood?: boolean;
  readonly history: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function addCompareCommand(
  program: Command,
  surroundings: Surroundings,
  end: (status: number) => void,
): void {
  program
    .command('compare')
    .summary('tells what got better or worse between two runs')
    .description(
      'Compares run B with run A: measurements, loss rates and latency percentiles. Ends with 1 when something got ' +
        'worse by more than noise and tolerance.',
    )
    .argument('<runs...>', 'the run before and the run after: their folders, or their journal.jsonl')
    .option('--last-good', 'each of the runs with the last one before it that passed, by the history')
    .option('--history <file>', 'the history for --last-good', HISTORY_FILE)
    .option('--tolerance <percent>', 'changes up to this are left alone', '10%')
    .option('--all', 'also what did not change')
    .option('--json', 'the comparison as JSON')
    .action(async (runs: readonly string[], options: CompareOptions) => {
      const tolerance = parseTolerance(options.tolerance);
      const pairs =
        options.lastGood === true ? await lastGoodPairs(runs, options, surroundings) : pairOf(runs);
      const compared: Compared[] = [];
      for (const { before, after } of pairs) {
        const a = load(before, surroundings);
        const b = load(after, surroundings);
        requireComparable(a.result, b.result);
        sayDoubts({ before, after }, a.result, b.result, surroundings);
        const isExcused = b.result.quarantine !== undefined;
        compared.push({ a: before, b: after, isExcused, comparisons: compareRuns(a, b, { tolerance }) });
      }
      show(compared, options, surroundings);
      const isWorse = compared.some(
        ({ comparisons, isExcused }) => !isExcused && comparisons.some(({ verdict }) => verdict === 'worse'),
      );
      end(isWorse ? exitStatus.FAIL : exitStatus.PASS);
    });
}

interface Compared {
  readonly a: string;
  readonly b: string;
  /** B is in quarantine: what got worse in it does not count. */
  readonly isExcused: boolean;
  readonly comparisons: readonly Comparison[];
}

/** Runs that say little together are compared all the same: somebody asked for it. */
function sayDoubts({ before, after }: Pair, a: RunResult, b: RunResult, { errors }: Surroundings): void {
  const say = (text: string) => errors.write(`rig: ${printable(text)}\n`);
  for (const [name, { outcome }] of [[before, a] as const, [after, b] as const]) {
    if (outcome === 'PASS' || outcome === 'FAIL') continue;
    say(`${name}: the run is ${outcome}; what it measured may say little.`);
  }
  if (a.bench.name !== b.bench.name) {
    say(`The runs are of two benches, ${a.bench.name} and ${b.bench.name}: what differs may be theirs.`);
  }
}

interface Pair {
  readonly before: string;
  readonly after: string;
}

function pairOf(runs: readonly string[]): Pair[] {
  const [before, after] = runs;
  if (before !== undefined && after !== undefined && runs.length === 2) return [{ before, after }];
  throw usageError(
    `Two runs are compared, and ${runs.length === 1 ? 'one is' : `${runs.length} are`} named. ` +
      'Name the one before and the one after, or give --last-good.',
  );
}

/** Each run with the last good one before it; one that has none is told, and is no reason to fail. */
async function lastGoodPairs(
  runs: readonly string[],
  options: CompareOptions,
  surroundings: Surroundings,
): Promise<Pair[]> {
  const { lastGoodFolder } = await import('./last-good.js');
  const history = resolve(surroundings.workingDirectory, options.history);
  const pairs: Pair[] = [];
  for (const after of runs) {
    const { result } = load(after, surroundings);
    const before = lastGoodFolder(history, options.history, result);
    if (before !== undefined) {
      pairs.push({ before: relative(surroundings.workingDirectory, before), after });
      continue;
    }
    const { scenario, bench } = result;
    const line = `${after}: no earlier run of ${scenario} with these parameters has passed on bench ${bench.name}, and is still there.`;
    surroundings.errors.write(`rig: ${printable(line)}\n`);
  }
  return pairs;
}

function show(compared: readonly Compared[], options: CompareOptions, surroundings: Surroundings): void {
  const { output, environment } = surroundings;
  const isOfHistory = options.lastGood === true;
  if (options.json === true) {
    const shown = isOfHistory ? compared : compared[0]?.comparisons;
    output.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  const screen = { width: output.columns(), style: styleFor(output.isTty, environment) };
  for (const { a, b, comparisons, isExcused } of compared) {
    const lines = comparisonLines(comparisons, { ...screen, all: options.all === true });
    const head = isOfHistory ? [printable(`A ${a} · B ${b}`)] : [];
    if (isExcused) head.push('B is in quarantine: what got worse does not count.');
    output.write([...head, ...lines].map((line) => `${line}\n`).join(''));
  }
}

function parseTolerance(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  if (match === null) throw usageError(`--tolerance ${text}: write it in per cent, such as 10%.`);
  return Number(match[1]) / 100;
}

function load(argument: string, { workingDirectory, errors }: Surroundings): RunSample {
  const sample = new RunSample();
  const journal = findJournal(resolve(workingDirectory, argument), argument);
  for (const event of readJournal(journal, (text) => errors.write(`rig: ${text}\n`))) sample.apply(event);
  try {
    void sample.result;
  } catch (error) {
    throw usageError(`${argument}: it cannot be compared. ${messageOf(error)}`, { cause: error });
  }
  return sample;
}

/** @throws USAGE for runs of different scenarios or parameters: a difference would say nothing. */
function requireComparable(a: RunResult, b: RunResult): void {
  if (a.scenario !== b.scenario) {
    throw usageError(
      `Run A is of ${a.scenario}, run B of ${b.scenario}: only runs of one scenario can be compared.`,
    );
  }
  const names = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)]);
  const differing = [...names].filter((name) => a.parameters[name] !== b.parameters[name]);
  if (differing.length === 0) return;
  const told = differing.map((name) => `${name} (${a.parameters[name]} and ${b.parameters[name]})`);
  throw usageError(
    `The runs have different parameters: ${told.join(', ')}. Run one of them again with the other's.`,
  );
}

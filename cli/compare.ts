/** `rig compare <runA> <runB>`: what got better or worse, and whether that is more than noise. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Comparison, compareRuns } from '../reports/compare/compare.js';
import { RunSample } from '../reports/compare/run-sample.js';
import { comparisonLines } from '../reports/compare/text.js';
import { styleFor } from '../reports/text/style.js';
import { messageOf } from '../rig/errors.js';
import { readJournal } from '../rig/run/journal.js';
import { exitStatus } from '../rig/run/outcome.js';
import type { RunResult } from '../rig/run/result.js';
import { findJournal } from './journal-path.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

interface CompareOptions {
  readonly tolerance: string;
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
    .argument('<runA>', 'the run before: its folder, or its journal.jsonl')
    .argument('<runB>', 'the run after')
    .option('--tolerance <percent>', 'changes up to this are left alone', '10%')
    .option('--all', 'also what did not change')
    .option('--json', 'the comparison as JSON')
    .action(async (pathA: string, pathB: string, options: CompareOptions) => {
      const tolerance = parseTolerance(options.tolerance);
      const a = await load(pathA, surroundings);
      const b = await load(pathB, surroundings);
      requireComparable(a.result, b.result);
      const comparisons = compareRuns(a, b, { tolerance });
      show(comparisons, options, surroundings);
      end(comparisons.some(({ verdict }) => verdict === 'worse') ? exitStatus.FAIL : exitStatus.PASS);
    });
}

function show(comparisons: readonly Comparison[], options: CompareOptions, surroundings: Surroundings): void {
  const { output, environment } = surroundings;
  if (options.json === true) {
    output.write(`${JSON.stringify(comparisons, null, 2)}\n`);
    return;
  }
  const style = styleFor(output.isTty, environment);
  const lines = comparisonLines(comparisons, { width: output.columns(), style, all: options.all === true });
  output.write(lines.map((line) => `${line}\n`).join(''));
}

function parseTolerance(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  if (match === null) throw usageError(`--tolerance ${text}: write it in per cent, such as 10%.`);
  return Number(match[1]) / 100;
}

async function load(argument: string, { workingDirectory, errors }: Surroundings): Promise<RunSample> {
  const sample = new RunSample();
  const journal = findJournal(resolve(workingDirectory, argument), argument);
  for await (const event of readJournal(journal, (text) => errors.write(`rig: ${text}\n`)))
    sample.apply(event);
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

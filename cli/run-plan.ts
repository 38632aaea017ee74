/** What one `rig run` shall do, with everything checked that can be checked before the first run. */
import { resolve } from 'node:path';
import type { ReportFormat } from '../reports/formats.js';
import { commandText } from '../reports/repeat-command.js';
import { messageOf } from '../rig/errors.js';
import type { ServerPlace } from '../rig/run/bench.js';
import type { RunLabels } from '../rig/run/labels.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../rig/run/scenario.js';
import { withLimits } from '../rig/suite-file/limits.js';
import { requireStreams } from '../rig/traffic/streams.js';
import { type BenchChoice, capabilitiesOfChoice, chooseBench, serverOfChoice } from './bench-choice.js';
import { commitOf } from './commit.js';
import type { Composition } from './composition.js';
import { limitsFor, parseLimits, requireMeasured } from './limits.js';
import { needsText } from './needs.js';
import {
  type Assignment,
  parameterValues,
  parseAssignments,
  parseInteger,
  requireDeclared,
  valueText,
} from './parameters.js';
import { parseFormats } from './report-formats.js';
import { OutputPlace } from './run-folder.js';
import { findScenarios, type NamedScenario, type OtherLimit } from './scenarios.js';
import { type Skip, skipOf } from './skips.js';
import { SEED_LIMIT, type Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** The options of `rig run` as commander gives them. */
export interface RunOptions {
  readonly bench?: string;
  readonly firmware?: string;
  readonly seed?: string;
  readonly set?: readonly string[];
  readonly limit?: readonly string[];
  readonly repeat?: string;
  readonly realtime?: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly report?: string;
  readonly history: string | false;
}

export interface PlannedRun {
  readonly scenario: Scenario;
  readonly parameters: ParameterValues<ParameterDeclarations>;
  readonly seed: number;
  readonly labels: RunLabels & Required<Pick<RunLabels, 'repeat'>>;
}

export interface RunPlan {
  /** What was asked for, for whoever finds the bench taken. */
  readonly command: string;
  readonly runs: readonly PlannedRun[];
  readonly bench: BenchChoice;
  /** Nobody has chosen the bench. */
  readonly isBuiltInBench: boolean;
  /** Scenarios that were asked for and that the bench cannot run, each once. */
  readonly skipped: readonly Skip[];
  readonly place: OutputPlace;
  readonly realtime: boolean;
  readonly json: boolean;
  /** Reports that each run's folder gets. */
  readonly reports: readonly ReportFormat[];
  /** Where the runs are entered; undefined for nowhere. */
  readonly history: string | undefined;
}

const REPEAT_LIMIT = 1_000_000;

/**
 * Plans the runs: every scenario in the order given, the whole `--repeat` times; no two runs of one scenario have the same seed.
 * @throws USAGE for whatever is wrong; nothing has been written then.
 */
export async function planRuns(
  names: readonly string[],
  options: RunOptions,
  composition: Composition,
  surroundings: Surroundings,
): Promise<RunPlan> {
  const { workingDirectory } = surroundings;
  const today = surroundings.today().toISOString().slice(0, 10);
  requireDirectory('--firmware', options.firmware);
  requireDirectory('--out', options.out);
  const seed = options.seed === undefined ? surroundings.newSeed() : parseSeed(options.seed);
  const repeat = options.repeat === undefined ? 1 : parseRepeat(options.repeat);
  const assignments = parseAssignments(options.set ?? []);
  const limits = parseLimits(options.limit ?? []);
  const reports = options.report === undefined ? [] : parseFormats(options.report, '--report');
  const { scenarios, scenarioApi } = composition;
  const suites = await composition.suites();
  const found = await findScenarios(names, { scenarios, suites, scenarioApi, workingDirectory });
  requireDeclared(
    assignments,
    found.map(({ scenario }) => scenario),
  );
  const { bench: benchFile, firmware } = options;
  const bench = chooseBench({ bench: benchFile, firmware }, composition.linkFirmware, surroundings);
  const { able, skipped } = sortOut(found, bench);
  const prepared = able.map((named) => {
    const parameters = valuesOf(named, assignments);
    requireDeclarations(named.scenario, parameters, serverOfChoice(bench));
    const measurements = named.scenario
      .measurements(parameters, serverOfChoice(bench))
      .map(({ name }) => name);
    return { named: withOtherLimits(named, measurements, limits), parameters, measurements };
  });
  requireMeasured(limits, prepared);
  const seeds = new SeedCounter(seed);
  const labels = { commit: commitOf(workingDirectory), today };
  const runs = Array.from({ length: repeat }, () => {
    seeds.beginRepetition();
    return prepared.flatMap((each) => runsWithSeeds(each, seeds, options, labels));
  }).flat();
  const place = new OutputPlace({ out: options.out, runs: runs.length, workingDirectory });
  place.prepare();
  const isBuiltInBench = bench.kind === 'virtual' && bench.isBuiltIn;
  const { realtime = false, json = false } = options;
  const history = options.history === false ? undefined : resolve(workingDirectory, options.history);
  const command = `rig run ${names.join(' ')}`;
  return { command, runs, bench, isBuiltInBench, skipped, place, realtime, json, reports, history };
}

interface Prepared {
  readonly named: NamedScenario;
  readonly parameters: ParameterValues<ParameterDeclarations>;
  /** The names of what it measures with them. */
  readonly measurements: readonly string[];
}

/** Seeds count up for each scenario on its own: whatever is run how often, no two runs are the same. */
class SeedCounter {
  private readonly first: number;
  private readonly used = new Map<string, number>();
  private begin = 0;

  constructor(first: number) {
    this.first = first;
  }

  /** A repetition of everything begins with the same seed for all, beyond every one used so far. */
  beginRepetition(): void {
    this.begin = Math.max(0, ...this.used.values());
    this.used.clear();
  }

  next(scenario: string): number {
    const used = this.used.get(scenario) ?? this.begin;
    this.used.set(scenario, used + 1);
    return (this.first + used) % SEED_LIMIT;
  }
}

function runsWithSeeds(
  { named, parameters }: Prepared,
  seeds: SeedCounter,
  options: RunOptions,
  { commit, today }: { readonly commit: string | undefined; readonly today: string },
): PlannedRun[] {
  const { scenario, quarantine } = named;
  // What is over counts again: a quarantine is no place to stay.
  const isQuarantined = quarantine !== undefined && today <= quarantine.until;
  return Array.from({ length: named.repeat }, () => {
    const seed = seeds.next(scenario.name);
    return {
      scenario,
      parameters,
      seed,
      labels: {
        repeat: repeatCommand(named, parameters, seed, options),
        ...(commit !== undefined && { commit }),
        ...(isQuarantined && { quarantine }),
      },
    };
  });
}

/** The command line has the last word over the suite. */
function valuesOf({ scenario, assignments: ofSuite }: NamedScenario, given: readonly Assignment[]) {
  requireDeclared(ofSuite, [scenario]);
  // Also what is overruled here must be right: the file is wrong without this command line.
  parameterValues(scenario.parameters, ofSuite);
  const others = ofSuite.filter(({ name }) => !given.some((assignment) => assignment.name === name));
  return parameterValues(scenario.parameters, [...others, ...given]);
}

/** Judged by other limits than its own: the suite's, over which the command line has the last word. */
function withOtherLimits(
  named: NamedScenario,
  measurements: readonly string[],
  given: readonly OtherLimit[],
): NamedScenario {
  const limits = limitsFor(named, measurements, given);
  const values = new Map(limits.map(({ measurement, value }) => [measurement, value]));
  return { ...named, limits, scenario: withLimits(named.scenario, values) };
}

/**
 * The scenarios that the bench can run, and those that it cannot.
 * @throws USAGE when it can run none: then nothing would be tested, and nobody should take that for a pass.
 */
function sortOut(found: readonly NamedScenario[], bench: BenchChoice) {
  const place = { name: bench.name, capabilities: capabilitiesOfChoice(bench) };
  const able = found.filter(({ scenario }) => skipOf(scenario, place) === undefined);
  const skips = found.flatMap(({ scenario }) => skipOf(scenario, place) ?? []);
  const skipped = skips.filter(
    (skip, index) => skips.findIndex(({ scenario }) => scenario === skip.scenario) === index,
  );
  if (able.length > 0) return { able, skipped };
  const reasons = skipped.map(({ scenario, missing }) => `${scenario.name} needs ${needsText(missing)}`);
  throw usageError(
    `Bench ${bench.name} can run nothing of that: ${reasons.join('; ')}. Add what it has to its bench file.`,
  );
}

/** An empty text would be taken for the working directory, which is seldom meant: a shell variable was not set. */
function requireDirectory(option: string, directory: string | undefined): void {
  if (directory === '') throw usageError(`${option}: the directory has no name. Write ${option} DIR.`);
}

/** @throws USAGE when it is no unsigned number of 32 bits. */
export function parseSeed(text: string): number {
  const seed = parseInteger(text, '--seed');
  if (seed >= 0 && seed < SEED_LIMIT) return seed;
  throw usageError(`--seed: ${text} is out of range, which is 0 to ${SEED_LIMIT - 1}.`);
}

function parseRepeat(text: string): number {
  const repeat = parseInteger(text, '--repeat');
  if (repeat >= 1 && repeat <= REPEAT_LIMIT) return repeat;
  throw usageError(`--repeat: ${text} is out of range, which is 1 to ${REPEAT_LIMIT}.`);
}

/** A scenario may declare what does not go together, or cannot travel; better now than after the run has begun. */
function requireDeclarations(
  scenario: Scenario,
  parameters: ParameterValues<ParameterDeclarations>,
  server: ServerPlace,
): void {
  try {
    scenario.measurements(parameters, server);
    requireStreams(scenario.streams(parameters));
  } catch (error) {
    throw usageError(`${scenario.name} cannot be run with these parameters: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function repeatCommand(
  { argument, scenario, limits }: NamedScenario,
  parameters: ParameterValues<ParameterDeclarations>,
  seed: number,
  options: RunOptions,
): string {
  const settings = Object.entries(scenario.parameters).flatMap(([name, declaration]) => {
    const value = parameters[name];
    if (value === undefined || value === declaration.default) return [];
    return ['--set', `${name}=${valueText(declaration, value)}`];
  });
  const firmware = options.firmware === undefined ? [] : ['--firmware', options.firmware];
  const bench = options.bench === undefined ? [] : ['--bench', options.bench];
  const others = limits.flatMap(({ measurement, value }) => ['--limit', `${measurement}=${value}`]);
  return commandText([
    ...['rig', 'run', argument, ...bench, '--seed', `${seed}`],
    ...settings,
    ...others,
    ...firmware,
  ]);
}

/** Suites: those that come with the rig, and a user's own files. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf } from '../rig/errors.js';
import { withLimits } from '../rig/suite-file/limits.js';
import { type LoadedSuiteFile, loadSuiteFile } from '../rig/suite-file/load.js';
import type { SuiteRun } from '../rig/suite-file/suite-file.js';
import type { Assignment } from './parameters.js';
import { findScenario, type NamedScenario, type ScenarioSource } from './scenarios.js';
import { usageError } from './usage.js';

export interface Suite extends LoadedSuiteFile {
  readonly path: string;
}

export const isSuiteFile = (argument: string): boolean => /\.ya?ml$/.test(argument);

/** The suites of a folder, by their names. Throws `USAGE` when one is wrong. */
export function suitesIn(folder: string): Suite[] {
  return readdirSync(folder)
    .filter(isSuiteFile)
    .sort()
    .map((file) => readSuite(join(folder, file), file));
}

/** @throws USAGE when the file cannot be read, or is wrong. */
export function readSuite(path: string, name: string): Suite {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`${name}: the suite file cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return { ...loadSuiteFile(text, name), path };
}

/** What a suite runs, with the place of each mistake that only the scenarios can tell. */
export async function runsOf(
  { suite, path, where }: Suite,
  source: ScenarioSource,
): Promise<NamedScenario[]> {
  const found: NamedScenario[] = [];
  for (const [index, run] of suite.runs.entries()) {
    found.push(await at(where(['runs', index]), () => namedRun(run, dirname(path), source)));
  }
  return found;
}

async function namedRun(run: SuiteRun, folder: string, source: ScenarioSource): Promise<NamedScenario> {
  const { workingDirectory } = source;
  const isFile = /[/\\]/.test(run.scenario);
  const argument = isFile ? relative(workingDirectory, resolve(folder, run.scenario)) : run.scenario;
  const scenario = await findScenario(isFile ? `./${argument}` : argument, source);
  return {
    argument,
    scenario: withLimits(scenario, run.limits),
    repeat: run.repeat,
    assignments: assignmentsOf(run),
    ...(run.quarantine !== undefined && { quarantine: run.quarantine }),
  };
}

const assignmentsOf = ({ parameters }: SuiteRun): Assignment[] =>
  Object.entries(parameters).map(([name, value]) => ({ name, text: String(value) }));

async function at<T>(place: string, find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    throw usageError(`${place}: ${messageOf(error)}`, { cause: error });
  }
}

/** Suites: those that come with the rig, and a user's own files. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { messageOf } from '../rig/errors.js';
import { type LoadedSuiteFile, loadSuiteFile } from '../rig/suite-file/load.js';
import type { SuiteRun } from '../rig/suite-file/suite-file.js';
import { keyText } from '../rig/yaml-file/explain.js';
import { isScenarioFile } from './scenario-file.js';
import { findScenario, type NamedScenario, type ScenarioSource } from './scenarios.js';
import { ALL, isSuiteFile } from './suite-names.js';
import { usageError } from './usage.js';

export interface Suite extends LoadedSuiteFile {
  readonly path: string;
}

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

/**
 * What a suite runs. Throws `USAGE` with the place of a scenario that there is not; what only the plan can tell begins
 * with the place that assignments and limits carry.
 */
export async function runsOf(suite: Suite, source: ScenarioSource): Promise<NamedScenario[]> {
  const found: NamedScenario[] = [];
  for (const [index, run] of suite.suite.runs.entries())
    found.push(await namedRun(run, index, suite, source));
  return found;
}

async function namedRun(
  run: SuiteRun,
  index: number,
  { path, where }: Suite,
  source: ScenarioSource,
): Promise<NamedScenario> {
  const place = (...keys: string[]): string => {
    const path = ['runs', index, ...keys];
    return `${where(path)}: ${keyText(path)}`;
  };
  const isSuite = run.scenario === ALL || source.suites.some(({ suite }) => suite.name === run.scenario);
  if (isSuite || isSuiteFile(run.scenario)) {
    throw usageError(`${place('scenario')}: ${run.scenario} is a suite. A suite runs scenarios; name each.`);
  }
  const argument = argumentOf(run.scenario, dirname(path), source.workingDirectory);
  try {
    return {
      argument,
      scenario: await findScenario(argument, source),
      repeat: run.repeat,
      assignments: Object.entries(run.parameters).map(([name, value]) => ({
        name,
        text: String(value),
        where: place('parameters', name),
      })),
      limits: Object.entries(run.limits).map(([measurement, value]) => ({
        measurement,
        value,
        where: place('limits', measurement),
      })),
      ...(run.quarantine !== undefined && { quarantine: run.quarantine }),
    };
  } catch (error) {
    throw usageError(`${place('scenario')}: ${messageOf(error)}`, { cause: error });
  }
}

/** A scenario file is beside the suite file, wherever the command is given; what runs it again is given here. */
function argumentOf(scenario: string, folder: string, workingDirectory: string): string {
  if (!isScenarioFile(scenario)) return scenario;
  const fromHere = relative(workingDirectory, resolve(folder, scenario));
  return isAbsolute(fromHere) || fromHere.startsWith('..') ? fromHere : `./${fromHere}`;
}

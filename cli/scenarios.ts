/** Finds what the command line names: built-in scenarios, the suite of them all, a user's own file. */

import { resolve } from 'node:path';
import { suggestion } from '../rig/nearest.js';
import type { Scenario } from '../rig/run/scenario.js';
import type { Quarantine } from '../rig/suite-file/suite-file.js';
import type { Assignment } from './parameters.js';
import { isScenarioFile, loadScenarioFile } from './scenario-file.js';
import { ALL, isSuiteFile } from './suite-names.js';
import { readSuite, runsOf, type Suite } from './suites.js';
import { usageError } from './usage.js';

export interface ScenarioSource {
  readonly scenarios: readonly Scenario[];
  /** The suites that come with the rig. */
  readonly suites: readonly Suite[];
  readonly scenarioApi: object;
  readonly workingDirectory: string;
}

/** A scenario, and what the command line called it. */
export interface NamedScenario {
  readonly argument: string;
  readonly scenario: Scenario;
  /** What a suite says of it: how often, with which parameters, and whether it is known to be broken. */
  readonly repeat: number;
  readonly assignments: readonly Assignment[];
  readonly limits: readonly OtherLimit[];
  readonly quarantine?: Quarantine;
}

/** A limit that a suite puts in the place of the scenario's own. */
export interface OtherLimit {
  readonly measurement: string;
  readonly value: number;
  /** Begins a message about it: `nightly.yaml:9:15: runs[1].limits.lost`. */
  readonly where: string;
}

const once = (argument: string, scenario: Scenario): NamedScenario => ({
  argument,
  scenario,
  repeat: 1,
  assignments: [],
  limits: [],
});

/**
 * The scenarios that the arguments name, in their order.
 * @throws USAGE when one is unknown, or a file cannot be loaded or holds no scenario.
 */
export async function findScenarios(
  names: readonly string[],
  source: ScenarioSource,
): Promise<NamedScenario[]> {
  const found: NamedScenario[] = [];
  for (const argument of names) {
    const suite = findSuite(argument, source);
    if (argument === ALL) found.push(...source.scenarios.map((scenario) => once(scenario.name, scenario)));
    else if (suite !== undefined) found.push(...(await runsOf(suite, source)));
    else found.push(once(argument, await findScenario(argument, source)));
  }
  return found;
}

/** The suite that `argument` names, if it names one. Throws `USAGE` for a file that is wrong. */
export function findSuite(argument: string, { suites, workingDirectory }: ScenarioSource): Suite | undefined {
  if (isSuiteFile(argument)) return readSuite(resolve(workingDirectory, argument), argument);
  return suites.find(({ suite }) => suite.name === argument);
}

/** @throws USAGE as `findScenarios`. */
export async function findScenario(argument: string, source: ScenarioSource): Promise<Scenario> {
  const builtIn = source.scenarios.find(({ name }) => name === argument);
  if (builtIn !== undefined) return builtIn;
  if (isScenarioFile(argument)) {
    return await loadScenarioFile(argument, source.workingDirectory, source.scenarioApi);
  }
  const known = [...source.scenarios, ...source.suites.map(({ suite }) => suite), { name: ALL }].map(
    ({ name }) => name,
  );
  throw usageError(
    `There is no scenario "${argument}". ${suggestion(argument, known)} "rig list" shows all; a file of your own needs its path, such as ./${argument}.ts.`,
  );
}

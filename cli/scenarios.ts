/** Finds what the command line names: built-in scenarios, the suite of them all, a user's own file. */

import { suggestion } from '../rig/nearest.js';
import type { Scenario } from '../rig/run/scenario.js';
import { loadScenarioFile } from './scenario-file.js';
import { usageError } from './usage.js';

/** The suite of every scenario. */
export const ALL = 'all';

export interface ScenarioSource {
  readonly scenarios: readonly Scenario[];
  readonly scenarioApi: object;
  readonly workingDirectory: string;
}

/** A scenario, and what the command line called it. */
export interface NamedScenario {
  readonly argument: string;
  readonly scenario: Scenario;
}

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
    if (argument === ALL) {
      found.push(...source.scenarios.map((scenario) => ({ argument: scenario.name, scenario })));
    } else {
      found.push({ argument, scenario: await findScenario(argument, source) });
    }
  }
  return found;
}

/** @throws USAGE as `findScenarios`. */
export async function findScenario(argument: string, source: ScenarioSource): Promise<Scenario> {
  const builtIn = source.scenarios.find(({ name }) => name === argument);
  if (builtIn !== undefined) return builtIn;
  if (looksLikeFile(argument)) {
    return await loadScenarioFile(argument, source.workingDirectory, source.scenarioApi);
  }
  const known = source.scenarios.map(({ name }) => name);
  throw usageError(
    `There is no scenario "${argument}". ${suggestion(argument, known)} "rig list" shows all; a file of your own needs its path, such as ./${argument}.ts.`,
  );
}

const looksLikeFile = (argument: string): boolean => /[/\\]|\.[cm]?[jt]s$/.test(argument);

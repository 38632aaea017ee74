/** Other limits than a scenario's own: from a suite file, and from the command line (`--limit name=value`). */
import { suggestion } from '../rig/nearest.js';
import type { NamedScenario, OtherLimit } from './scenarios.js';
import { usageError } from './usage.js';

/** @throws USAGE when one is not `name=value` with a number, or one name is given twice. */
export function parseLimits(settings: readonly string[]): OtherLimit[] {
  const limits = settings.map((setting) => {
    const equals = setting.lastIndexOf('=');
    const text = setting.slice(equals + 1).trim();
    if (equals < 1 || text === '') {
      throw usageError(`--limit ${setting}: write name=value, such as --limit 'recovery max=20000'.`);
    }
    const measurement = setting.slice(0, equals).trim();
    const value = Number(text);
    if (!Number.isFinite(value)) throw usageError(`--limit ${measurement}: "${text}" is not a number.`);
    return { measurement, value, where: `--limit ${measurement}` };
  });
  for (const [index, { measurement, where }] of limits.entries()) {
    if (limits.findIndex((other) => other.measurement === measurement) < index) {
      throw usageError(`${where}: it is given twice. Give each limit once.`);
    }
  }
  return limits;
}

/**
 * The limits by which a scenario is judged: those that are given on the command line, as far as it has the measurement,
 * and those of its suite.
 * @throws USAGE for a limit of the suite whose measurement the scenario does not have.
 */
export function limitsFor(
  { scenario, limits: ofSuite }: NamedScenario,
  measurements: readonly string[],
  given: readonly OtherLimit[],
): OtherLimit[] {
  const unknown = ofSuite.find(({ measurement }) => !measurements.includes(measurement));
  if (unknown !== undefined) {
    const { where, measurement } = unknown;
    throw usageError(
      `${where}: ${scenario.name} has no such measurement. ${suggestion(measurement, measurements)}`,
    );
  }
  const own = given.filter(({ measurement }) => measurements.includes(measurement));
  const others = ofSuite.filter(({ measurement }) => !own.some((each) => each.measurement === measurement));
  return [...others, ...own];
}

/** Refuses a limit of the command line that none of the scenarios has. @throws USAGE */
export function requireMeasured(
  given: readonly OtherLimit[],
  scenarios: readonly { readonly measurements: readonly string[] }[],
): void {
  const known = [...new Set(scenarios.flatMap(({ measurements }) => measurements))];
  const unknown = given.find(({ measurement }) => !known.includes(measurement));
  if (unknown === undefined) return;
  const { where, measurement } = unknown;
  throw usageError(`${where}: nothing of this is measured here. ${suggestion(measurement, known)}`);
}

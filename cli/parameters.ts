/** Values of scenario parameters given on the command line (`--set name=value`), checked against declarations. */

import { suggestion } from '../rig/nearest.js';
import type { ParameterDeclaration } from '../rig/run/declarations.js';
import type { ParameterDeclarations, ParameterValues } from '../rig/run/scenario.js';
import { formatDuration, parseDuration } from '../rig/time/duration-text.js';
import { type DurationUs, us } from '../rig/time/units.js';
import { usageError } from './usage.js';

/** One `--set`, split at the first `=`, or what a suite file says of a parameter. */
export interface Assignment {
  readonly name: string;
  readonly text: string;
  /** Begins a message about it: `--set outages`, `nightly.yaml:7:19: runs[1].parameters.outages`. */
  readonly where: string;
}

/**
 * Splits `name=value`.
 * @throws USAGE when there is no name or no `=`, or when one name is given twice.
 */
export function parseAssignments(settings: readonly string[]): Assignment[] {
  const assignments = settings.map((setting) => {
    const equals = setting.indexOf('=');
    if (equals < 1) throw usageError(`--set ${setting}: write name=value, such as --set outages=10.`);
    const name = setting.slice(0, equals).trim();
    return { name, text: setting.slice(equals + 1).trim(), where: `--set ${name}` };
  });
  for (const [index, { name }] of assignments.entries()) {
    if (assignments.findIndex((other) => other.name === name) < index) {
      throw usageError(`--set ${name}: it is given twice. Give each parameter once.`);
    }
  }
  return assignments;
}

/**
 * The values of all declared parameters: those assigned, and the defaults of the others. Assignments of names
 * that are not declared are left out; `requireDeclared` finds those.
 * @throws USAGE when a value is malformed or out of range.
 */
export function parameterValues(
  declarations: ParameterDeclarations,
  assignments: readonly Assignment[],
): ParameterValues<ParameterDeclarations> {
  return Object.fromEntries(
    Object.entries(declarations).map(([name, declaration]) => {
      const assigned = assignments.find((assignment) => assignment.name === name);
      return [name, assigned === undefined ? declaration.default : parseValue(declaration, assigned)];
    }),
  );
}

/**
 * Refuses a name that none of the scenarios to be run declares: with several, each takes those it knows.
 * @throws USAGE
 */
export function requireDeclared(
  assignments: readonly Assignment[],
  scenarios: readonly { readonly name: string; readonly parameters: ParameterDeclarations }[],
): void {
  const known = [...new Set(scenarios.flatMap((scenario) => Object.keys(scenario.parameters)))];
  const unknown = assignments.find(({ name }) => !known.includes(name));
  if (unknown === undefined) return;
  const [only] = scenarios;
  const what =
    scenarios.length === 1 && only !== undefined
      ? `${only.name} has no such parameter`
      : 'None of the scenarios has such a parameter';
  throw usageError(`${unknown.where}: ${what}. ${suggestion(unknown.name, known)}`);
}

function parseValue(
  declaration: ParameterDeclaration,
  { text, where }: Assignment,
): DurationUs | number | boolean {
  switch (declaration.kind) {
    case 'boolean':
      return parseBoolean(text, where);
    case 'integer':
      return inRange(declaration, parseInteger(text, where), where, text);
    case 'duration':
      return us(inRange(declaration, parseDuration(text, where), where, text));
  }
}

function parseBoolean(text: string, where: string): boolean {
  if (['true', 'yes', 'on'].includes(text)) return true;
  if (['false', 'no', 'off'].includes(text)) return false;
  throw usageError(`${where}: "${text}" is neither true nor false.`);
}

/** Reads a whole number, with `_` between digits allowed as in source code. */
export function parseInteger(text: string, where: string): number {
  const value = /^[+-]?\d+(?:_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw usageError(`${where}: "${text}" is not a whole number.`);
  return value;
}

type RangedDeclaration = Extract<ParameterDeclaration, { kind: 'integer' | 'duration' }>;

function inRange(declaration: RangedDeclaration, value: number, where: string, text: string): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = declaration;
  if (value >= min && value <= max) return value;
  throw usageError(`${where}: ${text} is out of range, which is ${rangeText(declaration)}.`);
}

/** `1 to 100`, `at least 8s`, or nothing where any value will do. */
export function rangeText(declaration: ParameterDeclaration): string {
  if (declaration.kind === 'boolean') return 'true or false';
  const { min, max } = declaration;
  const show = (value: number) => valueText(declaration, value);
  if (min !== undefined && max !== undefined) return `${show(min)} to ${show(max)}`;
  if (min !== undefined) return `at least ${show(min)}`;
  return max === undefined ? '' : `at most ${show(max)}`;
}

/** A parameter's value as it is written on the command line. */
export function valueText(declaration: ParameterDeclaration, value: number | boolean): string {
  return declaration.kind === 'duration' && typeof value === 'number'
    ? formatDuration(us(value))
    : String(value);
}

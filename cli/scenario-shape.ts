/** Checks that a value from a user's file has the shape of a `Scenario`. */
import type { Scenario } from '../rig/run/scenario.js';
import { allNeeds } from './needs.js';

type Check = (value: unknown) => string | undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : 'must be a text that is not empty';
const method: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');
const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? undefined
    : 'must be a list of texts';

const name: Check = (value) =>
  typeof value === 'string' && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value)
    ? undefined
    : 'must be lower-case words joined by hyphens, such as "my-outage"';

const needs: Check = (value) =>
  Array.isArray(value) && value.every((each) => allNeeds.some((need) => need === each))
    ? undefined
    : `must be a list of ports, out of ${allNeeds.join(', ')}`;

const parameters: Check = (value) => {
  if (!isRecord(value)) return 'must be an object of parameter declarations';
  for (const [parameter, declaration] of Object.entries(value)) {
    const defect = parameterDefect(declaration);
    if (defect !== undefined) return `${parameter} ${defect}`;
  }
  return undefined;
};

function parameterDefect(declaration: unknown): string | undefined {
  if (!isRecord(declaration)) return 'must be a declaration';
  const { kind, description, default: value, min, max } = declaration;
  if (typeof description !== 'string') return 'must have a description';
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must have a default that is true or false';
    case 'integer':
    case 'duration':
      return [value, min ?? 0, max ?? 0].every((number) => Number.isSafeInteger(number))
        ? undefined
        : `must have whole numbers as default, min and max${kind === 'duration' ? ' (use ms() or seconds())' : ''}`;
    default:
      return "must have the kind 'duration', 'integer' or 'boolean'";
  }
}

const checks: Readonly<Record<keyof Scenario, Check>> = {
  name,
  summary: text,
  description: text,
  promise: text,
  parameters,
  needs,
  faults: texts,
  measurements: method,
  streams: method,
  run: method,
  conclude: method,
};

/** What keeps `value` from being a scenario, each as `key must …`; none when it is one. */
export function scenarioDefects(value: unknown): string[] {
  if (!isRecord(value)) return ['export default defineScenario({ … })'];
  return Object.entries(checks).flatMap(([key, check]) => {
    const defect = check(value[key]);
    return defect === undefined ? [] : [`${key} ${defect}`];
  });
}

/** True for a value that `scenarioDefects` finds nothing wrong with. */
export const isScenario = (value: unknown): value is Scenario => scenarioDefects(value).length === 0;

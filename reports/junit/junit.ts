/**
 * `junit.xml` for CI servers: a test case for each measurement, and one for the run itself. A limit that was not kept
 * is a failure, the device's; what keeps the rig from judging is an error, the bench's.
 */
import { isExcused, type Quarantine } from '../../rig/run/labels.js';
import type { MeasurementResult, RunResult } from '../../rig/run/result.js';
import type { ConsoleLine } from '../model/console-excerpts.js';
import type { RunModel } from '../model/run-model.js';
import { limitText } from '../text/limit.js';
import { quantity } from '../text/numbers.js';
import { attributes, content } from './xml.js';

/** Tests are grouped by this in CI servers. */
const PACKAGE = 'wifi-hil-rig';
/** The case that says whether the run itself came to an end that can be judged. */
const RUN_CASE = 'run';

interface Problem {
  /** `skipped`: it does not count, since the run is in quarantine or was cut short. */
  readonly element: 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
}

interface Case {
  readonly name: string;
  readonly problem?: Problem;
}

/** `warnings`: what the journal's reader had to say. */
export function junitXml(model: RunModel, warnings: readonly string[] = []): string {
  const { result } = model;
  const cases = [runCase(result), ...measurementCases(result)].map((each) =>
    isExcused(result) ? excused(each, result.quarantine) : each,
  );
  const count = (element: Problem['element']) =>
    cases.filter(({ problem }) => problem?.element === element).length;
  const totals = {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    time: (result.wallMs / 1_000).toFixed(3),
  };
  const suite = {
    name: `${PACKAGE}.${result.scenario}`,
    ...totals,
    skipped: count('skipped'),
    // The schema's pattern has neither fractions of a second nor a zone.
    timestamp: result.startedAt.slice(0, 19),
    hostname: result.bench.name,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: PACKAGE, ...totals })}>`,
    `<testsuite${attributes(suite)}>`,
    '<properties>',
    ...properties(result).map((property) => `<property${attributes(property)}/>`),
    '</properties>',
    ...cases.map((each) => caseXml(each, result.scenario)),
    `<system-out>${content(consoleText(model.lastConsoleLines))}</system-out>`,
    ...(warnings.length === 0 ? [] : [`<system-err>${content(warnings.join('\n'))}</system-err>`]),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function properties(result: RunResult): { name: string; value: string }[] {
  const { seed, bench, firmware, parameters, commit, repeat } = result;
  return [
    { name: 'seed', value: String(seed) },
    { name: 'bench', value: bench.name },
    { name: 'firmware', value: `${firmware.name} ${firmware.sha256}` },
    ...(commit === undefined ? [] : [{ name: 'commit', value: commit }]),
    ...(repeat === undefined ? [] : [{ name: 'repeat', value: repeat }]),
    ...Object.entries(parameters).map(([name, value]) => ({
      name: `parameter.${name}`,
      value: String(value),
    })),
  ];
}

/** What is known to be broken shall not make a CI job red, but shall be seen. */
function excused({ name, problem }: Case, { until, reason }: Quarantine): Case {
  if (problem === undefined) return { name };
  if (problem.element === 'skipped') return { name, problem };
  const message = `in quarantine until ${until}: ${reason}\n${problem.type}: ${problem.message}`;
  return { name, problem: { element: 'skipped', type: problem.type, message } };
}

/** FAIL without a measurement that failed, say a device that never came up, is this case's failure. */
function runCase({ outcome, reason = '', measurements }: RunResult): Case {
  if (outcome === 'PASS') return { name: RUN_CASE };
  if (outcome !== 'FAIL')
    return { name: RUN_CASE, problem: { element: 'error', type: outcome, message: reason } };
  if (measurements.some((measurement) => measurement.outcome === 'FAIL')) return { name: RUN_CASE };
  return { name: RUN_CASE, problem: { element: 'failure', type: outcome, message: reason } };
}

/** What a run that was cut short did not measure is no trouble of its own: why is in the run's case. */
function measurementCases(result: RunResult): Case[] {
  const isCutShort = result.outcome !== 'INVALID' && runCase(result).problem !== undefined;
  const message = 'never measured: the run was cut short';
  return result.measurements.map((measurement) =>
    isCutShort && measurement.value === null
      ? { name: measurement.name, problem: { element: 'skipped', type: 'UNSET', message } }
      : measurementCase(measurement),
  );
}

function measurementCase({ name, unit, value, limit, outcome }: MeasurementResult): Case {
  if (outcome === 'PASS' || outcome === 'RECORDED') return { name };
  if (outcome === 'UNSET' || value === null) {
    return { name, problem: { element: 'error', type: 'UNSET', message: `${name} was never measured` } };
  }
  const message = `${name} is ${quantity(value)} ${unit}; the limit is ${limitText(limit)}`;
  return { name, problem: { element: 'failure', type: 'FAIL', message } };
}

function caseXml({ name, problem }: Case, scenario: string): string {
  const head = `<testcase${attributes({ name, classname: `${PACKAGE}.${scenario}`, time: '0' })}`;
  if (problem === undefined) return `${head}/>`;
  const { element, type, message } = problem;
  // The schema has no attributes for this one.
  if (element === 'skipped') return `${head}><skipped>${content(message)}</skipped></testcase>`;
  return `${head}><${element}${attributes({ message, type })}>${content(message)}</${element}></testcase>`;
}

const consoleText = (lines: readonly ConsoleLine[]): string =>
  lines.map(({ atMs, text }) => `${(atMs / 1_000).toFixed(3)} ${text}`).join('\n');

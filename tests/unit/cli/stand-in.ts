/** Stands in for the bench and the scenarios, so that the commands can be tested by themselves. */
import type { Composition, RunRequest } from '../../../cli/composition.js';
import * as scenarioApi from '../../../rig/index.js';
import type { RunEvent } from '../../../rig/run/events.js';
import type { RunResult } from '../../../rig/run/result.js';
import { defineScenario, type Scenario } from '../../../rig/run/scenario.js';
import { seconds } from '../../../rig/time/units.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';
import { madeUpEvents, madeUpFailure, madeUpResult } from '../reports/made-up-run.js';

export const outage = defineScenario({
  name: 'wifi-outage',
  summary: 'the access point fails again and again while messages flow both ways',
  description: `Messages flow both ways at a steady rate while the access point is switched off at random instants.

Every message of a stream with qos must arrive once, and in order.`,
  promise: 'WiFi outage at run time, qos=true and wait=true: every message delivered exactly once, in order.',
  needs: ['accessPoint'],
  faults: ['wifi-outage: the access point is off for the given time'],
  parameters: {
    outages: {
      kind: 'integer',
      description: 'How often the access point fails.',
      default: 6,
      min: 1,
      max: 1_000,
    },
    outage: {
      kind: 'duration',
      description:
        'How long it is off each time; the device notices only what lasts longer than its timeout.',
      default: seconds(8),
      min: seconds(1),
    },
    shuffle: { kind: 'boolean', description: 'Outages at random instants.', default: true },
  },
  measurements: () => [
    { name: 'lost', unit: 'messages', description: 'Never arrived.', limit: { kind: 'equal', value: 0 } },
    { name: 'recovery p99', unit: 'ms', description: 'End of a fault to all well.', limit: { kind: 'none' } },
  ],
  streams: ({ outages }) => [
    {
      name: 'up',
      direction: 'uplink',
      qos: true,
      wait: true,
      periodUs: seconds(0.25),
      count: outages * 200,
      sizeBytes: 32,
    },
  ],
  run: () => Promise.resolve(),
  conclude: () => undefined,
});

export const steady = defineScenario({
  name: 'steady',
  summary: 'no fault at all: the floor of what is measured elsewhere',
  description: 'Nothing is broken.',
  promise: 'Latency of 100 to 200 ms is normal.',
  needs: [],
  faults: [],
  parameters: {
    messages: { kind: 'integer', description: 'Messages each way.', default: 1_000, min: 1 },
  },
  measurements: () => [],
  streams: () => [],
  run: () => Promise.resolve(),
  conclude: () => undefined,
});

export const scenarios: readonly Scenario[] = [outage, steady];

/** What the stand-in for the bench does, by the name that `RIG_STAND_IN` gives. */
export const behaviours: Readonly<Record<string, (request: RunRequest) => Promise<RunResult>>> = {
  pass: async (request) => {
    play(request, madeUpEvents(request.seed));
    return madeUpResult({ scenario: request.scenario.name, seed: request.seed });
  },
  fail: async (request) => {
    play(request, madeUpEvents(request.seed));
    return { ...madeUpFailure(), scenario: request.scenario.name, seed: request.seed };
  },
  invalid: async () => madeUpResult({ outcome: 'INVALID', reason: 'The host stalled for 2.0 s.' }),
  break: () => Promise.reject(new TypeError('the board fell off the table')),
  crash: () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error('a timer of the driver threw');
      }, 10);
    }),
  hang: (request) => untilStopped(request, 'signal'),
  'hang twice': (request) => untilStopped(request, 'hurry'),
  'hang for ever': () => new Promise(() => setInterval(() => undefined, 1_000)),
};

function play(request: RunRequest, events: readonly RunEvent[]): void {
  for (const event of events) for (const sink of request.sinks) sink(event);
}

function untilStopped(request: RunRequest, by: 'signal' | 'hurry'): Promise<RunResult> {
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 1_000);
    request[by].addEventListener('abort', () => {
      clearInterval(alive);
      resolve(madeUpResult({ outcome: 'ABORTED', reason: 'somebody stopped it' }));
    });
  });
}

export const standIn = (behaviour: string, firmwareDirectory: string): Composition => ({
  scenarios,
  suites: async () => [],
  runScenario: (request) => {
    const run = behaviours[behaviour];
    return run === undefined ? Promise.reject(new Error(`no behaviour ${behaviour}`)) : run(request);
  },
  hardware: async () => ({
    drivers: new FakeBench().drivers,
    folders: { state: 'state', locks: 'locks' },
  }),
  scenarioApi,
  linkFirmware: { responder: firmwareDirectory, initiator: firmwareDirectory },
});

/** A made-up run, as events and as a result, for the tests of what is shown of runs. */
import type { StreamDeclaration } from '../../../rig/run/declarations.js';
import { type RunEvent, SCHEMA_VERSION } from '../../../rig/run/events.js';
import type { FaultResult, LatencySummary, RunResult, StreamResult } from '../../../rig/run/result.js';
import { instant, seconds } from '../../../rig/time/units.js';

const latency = (count: number, p50Ms: number, worst: number): LatencySummary => ({
  count,
  p50Ms,
  p90Ms: p50Ms * 1.5,
  p99Ms: worst * 0.9,
  p999Ms: worst,
  maxMs: worst,
});

const stream = (
  name: string,
  direction: 'uplink' | 'downlink',
  changes: Partial<StreamResult>,
): StreamResult => ({
  name,
  direction,
  qos: true,
  wait: true,
  due: 1_200,
  delivered: 1_200,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  unsent: 0,
  undecided: 0,
  lossUpperBound95: 0.003,
  response: {
    steady: latency(900, 121.4, 240),
    fault: latency(200, 6_100, 13_450),
    recovery: latency(100, 2_310, 5_100),
  },
  service: {
    steady: latency(900, 81, 140),
    fault: latency(200, 5_000, 12_000),
    recovery: latency(100, 900, 2_000),
  },
  ...changes,
});

export const madeUpFault = (number: number, changes: Partial<FaultResult> = {}): FaultResult => {
  const injectedAtMs = 20_000 + number * 45_000;
  return {
    number,
    kind: 'wifi-outage',
    detail: 'access point off for 8.0 s',
    injectedAtMs,
    evidence: 'the server heard nothing for 1,500 ms',
    provedAtMs: injectedAtMs + 1_500,
    clearedAtMs: injectedAtMs + 8_000,
    recoveredAtMs: injectedAtMs + 8_000 + 5_100 + number,
    waterfall: [
      { step: 'injected', atMs: injectedAtMs },
      { step: 'seen by the server', atMs: injectedAtMs + 1_512 + number },
      { step: 'seen by the client', atMs: injectedAtMs + 2_020 },
    ],
    lost: 0,
    duplicated: 0,
    reordered: 0,
    ...changes,
  };
};

/** A run that passed, with `changes`. */
export const madeUpResult = (changes: Partial<RunResult> = {}): RunResult => ({
  schemaVersion: SCHEMA_VERSION,
  scenario: 'wifi-outage',
  outcome: 'PASS',
  seed: 42,
  parameters: { outages: 6 },
  bench: { name: 'virtual', kind: 'virtual' },
  firmware: { name: 'link', sha256: '0123456789abcdef'.repeat(4) },
  startedAt: '2026-11-20T14:30:05.000Z',
  wallMs: 2_900,
  benchMs: 320_000,
  measurements: [
    {
      name: 'qos messages lost',
      unit: 'messages',
      value: 0,
      limit: { kind: 'equal', value: 0 },
      outcome: 'PASS',
    },
    {
      name: 'detection p99',
      unit: 'ms',
      value: 1_518,
      limit: { kind: 'atMost', value: 4_000 },
      outcome: 'PASS',
    },
    { name: 'recovery max', unit: 'ms', value: 5_106, limit: { kind: 'none' }, outcome: 'RECORDED' },
  ],
  streams: [stream('up', 'uplink', {}), stream('down', 'downlink', {})],
  losses: [],
  lossesNotShown: 0,
  unexpected: 0,
  faultsNotShown: 0,
  bootsNotShown: 0,
  faults: Array.from({ length: 6 }, (_, index) => madeUpFault(index + 1)),
  boots: [{ number: 1, atMs: 312, cause: 1, mode: 3, expected: true }],
  reports: { count: 32, memFreeFirst: 21_040, memFreeLast: 20_880, connectCount: 7 },
  instrument: {
    stallMaxMs: 0,
    missedEdges: 0,
    exchange: { count: 31_245, failed: 0, meanMs: 1.9, maxMs: 12.42 },
    floorMs: 0.84,
  },
  ...changes,
});

/** A run that failed in every way that a summary has to show. */
export const madeUpFailure = (): RunResult =>
  madeUpResult({
    outcome: 'FAIL',
    reason:
      '2 of 3 measurements are out of their limits; 14 messages that the link promised to deliver were lost.',
    measurements: [
      {
        name: 'qos messages lost',
        unit: 'messages',
        value: 14,
        limit: { kind: 'equal', value: 0 },
        outcome: 'FAIL',
      },
      {
        name: 'detection p99',
        unit: 'ms',
        value: null,
        limit: { kind: 'atMost', value: 4_000 },
        outcome: 'UNSET',
      },
      { name: 'recovery max', unit: 'ms', value: 5_106, limit: { kind: 'none' }, outcome: 'RECORDED' },
    ],
    streams: [
      stream('up', 'uplink', { delivered: 1_186, lost: 14, duplicated: 2 }),
      stream('down-unordered', 'downlink', { wait: false, reordered: 3 }),
      stream('down-once', 'downlink', { qos: false, wait: false, corrupted: 1, delivered: 1_198, unsent: 2 }),
    ],
    losses: Array.from({ length: 14 }, (_, index) => ({
      stream: 'up',
      sequence: 300 + index,
      lastPoint: index < 5 ? ('offered' as const) : ('accepted' as const),
      boot: 1,
      dueMs: 65_000 + index * 250,
      ...(index < 12 ? { fault: 1 } : {}),
    })),
    faults: Array.from({ length: 13 }, (_, index) =>
      madeUpFault(
        index + 1,
        index === 2 ? { evidence: null, recoveredAtMs: null, waterfall: [], lost: 12 } : {},
      ),
    ),
    boots: [
      { number: 1, atMs: 312, cause: 1, mode: 3, expected: true },
      { number: 2, atMs: 90_312, cause: 4, mode: 3, expected: false },
    ],
  });

const streams: readonly StreamDeclaration[] = (['uplink', 'downlink'] as const).map((direction) => ({
  name: direction === 'uplink' ? 'up' : 'down',
  direction,
  qos: true,
  wait: true,
  periodUs: seconds(0.25),
  count: 200,
  sizeBytes: 32,
}));

/** The events of a run of 50 s with one fault, in order of time. */
export function madeUpEvents(seed = 42): RunEvent[] {
  const at = (atSeconds: number) => ({ atUs: instant(Math.round(atSeconds * 1_000_000)) });
  const events: RunEvent[] = [
    {
      type: 'run.started',
      ...at(0),
      schemaVersion: SCHEMA_VERSION,
      scenario: 'wifi-outage',
      description: '',
      seed,
      parameters: {},
      bench: { name: 'virtual', kind: 'virtual' },
      firmware: { name: 'link', sha256: '0'.repeat(64) },
      startedAt: '2026-11-20T14:30:05.000Z',
      measurements: [],
      streams,
    },
    { type: 'run.part', ...at(0), part: 'bring-up' },
    { type: 'console', ...at(0.01), line: 'ets Jan  8 2013,rst cause:1, boot mode:(3,0)' },
    { type: 'boot', ...at(0.01), number: 1, cause: 1, mode: 3, expected: true },
    { type: 'run.part', ...at(3), part: 'traffic' },
    {
      type: 'fault.injected',
      ...at(12.4),
      fault: 1,
      kind: 'wifi-outage',
      detail: 'access point off for 8.0 s',
    },
    { type: 'fault.step', ...at(13.912), fault: 1, step: 'seen by the server' },
    { type: 'fault.proved', ...at(13.9), fault: 1, evidence: 'silence' },
    { type: 'fault.step', ...at(14.42), fault: 1, step: 'seen by the client' },
    { type: 'fault.cleared', ...at(20.4), fault: 1 },
    { type: 'fault.recovered', ...at(25.5), fault: 1 },
    { type: 'run.part', ...at(53), part: 'drain' },
  ];
  for (const { name } of streams) {
    for (let sequence = 0; sequence < 200; sequence += 1) {
      const due = 3 + sequence * 0.25;
      const dueUs = instant(due * 1_000_000);
      events.push({
        type: 'message',
        ...at(due + 0.1),
        stream: name,
        sequence,
        verdict: 'delivered',
        dueUs,
        phase: 'steady',
        boot: 1,
      });
    }
  }
  return events.sort((a, b) => a.atUs - b.atUs);
}

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import fc from 'fast-check';
import { isRigError } from '../../../rig/errors.js';
import type { RunEvent, RunEventOf } from '../../../rig/run/events.js';
import { BOOTS_KEPT, FAULTS_KEPT, LOSSES_KEPT, type RunResult } from '../../../rig/run/result.js';
import { createResultBuilder } from '../../../rig/run/result-builder.js';
import { instant } from '../../../rig/time/units.js';
import { sampleEvents } from './sample-events.js';

function resultOf(events: readonly RunEvent[]): RunResult {
  const builder = createResultBuilder();
  for (const event of events) builder.apply(event);
  return builder.result();
}

const schemaUrl = new URL('../../../../schemas/result.schema.json', import.meta.url);
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(schemaUrl, 'utf8')),
);
/** What the schema finds wrong with a result as a reader of the file sees it. */
function schemaErrors(result: unknown): string[] {
  validate(JSON.parse(JSON.stringify(result)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const lost = (sequence: number): RunEventOf<'message'> => ({
  type: 'message',
  atUs: instant(16_000_000),
  stream: 'up',
  sequence,
  verdict: 'lost',
  dueUs: instant(15_000_000),
  phase: 'steady',
  boot: 1,
});

test('a run is summed up from its events', (t) => {
  const result = resultOf(sampleEvents);
  t.like(result, {
    schemaVersion: 1,
    scenario: 'sample',
    outcome: 'PASS',
    seed: 42,
    parameters: { outages: 1, hard: true, name: 'x' },
    wallMs: 88,
    benchMs: 10_001,
    lossesNotShown: 0,
    faultsNotShown: 0,
    bootsNotShown: 0,
    unexpected: 0,
    reports: { count: 2, memFreeFirst: 20_000, memFreeLast: 19_000, connectCount: 2 },
    instrument: {
      stallMaxMs: 1.234,
      missedEdges: 0,
      exchange: { count: 3, failed: 1, meanMs: 3.333, maxMs: 5 },
      floorMs: 0.4,
    },
  });
  t.false('reason' in result);
  t.deepEqual(
    result.measurements.map(({ name, value, outcome }) => [name, value, outcome]),
    [
      ['lost', 1, 'PASS'],
      ['recovery', 0.9, 'RECORDED'],
    ],
  );
});

test('streams have their counts, and latencies in the phase in which the message fell due', (t) => {
  const [up, down] = resultOf(sampleEvents).streams;
  t.like(up, { name: 'up', due: 3, delivered: 2, lost: 1, duplicated: 1, reordered: 0, unsent: 0 });
  t.like(up?.response, { steady: { count: 1, maxMs: 50 }, fault: { count: 1, maxMs: 8_790 } });
  t.like(up?.service, { steady: { count: 1, maxMs: 40 }, fault: { count: 1, maxMs: 100 } });
  t.like(up?.response.recovery, { count: 0, maxMs: 0 });
  t.is(up?.lossUpperBound95, 0.865);
  t.like(down, { due: 1, unsent: 1, delivered: 0, lossUpperBound95: 1 });
});

test('a fault has its evidence, its waterfall with each step once, and what it cost', (t) => {
  t.deepEqual(resultOf(sampleEvents).faults, [
    {
      number: 1,
      kind: 'wifi-outage',
      detail: '8 s',
      injectedAtMs: 200,
      evidence: 'disassociated',
      provedAtMs: 250,
      clearedAtMs: 8_200,
      recoveredAtMs: 9_100,
      waterfall: [
        { step: 'injected', atMs: 200 },
        { step: 'proved', atMs: 250 },
        { step: 'seen by the server', atMs: 300 },
        { step: 'cleared', atMs: 8_200 },
        { step: 'backlog drained', atMs: 9_100 },
      ],
      lost: 1,
      duplicated: 1,
      reordered: 0,
    },
  ]);
});

test('a lost message is listed with the last point that it passed; beyond the limit losses are counted', (t) => {
  t.deepEqual(resultOf(sampleEvents).losses, [
    { stream: 'up', sequence: 2, lastPoint: 'offered', fault: 1, boot: 1, dueMs: 310 },
  ]);
  const many = Array.from({ length: LOSSES_KEPT + 5 }, (_, sequence) => lost(sequence));
  const result = resultOf([...sampleEvents.slice(0, 1), ...many]);
  t.is(result.losses.length, LOSSES_KEPT);
  t.is(result.lossesNotShown, 5);
  t.is(result.streams[0]?.lost, LOSSES_KEPT + 5);
});

test('faults and boots are listed up to a limit, the latest fault always, and counted beyond it', (t) => {
  const many = Array.from({ length: FAULTS_KEPT + 3 }, (_, index): RunEvent[] => [
    {
      type: 'fault.injected',
      atUs: instant(3_000_000 + 2 * index),
      fault: index + 1,
      kind: 'power-cut',
      detail: '',
    },
    {
      type: 'boot',
      atUs: instant(3_000_000 + 2 * index),
      number: index + 1,
      cause: 1,
      mode: 3,
      expected: true,
    },
    { type: 'fault.recovered', atUs: instant(3_000_001 + 2 * index), fault: index + 1 },
  ]);
  const builder = createResultBuilder();
  for (const event of [...sampleEvents.slice(0, 1), ...many.flat()]) builder.apply(event);
  const result = builder.result();
  t.is(result.faults.length, FAULTS_KEPT + 1);
  t.is(result.faults.at(-1)?.number, FAULTS_KEPT + 3);
  t.is(result.faultsNotShown, 2);
  t.is(result.boots.length, BOOTS_KEPT);
  t.is(result.bootsNotShown, 3);
  t.deepEqual(builder.progress().faults, { injected: FAULTS_KEPT + 3, recovered: FAULTS_KEPT + 3 });
  t.is(builder.progress().boots, FAULTS_KEPT + 3);
});

test('a run that never ended is an ERROR that says where the journal stops', (t) => {
  const result = resultOf(sampleEvents.slice(0, 8));
  t.is(result.outcome, 'ERROR');
  t.is(result.reason, 'The run never ended: its journal stops after 0.250 s in the part "traffic".');
  t.is(result.benchMs, 250);
});

test('a journal cut off anywhere gives a result that keeps the schema', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: sampleEvents.length }), (length) => {
      t.deepEqual(schemaErrors(resultOf(sampleEvents.slice(0, length))), []);
    }),
  );
  t.true(
    isRigError(
      t.throws(() => createResultBuilder().result()),
      'INVALID',
    ),
  );
});

test('the schema refuses a result with a field missing, unknown, or of the wrong kind', (t) => {
  const result = resultOf(sampleEvents);
  t.deepEqual(schemaErrors(result), []);
  for (const key of Object.keys(result)) {
    const { [key]: _, ...rest } = Object.fromEntries(Object.entries(result));
    t.not(schemaErrors(rest).length, 0, `without ${key}`);
  }
  t.not(schemaErrors({ ...result, extra: 1 }).length, 0);
  t.not(schemaErrors({ ...result, outcome: 'GOOD' }).length, 0);
  t.not(schemaErrors({ ...result, streams: [{ ...result.streams[0], due: -1 }] }).length, 0);
});

test('a run that claims PASS with a measurement failed or missing is not one', (t) => {
  const without = (name: string) =>
    sampleEvents.filter((event) => event.type !== 'measured' || event.name !== name);
  const missing = resultOf(without('recovery'));
  t.is(missing.outcome, 'INVALID');
  t.regex(missing.reason ?? '', /recovery is UNSET/);
  const failed = resultOf(
    sampleEvents.map((event) => (event.type === 'measured' ? { ...event, value: 2 } : event)),
  );
  t.is(failed.outcome, 'FAIL');
  t.regex(failed.reason ?? '', /lost is FAIL/);
});

test("the run's own outcome and reason stand when it is no PASS", (t) => {
  const ended: RunEvent = {
    type: 'run.ended',
    atUs: instant(16_000_000),
    outcome: 'INVALID',
    reason: 'The host stalled.',
    wallMs: 1,
  };
  t.like(resultOf([...sampleEvents.slice(0, -1), ended]), {
    outcome: 'INVALID',
    reason: 'The host stalled.',
  });
});

test('progress tells part, phase and counts as they are at each moment', (t) => {
  const builder = createResultBuilder();
  const phases: string[] = [];
  for (const event of sampleEvents) {
    builder.apply(event);
    const { phase } = builder.progress();
    if (phase !== phases.at(-1)) phases.push(phase);
  }
  t.deepEqual(phases, ['steady', 'fault', 'recovery', 'steady']);
  t.like(builder.progress(), {
    part: 'traffic',
    uplink: { expected: 3, delivered: 2, lost: 1, duplicated: 1 },
    downlink: { expected: 1, unsent: 1 },
    faults: { injected: 1, recovered: 1 },
    boots: 2,
  });
});

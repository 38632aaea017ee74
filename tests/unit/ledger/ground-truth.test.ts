import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { Ledger } from '../../../rig/ledger/ledger.js';
import { upperBound } from '../../../rig/measure/bounds.js';
import { rounded } from '../../../rig/measure/rounding.js';
import type { RunEvent } from '../../../rig/run/events.js';
import type { LatencySummary, RunResult } from '../../../rig/run/result.js';
import { createResultBuilder } from '../../../rig/run/result-builder.js';
import { instant } from '../../../rig/time/units.js';
import {
  anyPlan,
  attributionAt,
  duplicateTimesUs,
  type Plan,
  type StreamPlan,
  stepsOf,
  type Truth,
  truthOf,
} from './channel.js';

/** The whole way from the plan to the result: channel, ledger, events, result builder. */
function run(plan: Plan): { ledger: Ledger; events: RunEvent[]; result: RunResult } {
  const events: RunEvent[] = [];
  let nowUs = 0;
  const ledger = new Ledger({
    streams: plan.streams.map(({ declaration }) => declaration),
    emit: (body) => events.push({ ...body, atUs: instant(nowUs) }),
    attribution: () => attributionAt(plan, nowUs),
  });
  for (const step of stepsOf(plan)) {
    nowUs = step.atUs;
    step.run(ledger);
  }
  ledger.finish();
  const builder = createResultBuilder();
  for (const event of [...frame(plan), ...events]) builder.apply(event);
  return { ledger, events, result: builder.result() };
}

function frame(plan: Plan): RunEvent[] {
  return [
    {
      type: 'run.started',
      atUs: instant(0),
      schemaVersion: 1,
      scenario: 'ground-truth',
      description: '',
      seed: 1,
      parameters: {},
      bench: { name: 'channel', kind: 'simulated' },
      firmware: { name: 'none', sha256: '' },
      startedAt: '2000-01-01T00:00:00.000Z',
      measurements: [],
      streams: plan.streams.map(({ declaration }) => declaration),
    },
    ...plan.faults.map(
      ([injectedUs], index): RunEvent => ({
        type: 'fault.injected',
        atUs: instant(injectedUs),
        fault: index + 1,
        kind: 'planned',
        detail: '',
      }),
    ),
  ];
}

const count = (truths: readonly Truth[], wanted: (truth: Truth) => boolean) => truths.filter(wanted).length;

function truthCounts(stream: StreamPlan, truths: readonly Truth[]) {
  return {
    due: truths.length,
    delivered: count(truths, ({ verdict }) => verdict === 'delivered'),
    lost: count(truths, ({ verdict }) => verdict === 'lost'),
    unsent: count(truths, ({ verdict }) => verdict === 'unsent'),
    undecided: 0,
    duplicated: duplicateTimesUs(stream).length,
    reordered: count(truths, ({ reordered }) => reordered),
    corrupted: stream.fates.reduce((sum, { corruptedAfterUs }) => sum + corruptedAfterUs.length, 0),
  };
}

/** Nearest-rank percentiles of the values themselves, within the histogram's 0.1 %. */
function checkLatency(t: ExecutionContext, summary: LatencySummary, valuesUs: readonly number[]): void {
  const sorted = [...valuesUs].sort((a, b) => a - b);
  t.is(summary.count, sorted.length);
  t.is(summary.maxMs, (sorted.at(-1) ?? 0) / 1_000);
  for (const [percent, measuredMs] of [
    [50, summary.p50Ms],
    [90, summary.p90Ms],
    [99, summary.p99Ms],
    [99.9, summary.p999Ms],
  ] as const) {
    const exactUs = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
    t.true(Math.abs(measuredMs * 1_000 - exactUs) <= exactUs * 0.001 + 1, `p${percent}: ${measuredMs} ms`);
  }
}

test('whatever a channel loses, repeats, reorders, damages or delays, the ledger and the result report exactly that', (t) => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const { ledger, result } = run(plan);
      t.notThrows(() => ledger.check());
      t.is(ledger.undecided(), 0);
      for (const [index, stream] of plan.streams.entries()) {
        const expected = truthCounts(stream, truthOf(plan, stream));
        t.deepEqual(ledger.counts(stream.declaration.name), { ...expected, unexpected: 0 });
        t.like(result.streams[index], expected);
        const bound = rounded(upperBound(expected.lost, expected.lost + expected.delivered));
        t.is(result.streams[index]?.lossUpperBound95, bound);
      }
    }),
    { numRuns: 300 },
  );
});

test('every message is decided once, with its phase, fault, boot and last point', (t) => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const { events, result } = run(plan);
      for (const stream of plan.streams) {
        const { name } = stream.declaration;
        const truths = truthOf(plan, stream);
        const decided = events
          .filter((event) => event.type === 'message')
          .filter((event) => event.stream === name)
          .sort((a, b) => a.sequence - b.sequence)
          .map(({ sequence, verdict, phase, fault, boot, reordered }) => ({
            ...{ sequence, verdict, phase, fault, boot },
            reordered: reordered ?? false,
          }));
        t.deepEqual(
          decided,
          truths.map(({ sequence, verdict, phase, fault, boot, reordered }) => ({
            ...{ sequence, verdict, phase, fault, boot, reordered },
          })),
        );
        t.deepEqual(
          result.losses.filter((loss) => loss.stream === name),
          truths
            .filter(({ verdict }) => verdict === 'lost')
            .map(({ sequence, lastPoint, fault, boot, dueUs }) => ({
              ...{ stream: name, sequence, lastPoint, boot, dueMs: dueUs / 1_000 },
              ...(fault !== undefined && { fault }),
            })),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('latencies are those of the channel, per stream and phase, response and service apart', (t) => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const { result } = run(plan);
      for (const [index, stream] of plan.streams.entries()) {
        const measured = result.streams[index];
        if (measured === undefined) return t.fail('the result lacks a stream');
        for (const phase of ['steady', 'fault', 'recovery'] as const) {
          const delivered = truthOf(plan, stream).filter(
            (truth) => truth.verdict === 'delivered' && truth.phase === phase,
          );
          checkLatency(
            t,
            measured.response[phase],
            delivered.map(({ responseUs }) => responseUs),
          );
          checkLatency(
            t,
            measured.service[phase],
            delivered.map(({ serviceUs }) => serviceUs),
          );
        }
      }
      return undefined;
    }),
    { numRuns: 150 },
  );
});

test('each fault is charged with what it cost: losses and reorderings that fell due in it, duplicates that came in it', (t) => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const { result } = run(plan);
      const truths = plan.streams.flatMap((stream) => truthOf(plan, stream));
      const duplicateFaults = plan.streams
        .flatMap(duplicateTimesUs)
        .map((atUs) => attributionAt(plan, atUs).fault);
      for (const fault of result.faults) {
        const of = truths.filter((truth) => truth.fault === fault.number);
        t.like(fault, {
          lost: count(of, ({ verdict }) => verdict === 'lost'),
          reordered: count(of, ({ reordered }) => reordered),
          duplicated: duplicateFaults.filter((number) => number === fault.number).length,
        });
      }
      t.is(result.faults.length, plan.faults.length);
    }),
    { numRuns: 150 },
  );
});

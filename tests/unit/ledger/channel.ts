/**
 * A simulated channel for ground-truth tests: it does to each message exactly what a plan says, and works out
 * from the plan alone, in the plainest way, what an honest ledger must report.
 */
import fc from 'fast-check';
import type { Attribution, Ledger } from '../../../rig/ledger/ledger.js';
import type { StreamDeclaration } from '../../../rig/run/declarations.js';
import type { MessagePoint, Phase } from '../../../rig/run/events.js';
import { instant, us } from '../../../rig/time/units.js';
import { encodeMessage } from '../../../rig/traffic/message.js';

/** What happens to one message. Delays are in microseconds after it was accepted. */
export interface Fate {
  /** The last point that it passes before the channel. */
  readonly upTo: 'due' | 'offered' | 'accepted' | 'acked';
  /** The link throws it away. */
  readonly dropped: boolean;
  /** Each intact copy that arrives; none unless it is accepted. */
  readonly copiesAfterUs: readonly number[];
  /** Each copy that arrives with one character changed. */
  readonly corruptedAfterUs: readonly number[];
}

export interface StreamPlan {
  readonly declaration: StreamDeclaration;
  readonly fates: readonly Fate[];
}

/** Faults cut the time into windows: [injected, cleared, recovered), in microseconds. */
export interface Plan {
  readonly streams: readonly StreamPlan[];
  readonly faults: readonly (readonly [number, number, number])[];
}

const SIZE_BYTES = 40;
const OFFERED_AFTER_US = 300;
const ACCEPTED_AFTER_US = 700;
const ACKED_AFTER_US = 900;
const LONGEST_DELAY_US = 40_000;

const delay = fc.integer({ min: 1, max: LONGEST_DELAY_US });
const usually = fc.record({
  upTo: fc.constantFrom('accepted' as const, 'acked' as const),
  dropped: fc.constant(false),
  copiesAfterUs: fc.array(delay, { minLength: 1, maxLength: 1 }),
  corruptedAfterUs: fc.constant([]),
});
const troubled = fc.record({
  upTo: fc.constantFrom('accepted' as const, 'acked' as const),
  dropped: fc.boolean(),
  copiesAfterUs: fc.array(delay, { maxLength: 3 }),
  corruptedAfterUs: fc.array(delay, { maxLength: 2 }),
});
const held = fc.record({
  upTo: fc.constantFrom('due' as const, 'offered' as const),
  dropped: fc.boolean(),
  copiesAfterUs: fc.constant([]),
  corruptedAfterUs: fc.constant([]),
});
const fate: fc.Arbitrary<Fate> = fc.oneof({ weight: 5, arbitrary: usually }, troubled, held);

const streamPlan = (name: string, direction: 'uplink' | 'downlink'): fc.Arbitrary<StreamPlan> =>
  fc
    .record({
      qos: fc.boolean(),
      wait: fc.boolean(),
      periodUs: fc.integer({ min: 1, max: 10_000 }),
      fates: fc.array(fate, { maxLength: 40 }),
    })
    .map(({ qos, wait, periodUs, fates }) => ({
      declaration: {
        name,
        direction,
        qos,
        wait,
        periodUs: us(periodUs),
        count: fates.length,
        sizeBytes: SIZE_BYTES,
      },
      fates,
    }));

const faults = fc
  .array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 12 })
  .map((times) => [...new Set(times)].sort((a, b) => a - b))
  .map((times) =>
    Array.from({ length: Math.floor(times.length / 3) }, (_, i): [number, number, number] => [
      times[3 * i] ?? 0,
      times[3 * i + 1] ?? 0,
      times[3 * i + 2] ?? 0,
    ]),
  );

/** Any plan for three streams, two of them in the same direction. */
export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  streams: fc.tuple(
    streamPlan('up', 'uplink'),
    streamPlan('up-too', 'uplink'),
    streamPlan('down', 'downlink'),
  ),
  faults,
});

/** What is going on at a time: fault `n` is the plan's n-th, counted from 1; each is followed by a boot. */
export function attributionAt(plan: Plan, atUs: number): Attribution {
  const boot = 1 + plan.faults.filter(([, clearedUs]) => clearedUs <= atUs).length;
  const index = plan.faults.findIndex(
    ([injectedUs, , recoveredUs]) => injectedUs <= atUs && atUs < recoveredUs,
  );
  const clearedUs = plan.faults[index]?.[1];
  if (clearedUs === undefined) return { phase: 'steady', boot };
  return { phase: atUs < clearedUs ? 'fault' : 'recovery', fault: index + 1, boot };
}

export interface Step {
  readonly atUs: number;
  run(ledger: Ledger): void;
}

export function dueUsOf({ declaration }: StreamPlan, sequence: number): number {
  return sequence * declaration.periodUs;
}

/** Everything that the channel does, in the order of time. */
export function stepsOf(plan: Plan): Step[] {
  return plan.streams
    .flatMap((stream) => stream.fates.flatMap((fate, sequence) => stepsOfMessage(stream, fate, sequence)))
    .sort((a, b) => a.atUs - b.atUs);
}

function stepsOfMessage(stream: StreamPlan, fate: Fate, sequence: number): Step[] {
  const { name, direction } = stream.declaration;
  const dueUs = dueUsOf(stream, sequence);
  const text = encodeMessage(name, sequence, SIZE_BYTES);
  const at = (afterUs: number, act: (ledger: Ledger, atUs: ReturnType<typeof instant>) => void): Step => ({
    atUs: dueUs + afterUs,
    run: (ledger) => act(ledger, instant(dueUs + afterUs)),
  });
  const steps = [at(0, (ledger, atUs) => ledger.due(name, sequence, atUs))];
  if (fate.upTo !== 'due') {
    steps.push(at(OFFERED_AFTER_US, (ledger, atUs) => ledger.offered(name, sequence, atUs)));
  }
  if (fate.upTo === 'accepted' || fate.upTo === 'acked') {
    steps.push(at(ACCEPTED_AFTER_US, (ledger, atUs) => ledger.accepted(name, sequence, atUs)));
  }
  if (fate.upTo === 'acked') {
    steps.push(at(ACKED_AFTER_US, (ledger, atUs) => ledger.acked(name, sequence, atUs)));
  }
  if (fate.dropped) steps.push(at(ACKED_AFTER_US, (ledger) => ledger.dropped(name, sequence)));
  for (const afterUs of fate.copiesAfterUs) {
    steps.push(at(ACCEPTED_AFTER_US + afterUs, (ledger, atUs) => ledger.arrived(direction, text, atUs)));
  }
  for (const afterUs of fate.corruptedAfterUs) {
    const damaged = `${text.slice(0, -1)}#`;
    steps.push(at(ACCEPTED_AFTER_US + afterUs, (ledger, atUs) => ledger.arrived(direction, damaged, atUs)));
  }
  return steps;
}

/** The truth about one message. */
export interface Truth {
  readonly sequence: number;
  readonly verdict: 'delivered' | 'lost' | 'unsent';
  readonly lastPoint: MessagePoint;
  readonly reordered: boolean;
  readonly phase: Phase;
  readonly fault: number | undefined;
  readonly boot: number;
  readonly dueUs: number;
  readonly responseUs: number;
  readonly serviceUs: number;
}

/** The truth about a stream, worked out from the plan with whole arrays. */
export function truthOf(plan: Plan, stream: StreamPlan): Truth[] {
  const firstUs = stream.fates.map(({ copiesAfterUs }, sequence) =>
    copiesAfterUs.length === 0
      ? Number.POSITIVE_INFINITY
      : dueUsOf(stream, sequence) + ACCEPTED_AFTER_US + Math.min(...copiesAfterUs),
  );
  return stream.fates.map((fate, sequence) => {
    const dueUs = dueUsOf(stream, sequence);
    const deliveredUs = firstUs[sequence] ?? Number.POSITIVE_INFINITY;
    const arrived = deliveredUs !== Number.POSITIVE_INFINITY;
    const accepted = fate.upTo === 'accepted' || fate.upTo === 'acked';
    const { phase, fault, boot } = attributionAt(plan, dueUs);
    return {
      sequence,
      verdict: arrived ? 'delivered' : accepted || fate.dropped ? 'lost' : 'unsent',
      lastPoint: arrived ? 'delivered' : fate.upTo,
      reordered: arrived && firstUs.some((otherUs, other) => other > sequence && otherUs < deliveredUs),
      phase,
      fault,
      boot,
      dueUs,
      responseUs: deliveredUs - dueUs,
      serviceUs: deliveredUs - dueUs - ACCEPTED_AFTER_US,
    };
  });
}

/** Times at which a copy arrived after the first one. */
export function duplicateTimesUs(stream: StreamPlan): number[] {
  return stream.fates.flatMap(({ copiesAfterUs }, sequence) =>
    [...copiesAfterUs]
      .sort((a, b) => a - b)
      .slice(1)
      .map((afterUs) => dueUsOf(stream, sequence) + ACCEPTED_AFTER_US + afterUs),
  );
}

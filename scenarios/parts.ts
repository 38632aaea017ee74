/** What several scenarios have in common: traffic both ways, the promises about it, and faults spread over it. */

import type { Random } from '../rig/random.js';
import type {
  MeasurementDeclaration,
  ParameterDeclaration,
  StreamDeclaration,
} from '../rig/run/declarations.js';
import type { Conclusion, FaultTimes } from '../rig/run/scenario.js';
import { type DurationUs, ms, seconds, toMs, us } from '../rig/time/units.js';

/** Parameters of the traffic: one stream each way. */
export const trafficParameters = (messages: number, period: DurationUs) =>
  ({
    messages: {
      kind: 'integer',
      description: 'messages in each direction',
      default: messages,
      min: 1,
      max: 10_000_000,
    },
    period: {
      kind: 'duration',
      description: 'time between two messages of a direction',
      default: period,
      min: ms(10),
      max: seconds(3_600),
    },
    size: { kind: 'integer', description: 'length of a message in bytes', default: 48, min: 32, max: 190 },
  }) as const satisfies Record<string, ParameterDeclaration>;

interface TrafficValues {
  readonly messages: number;
  readonly period: DurationUs;
  readonly size: number;
}

/** One stream up and one down, both with qos and wait: exactly once, in order. */
export function trafficStreams({ messages, period, size }: TrafficValues): StreamDeclaration[] {
  const common = { qos: true, wait: true, periodUs: period, count: messages, sizeBytes: size };
  return [
    { name: 'uplink', direction: 'uplink', ...common },
    { name: 'downlink', direction: 'downlink', ...common },
  ];
}

/** Declares how many messages came to something. */
export const count = (name: string, description: string, limit: MeasurementDeclaration['limit']) =>
  ({ name, unit: 'messages', description, limit }) as const satisfies MeasurementDeclaration;

export const none = { kind: 'none' } as const;
export const zero = { kind: 'equal', value: 0 } as const;

/** The promise of qos and wait while the device keeps running: every message exactly once, in order. */
export const exactlyOnce: readonly MeasurementDeclaration[] = [
  count('lost', 'never arrived', zero),
  count('duplicated', 'arrived again', zero),
  count('reordered', 'arrived after a later one', zero),
  count('corrupted', 'arrived damaged', zero),
  count('unexpected', 'arrived although none was on its way', zero),
  count('unsent', 'fell due, but the link never took them', zero),
];

/** A device that loses its memory may lose what it held; nothing may arrive damaged. */
export const lossesAllowed: readonly MeasurementDeclaration[] = [
  count('lost', 'never arrived: all bets are off when the device loses its memory', none),
  count('duplicated', 'arrived again', none),
  count('reordered', 'arrived after a later one', none),
  count('corrupted', 'arrived damaged', zero),
  count('unexpected', 'arrived although none was on its way', zero),
  count('unsent', 'fell due, but the link never took them', zero),
];

/** Measures what `exactlyOnce` and `lossesAllowed` declare. */
export function measureCounts({ streams, unexpected, measure }: Conclusion): void {
  const total = (pick: (stream: Conclusion['streams'][number]) => number) =>
    streams.reduce((sum, stream) => sum + pick(stream), 0);
  measure(
    'lost',
    total((stream) => stream.lost),
  );
  measure(
    'duplicated',
    total((stream) => stream.duplicated),
  );
  measure(
    'reordered',
    total((stream) => stream.reordered),
  );
  measure(
    'corrupted',
    total((stream) => stream.corrupted),
  );
  measure('unexpected', unexpected);
  measure(
    'unsent',
    total((stream) => stream.unsent),
  );
}

/**
 * How many of the lost messages are such; undefined when none of those that the result lists is, and it does not list all:
 * what is not known must not pass for 0.
 */
export function lossesSuchThat(
  { losses, lossesNotShown }: Conclusion['result'],
  isSuch: (loss: Conclusion['result']['losses'][number]) => boolean,
): number | undefined {
  const found = losses.filter(isSuch).length;
  return found === 0 && lossesNotShown > 0 ? undefined : found;
}

/** Measures how many messages were lost that no fault explains; nothing when that cannot be known. */
export function measureUnexplainedLosses({ result, measure }: Conclusion, name: string): void {
  const unexplained = lossesSuchThat(result, ({ fault }) => fault === undefined);
  if (unexplained !== undefined) measure(name, unexplained);
}

/** Measurements of faults that must be noticed: how many were recovered from, how fast they were noticed and were over. */
export function outageMeasurements(faults: number, detection: DurationUs, recovery: DurationUs) {
  const [recovered, ...rest] = recoveryMeasurements(faults, recovery);
  return [
    recovered,
    {
      name: 'detection max',
      unit: 'ms',
      description: 'longest time from injection until client or server noticed',
      limit: { kind: 'atMost', value: toMs(detection) },
    },
    ...rest,
  ] as const satisfies readonly MeasurementDeclaration[];
}

/** The same of faults that need not be noticed. */
export function recoveryMeasurements(faults: number, recovery: DurationUs) {
  return [
    {
      name: 'recovered',
      unit: 'faults',
      description: 'after which messages flowed both ways again, without help',
      limit: { kind: 'equal', value: faults },
    },
    {
      name: 'recovery p50',
      unit: 'ms',
      description: 'half of the faults were over, backlog drained, so long after they were cleared',
      limit: none,
    },
    {
      name: 'recovery max',
      unit: 'ms',
      description: 'longest time from clearing a fault until its backlog was drained',
      limit: { kind: 'atMost', value: toMs(recovery) },
    },
    {
      name: 'unexpected boots',
      unit: 'boots',
      description: 'starts of the device that no fault explains',
      limit: zero,
    },
  ] as const satisfies readonly MeasurementDeclaration[];
}

/** Measures what `outageMeasurements` declares. */
export function measureOutages(conclusion: Conclusion): void {
  measureDetection(conclusion);
  measureRecovery(conclusion);
}

/** Measures the longest detection, if all were seen. */
export function measureDetection({ faults, measure }: Pick<Conclusion, 'faults' | 'measure'>): void {
  const detections = known(faults, (fault) => fault.detectionUs);
  if (detections.length === faults.length) measure('detection max', Math.max(...detections));
}

/** Measures what `recoveryMeasurements` declares. */
export function measureRecovery({ faults, boots, measure }: Conclusion): void {
  const recoveries = known(faults, (fault) => fault.recoveryUs);
  measure('recovered', recoveries.length);
  const middle = recoveries[Math.ceil(recoveries.length / 2) - 1];
  if (middle !== undefined) {
    measure('recovery p50', middle);
    measure('recovery max', Math.max(...recoveries));
  }
  measure('unexpected boots', boots.unexpected);
}

/** The known times of the faults in milliseconds, in rising order. */
function known(faults: readonly FaultTimes[], pick: (fault: FaultTimes) => DurationUs | undefined): number[] {
  return faults
    .map(pick)
    .filter((time) => time !== undefined)
    .map((time) => toMs(time))
    .sort((a, b) => a - b);
}

/**
 * Pauses before each of `faults` faults, so that they spread over `total` with a seeded irregularity and leave
 * the last of them time to be recovered from while traffic still flows.
 */
export function spread(
  total: DurationUs,
  faults: number,
  random: Random,
): (elapsedUs: DurationUs) => DurationUs {
  const slot = total / (faults + 1);
  let index = 0;
  return (elapsedUs) => {
    const due = slot * (index + random.between(0.3, 0.7));
    index += 1;
    return us(Math.max(0, Math.round(due - elapsedUs)));
  };
}

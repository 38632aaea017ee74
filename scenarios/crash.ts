/** The body of scenarios in which the device loses its memory: faults at seeded instants, some mid-exchange. */
import { RigError } from '../rig/errors.js';
import type { Random } from '../rig/random.js';
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import type { Conclusion, FaultTimes } from '../rig/run/scenario.js';
import type { Clock } from '../rig/time/clock.js';
import { formatDuration } from '../rig/time/duration-text.js';
import { type DurationUs, elapsed, ms, seconds, us } from '../rig/time/units.js';
import {
  lossesAllowed,
  measureCounts,
  measureOutages,
  outageMeasurements,
  spread,
  trafficParameters,
} from './parts.js';

/** One poll, and the second that an exchange may wait (docs/protocol.md §3); the server notices later. */
const DETECTION_LIMIT = seconds(2);
const RECOVERY_LIMIT = seconds(60);

/** Sparse enough that the backlog of one crash is gone before the next. */
export const crashTraffic = trafficParameters(1_500, ms(500));

/** How long each of the faults lasts: a seeded duration from the one to the other. */
interface Span {
  readonly shortest: DurationUs;
  readonly longest: DurationUs;
}

/**
 * Losses are counted, not judged; every one of `crashes` must be recovered from. Throws `USAGE` when the shortest of them
 * were longer than the longest.
 */
export function crashMeasurements(
  crashes: number,
  { shortest, longest }: Span,
): readonly MeasurementDeclaration[] {
  if (shortest > longest) {
    const [least, most] = [shortest, longest].map(formatDuration);
    throw new RigError('USAGE', `shortest is ${least} and longest ${most}: set both, shortest first.`);
  }
  return [...lossesAllowed, ...outageMeasurements(crashes, DETECTION_LIMIT, RECOVERY_LIMIT)];
}

/** Measures what `crashMeasurements` declares. */
export function concludeCrashes(conclusion: Conclusion): void {
  measureCounts(conclusion);
  measureOutages(conclusion);
}

/** Every other fault is aimed into an exchange. */
const AIMED_EVERY = 2;
/** An exchange without a payload takes about 3 ms, with one longer: an aim of up to this long is inside most. */
const EXCHANGE_SPAN_US = 3_000;

interface CrashContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly trafficUs: DurationUs;
  sleep(duration: DurationUs): Promise<void>;
  insideExchange(offset: DurationUs): Promise<void>;
}

/** A seeded duration from `shortest` to `longest`. */
export const randomDuration = (random: Random, { shortest, longest }: Span): DurationUs =>
  us(random.integer(shortest, longest));

/** Injects `count` faults, each after the link has recovered from the one before. */
export async function crashAgainAndAgain(
  { clock, random, trafficUs, sleep, insideExchange }: CrashContext,
  count: number,
  inject: () => Promise<FaultTimes>,
): Promise<void> {
  const startUs = clock.now();
  const pause = spread(trafficUs, count, random);
  for (let index = 0; index < count; index += 1) {
    await sleep(pause(elapsed(startUs, clock.now())));
    if (index % AIMED_EVERY === 1) await insideExchange(us(random.integer(0, EXCHANGE_SPAN_US)));
    await inject();
  }
}

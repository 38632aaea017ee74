/** The body of scenarios in which the device loses its memory: faults at seeded instants, some mid-exchange. */
import type { Random } from '../rig/random.js';
import type { FaultTimes } from '../rig/run/scenario.js';
import type { Clock } from '../rig/time/clock.js';
import { type DurationUs, elapsed, us } from '../rig/time/units.js';
import { spread } from './parts.js';

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

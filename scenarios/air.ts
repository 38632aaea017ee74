/** What scenarios have in common in which the WiFi fails while the device keeps running. */
import type { Random } from '../rig/random.js';
import type { ParameterDeclaration } from '../rig/run/declarations.js';
import type { Conclusion, FaultControl, FaultTimes } from '../rig/run/scenario.js';
import type { Clock } from '../rig/time/clock.js';
import { type DurationUs, elapsed, seconds, us } from '../rig/time/units.js';
import { measureCounts, measureOutages, spread } from './parts.js';

/** Either end must notice an outage by silence within twice the link's timeout (docs/protocol.md §5). */
export const detectionLimit = (linkTimeout: DurationUs): DurationUs => us(2 * linkTimeout);

/** A device waits twice the timeout, joins (10 s), sees the WiFi stable for 3 s, and drains its backlog. */
export const RECOVERY_LIMIT = seconds(60);

interface AirContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly trafficUs: DurationUs;
  sleep(duration: DurationUs): Promise<void>;
}

/** Injects `count` faults at seeded instants, each after the link has recovered from the one before. */
export async function againAndAgain(
  { clock, random, trafficUs, sleep }: AirContext,
  count: number,
  inject: () => Promise<FaultTimes>,
): Promise<void> {
  const startUs = clock.now();
  const pause = spread(trafficUs, count, random);
  for (let index = 0; index < count; index += 1) {
    await sleep(pause(elapsed(startUs, clock.now())));
    await inject();
  }
}

/** Parameters of an access point that fails again and again. */
export const outageParameters = (outages: number, outage: DurationUs) =>
  ({
    outages: {
      kind: 'integer',
      description: 'how often the access point fails',
      default: outages,
      min: 1,
      max: 100_000,
    },
    outage: {
      kind: 'duration',
      description: 'how long it is off each time',
      default: outage,
      min: seconds(3),
      max: seconds(3_600),
    },
  }) as const satisfies Record<string, ParameterDeclaration>;

/** What is done to the access point, for `rig show`. */
export const OUTAGE_FAULT = 'access point off, on again after `outage`; proved by silence at the server';

interface OutageContext extends AirContext {
  readonly parameters: { readonly outages: number; readonly outage: DurationUs };
  readonly faults: Pick<FaultControl, 'wifiOutage'>;
}

/** Switches the access point off as often and for as long as `outageParameters` say. */
export const failAccessPoint = (context: OutageContext): Promise<void> =>
  againAndAgain(context, context.parameters.outages, () =>
    context.faults.wifiOutage(context.parameters.outage),
  );

/** Measures what `exactlyOnce` and `outageMeasurements` declare. */
export function concludeOutages(conclusion: Conclusion): void {
  measureCounts(conclusion);
  measureOutages(conclusion);
}

/** `wifi-outage`: the access point fails again and again while messages flow. */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { defineScenario } from '../rig/run/scenario.js';
import { type DurationUs, elapsed, ms, seconds, us } from '../rig/time/units.js';
import {
  exactlyOnce,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  spread,
  trafficParameters,
  trafficStreams,
} from './parts.js';

/** Either end must notice an outage by silence within twice the link's timeout (docs/protocol.md §5). */
const detectionLimit = (linkTimeout: DurationUs) => us(2 * linkTimeout);
/** A device waits twice the timeout, joins (10 s), sees the WiFi stable for 3 s, and drains its backlog. */
const RECOVERY_LIMIT = seconds(60);

export const wifiOutage = defineScenario({
  name: 'wifi-outage',
  summary: 'the access point fails again and again',
  description:
    'While messages flow both ways, the access point is switched off for some seconds and on again, at seeded ' +
    'irregular times. Each outage is proved by silence at the server. Shows whether the device keeps what it was ' +
    'given, sends it once and in order when the WiFi is back, and how long detection and recovery take.',
  promise:
    'A WiFi outage at run time, qos and wait: every message is delivered exactly once and in order; delayed, not lost.',
  parameters: {
    ...trafficParameters(1_200, ms(400)),
    outages: {
      kind: 'integer',
      description: 'how often the access point fails',
      default: 6,
      min: 1,
      max: 100_000,
    },
    outage: {
      kind: 'duration',
      description: 'how long it is off each time',
      default: seconds(10),
      min: seconds(3),
      max: seconds(3_600),
    },
  },
  needs: ['accessPoint'],
  faults: ['access point off, on again after `outage`; proved by silence at the server'],
  measurements: ({ outages }, { timeoutUs } = DEFAULT_SERVER) => [
    ...exactlyOnce,
    ...recoveryMeasurements(outages, detectionLimit(timeoutUs), RECOVERY_LIMIT),
  ],
  streams: trafficStreams,
  async run({ parameters, clock, random, faults, sleep, trafficUs }) {
    const startUs = clock.now();
    const pause = spread(trafficUs, parameters.outages, random);
    for (let index = 0; index < parameters.outages; index += 1) {
      await sleep(pause(elapsed(startUs, clock.now())));
      await faults.wifiOutage(parameters.outage);
    }
  },
  conclude: (conclusion) => {
    measureCounts(conclusion);
    measureRecovery(conclusion);
  },
});

/** `burst`: several messages at once, none of which waits for another, through outages of the WiFi. */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import {
  concludeOutages,
  detectionLimit,
  failAccessPoint,
  OUTAGE_FAULT,
  outageParameters,
  RECOVERY_LIMIT,
} from './air.js';
import { exactlyOnce, outageMeasurements, trafficParameters } from './parts.js';

/** Order is not promised without wait: what arrived out of it is only counted. */
const onceInAnyOrder = exactlyOnce.map((measurement) =>
  measurement.name === 'reordered'
    ? ({
        ...measurement,
        description: 'arrived after a later one, which without wait it may',
        limit: { kind: 'none' },
      } as const)
    : measurement,
);

const traffic = trafficParameters(480, ms(1_600));

export const burst = defineScenario({
  name: 'burst',
  summary: 'four messages at once that do not wait for each other, through outages',
  description:
    'Messages with qos and without wait come four at a time, each way, so that several are on their way at once, each ' +
    'waiting for its own acknowledgement. The access point is switched off now and then, which leaves several unacknowledged ' +
    'together. Shows that each arrives once. Their order is not promised: messages that overtook others are counted, and ' +
    'however many they are, the run does not fail for them.',
  promise: 'qos without wait: every message is delivered exactly once, several at a time, in any order.',
  parameters: {
    ...traffic,
    period: { ...traffic.period, description: 'time between two bursts of a direction' },
    burst: { kind: 'integer', description: 'messages at a time', default: 4, min: 1, max: 100 },
    ...outageParameters(3, seconds(8)),
  },
  needs: ['accessPoint'],
  faults: [OUTAGE_FAULT],
  measurements: ({ outages }, { timeoutUs } = DEFAULT_SERVER) => [
    ...onceInAnyOrder,
    ...outageMeasurements(outages, detectionLimit(timeoutUs), RECOVERY_LIMIT),
  ],
  streams: ({ messages, period, size, burst: atOnce }) =>
    (['uplink', 'downlink'] as const).map((direction) => ({
      name: direction,
      direction,
      qos: true,
      wait: false,
      periodUs: period,
      burst: atOnce,
      count: messages,
      sizeBytes: size,
    })),
  run: failAccessPoint,
  conclude: concludeOutages,
});

/** `wifi-outage`: the access point fails again and again while messages flow. */
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
import { exactlyOnce, outageMeasurements, trafficParameters, trafficStreams } from './parts.js';

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
    ...outageParameters(6, seconds(10)),
  },
  needs: ['accessPoint'],
  faults: [OUTAGE_FAULT],
  measurements: ({ outages }, { timeoutUs } = DEFAULT_SERVER) => [
    ...exactlyOnce,
    ...outageMeasurements(outages, detectionLimit(timeoutUs), RECOVERY_LIMIT),
  ],
  streams: trafficStreams,
  run: failAccessPoint,
  conclude: concludeOutages,
});

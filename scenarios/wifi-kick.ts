/** `wifi-kick`: the access point throws the device out again and again while messages flow. */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { defineScenario } from '../rig/run/scenario.js';
import { ms } from '../rig/time/units.js';
import { againAndAgain, concludeOutages, detectionLimit, RECOVERY_LIMIT } from './air.js';
import { exactlyOnce, outageMeasurements, trafficParameters, trafficStreams } from './parts.js';

export const wifiKick = defineScenario({
  name: 'wifi-kick',
  summary: 'the access point throws the device out again and again',
  description:
    'While messages flow both ways, the access point sends the device a deauthentication at seeded irregular times, as ' +
    'routers do when they change their channel or restart. It stays on the air, so the device may join again at ' +
    'once. Each kick is proved by what the device does: it falls silent, says that it lost its server, or connects anew. ' +
    'Shows what the shortest of all outages costs.',
  promise:
    'A WiFi outage at run time, qos and wait: every message is delivered exactly once and in order; delayed, not lost.',
  parameters: {
    ...trafficParameters(1_200, ms(400)),
    kicks: {
      kind: 'integer',
      description: 'how often the device is thrown out',
      default: 10,
      min: 1,
      max: 100_000,
    },
  },
  needs: ['accessPoint.kick'],
  faults: ['deauthentication; proved by silence at the server, or by what the device says or does'],
  measurements: ({ kicks }, { timeoutUs } = DEFAULT_SERVER) => [
    ...exactlyOnce,
    ...outageMeasurements(kicks, detectionLimit(timeoutUs), RECOVERY_LIMIT),
  ],
  streams: trafficStreams,
  run: (context) => againAndAgain(context, context.parameters.kicks, () => context.faults.stationKick()),
  conclude: concludeOutages,
});

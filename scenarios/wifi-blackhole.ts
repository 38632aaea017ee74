/** `wifi-blackhole`: packets get lost again and again, and nobody tells the device. */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import { againAndAgain, concludeOutages, detectionLimit, RECOVERY_LIMIT } from './air.js';
import { exactlyOnce, outageMeasurements, trafficParameters, trafficStreams } from './parts.js';

export const wifiBlackhole = defineScenario({
  name: 'wifi-blackhole',
  summary: 'packets get lost silently, while the WiFi seems to be fine',
  description:
    'While messages flow both ways, every packet from and to the device is lost for some seconds, at seeded irregular ' +
    'times. Beacons go on: the device stays associated, and its WiFi says that all is well. Nothing but the ' +
    'silence itself tells it. Each is proved by silence at the server. Shows whether the device relies on ' +
    'being told.',
  promise:
    'A WiFi outage at run time, qos and wait: every message is delivered exactly once and in order; delayed, not lost.',
  parameters: {
    ...trafficParameters(1_200, ms(400)),
    silences: {
      kind: 'integer',
      description: 'how often packets get lost',
      default: 6,
      min: 1,
      max: 100_000,
    },
    silence: {
      kind: 'duration',
      description: 'for how long each time',
      default: seconds(10),
      min: seconds(3),
      max: seconds(3_600),
    },
  },
  needs: ['accessPoint.silence'],
  faults: ['every packet of the device lost for `silence`; proved by silence at the server'],
  measurements: ({ silences }, { timeoutUs } = DEFAULT_SERVER) => [
    ...exactlyOnce,
    ...outageMeasurements(silences, detectionLimit(timeoutUs), RECOVERY_LIMIT),
  ],
  streams: trafficStreams,
  run: (context) =>
    againAndAgain(context, context.parameters.silences, () =>
      context.faults.silentLoss(context.parameters.silence),
    ),
  conclude: concludeOutages,
});

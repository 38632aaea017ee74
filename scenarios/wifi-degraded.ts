/** `wifi-degraded`: for some time packets are late and some are lost, as at the edge of a network's reach. */
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds, us } from '../rig/time/units.js';
import { againAndAgain, RECOVERY_LIMIT } from './air.js';
import {
  exactlyOnce,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';

export const wifiDegraded = defineScenario({
  name: 'wifi-degraded',
  summary: 'packets are late and some are lost, as at the edge of reach',
  description:
    'While messages flow both ways, packets from and to the device are delayed by a varying time and some are lost, for a ' +
    'while, at seeded irregular times. Each time is proved by the messages themselves: none is faster than the added ' +
    'latency allows; or, without much of that, by the silences that losses cause. TCP sends again what is lost, but ' +
    'its waits come close to the timeout of the link, so an outage now and then is to be expected. Shows ' +
    'that a bad network delays messages and nothing else.',
  promise:
    'Over any network, qos and wait: every message is delivered exactly once and in order; delayed, not lost.',
  parameters: {
    ...trafficParameters(1_200, ms(400)),
    times: {
      kind: 'integer',
      description: 'how often the network is degraded',
      default: 4,
      min: 1,
      max: 100_000,
    },
    duration: {
      kind: 'duration',
      description: 'how long each time',
      default: seconds(30),
      min: seconds(5),
      max: seconds(3_600),
    },
    loss: { kind: 'integer', description: 'packets lost each way, percent', default: 5, min: 0, max: 50 },
    latency: {
      kind: 'duration',
      description: 'added to every packet each way',
      default: ms(100),
      min: us(0),
      max: seconds(5),
    },
    jitter: {
      kind: 'duration',
      description: 'spread of the added latency, plus or minus',
      default: ms(50),
      min: us(0),
      max: seconds(5),
    },
  },
  needs: ['accessPoint.degrade'],
  faults: [
    'loss, latency and jitter for `duration`; proved by how long messages take, or by silences at the server',
  ],
  measurements: ({ times }) => [
    ...exactlyOnce,
    ...recoveryMeasurements(times, RECOVERY_LIMIT),
    {
      name: 'degraded p99',
      unit: 'ms',
      description:
        '99 % of the messages that fell due meanwhile arrived within this, in the slower direction',
      limit: { kind: 'none' },
    },
  ],
  streams: trafficStreams,
  run: (context) => {
    const { times, duration, loss, latency, jitter } = context.parameters;
    const impairment = { loss: loss / 100, latencyUs: latency, jitterUs: jitter };
    return againAndAgain(context, times, () => context.faults.degradedLink(duration, impairment));
  },
  conclude: (conclusion) => {
    measureCounts(conclusion);
    measureRecovery(conclusion);
    const { streams, measure } = conclusion;
    measure('degraded p99', Math.max(...streams.map(({ response }) => response.fault.p99Ms)));
  },
});

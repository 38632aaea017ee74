/** `memory`: does the device's free memory fall, with traffic and outages? */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import { againAndAgain, concludeOutages, detectionLimit, RECOVERY_LIMIT } from './air.js';
import { measureMemory, measureSlopeInterval, memoryMeasurements, slopeInterval } from './memory-trend.js';
import { exactlyOnce, outageMeasurements, trafficParameters, trafficStreams } from './parts.js';

export const memory = defineScenario({
  name: 'memory',
  summary: 'does free memory fall, with traffic and outages?',
  description:
    'While messages flow both ways, the access point is switched off for some seconds and on again, at seeded irregular ' +
    'times. Every 10 s the device reports its free memory; the reports between outages, from the first one on, give a slope ' +
    'and its 95 % interval. What the interval leaves of a fall is a leak. With `leak` the device is robbed of so many bytes at ' +
    'each outage (on a virtual bench only), and the scenario has to FAIL: so one sees that it would find one. A device of 36 KB ' +
    'that loses more than 1,536 bytes an hour is dead within a day.',
  promise:
    'The device runs for as long as it has power: it needs no more memory after many outages than after the first.',
  parameters: {
    ...trafficParameters(1_500, ms(400)),
    outages: {
      kind: 'integer',
      description: 'how often the access point fails',
      default: 8,
      min: 1,
      max: 100_000,
    },
    outage: {
      kind: 'duration',
      description: 'how long it is off each time',
      default: seconds(5),
      min: seconds(3),
      max: seconds(3_600),
    },
    leak: {
      kind: 'integer',
      description: 'bytes of memory that the device loses at each outage',
      default: 0,
      min: 0,
      max: 36_864,
    },
  },
  needs: ['accessPoint'],
  faults: ['access point off, on again after `outage`; proved by silence at the server'],
  measurements: ({ outages }, { timeoutUs } = DEFAULT_SERVER) => [
    ...exactlyOnce,
    ...outageMeasurements(outages, detectionLimit(timeoutUs), RECOVERY_LIMIT),
    ...memoryMeasurements,
    slopeInterval,
  ],
  streams: trafficStreams,
  run: (context) => {
    const { faults, parameters } = context;
    return againAndAgain(context, parameters.outages, async () => {
      if (parameters.leak > 0) await faults.leakMemory(parameters.leak);
      return await faults.wifiOutage(parameters.outage);
    });
  },
  conclude: (conclusion) => {
    concludeOutages(conclusion);
    measureMemory(conclusion);
    measureSlopeInterval(conclusion);
  },
});

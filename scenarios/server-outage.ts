/** `server-outage`: the server stops, refuses, resets connections and falls silent; then the device starts without it. */
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { defineScenario } from '../rig/run/scenario.js';
import { serverBreaks } from '../rig/server/breakable-network.js';
import { ms, seconds } from '../rig/time/units.js';
import { againAndAgain, detectionLimit, RECOVERY_LIMIT } from './air.js';
import {
  exactlyOnce,
  measureCounts,
  measureDetection,
  measureRecovery,
  outageMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';
import { measureReports, reportMeasurement, SETTLE } from './starts.js';

export const serverOutage = defineScenario({
  name: 'server-outage',
  summary: 'the server stops, refuses, resets connections, falls silent',
  description:
    'While messages flow both ways, the rig breaks its own server, at seeded irregular times and in four ways by turns: it ' +
    'stops (connections closed in good order, port closed); it refuses (connections reset, port closed); it resets every ' +
    'connection, also those that come; it goes half-open: connections stand and are accepted, and nobody reads or says ' +
    'anything, so that only the silence tells. The WiFi is fine all the time. After the traffic the device is started ' +
    'while the server refuses, and must say so; then the server is back, and the link has to come up. Shows whether ' +
    'the device notices a dead server in time, whatever way it died, and loses and repeats nothing.',
  promise:
    'A server outage at run time, qos and wait: every message is delivered exactly once and in order; delayed, not lost. ' +
    'A server that refuses at start-up is reported.',
  parameters: {
    ...trafficParameters(720, ms(400)),
    outages: {
      kind: 'integer',
      description: 'how often the server is away; the four ways take turns',
      default: 8,
      min: 1,
      max: 100_000,
    },
    outage: {
      kind: 'duration',
      description: 'for how long each time',
      default: seconds(8),
      min: seconds(3),
      max: seconds(3_600),
    },
    starts: {
      kind: 'integer',
      description: 'starts of the device while the server refuses, after the traffic',
      default: 1,
      min: 0,
      max: 1_000,
    },
  },
  needs: ['reset'],
  faults: [
    'the server is away for `outage`: stopped, refusing, resetting, half-open; proved by the device, which says so or from ' +
      'which no message of the server comes any more',
    'the device starts while the server refuses; proved by its synchronising anew, without a word that its server is there',
  ],
  measurements: ({ outages, starts }, { timeoutUs } = DEFAULT_SERVER) => [
    ...exactlyOnce,
    ...outageMeasurements(outages + starts, detectionLimit(timeoutUs), RECOVERY_LIMIT),
    reportMeasurement(
      'server reported',
      'starts without a server after which the device said so (`s`)',
      starts,
    ),
  ],
  streams: trafficStreams,
  run: async (context) => {
    const { faults, parameters } = context;
    let turn = 0;
    await againAndAgain(context, parameters.outages, () => {
      const how = serverBreaks[turn % serverBreaks.length] ?? 'stop';
      turn += 1;
      return faults.serverOutage(how, parameters.outage);
    });
    await context.trafficDone();
    await context.sleep(SETTLE);
    for (let start = 0; start < parameters.starts; start += 1) {
      await faults.startWithout({ missing: 'server' });
    }
  },
  conclude: (conclusion) => {
    const { faults, measure } = conclusion;
    measureCounts(conclusion);
    measureDetection({ faults: faults.filter(({ reportsUs }) => reportsUs === undefined), measure });
    measureRecovery(conclusion);
    measureReports(conclusion, 'server reported');
  },
});

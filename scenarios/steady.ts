/** `steady`: no fault at all. What the link does at its best, and the floor that all else is compared with. */
import { defineScenario } from '../rig/run/scenario.js';
import { ms } from '../rig/time/units.js';
import { exactlyOnce, measureCounts, trafficParameters, trafficStreams } from './parts.js';

/** The link's documentation: 100–200 ms are normal. The client polls every 100 ms, and each way has one hop more. */
const RESPONSE_P50_LIMIT_MS = 250;

export const steady = defineScenario({
  name: 'steady',
  summary: 'no fault: what the link does at its best',
  description:
    'Messages flow both ways and nothing is broken. Shows the latency that a user can expect, and is the floor ' +
    'that the other scenarios are compared with. A loss here is a defect of the device, not of its surroundings.',
  promise:
    'Steady state: every message arrives exactly once and in order; a latency of 100 to 200 ms is normal.',
  parameters: trafficParameters(1_000, ms(250)),
  needs: [],
  faults: [],
  measurements: () => [
    ...exactlyOnce,
    {
      name: 'response p50',
      unit: 'ms',
      description: 'half of the messages arrive within this time of falling due, in the slower direction',
      limit: { kind: 'atMost', value: RESPONSE_P50_LIMIT_MS },
    },
    {
      name: 'response p99',
      unit: 'ms',
      description: '99 % of the messages arrive within this time of falling due, in the slower direction',
      limit: { kind: 'none' },
    },
    {
      name: 'unexpected boots',
      unit: 'boots',
      description: 'starts of the device that no fault explains',
      limit: { kind: 'equal', value: 0 },
    },
  ],
  streams: trafficStreams,
  run: (context) => context.trafficDone(),
  conclude: (conclusion) => {
    measureCounts(conclusion);
    const { streams, boots, measure } = conclusion;
    measure('response p50', Math.max(...streams.map((stream) => stream.response.steady.p50Ms)));
    measure('response p99', Math.max(...streams.map((stream) => stream.response.steady.p99Ms)));
    measure('unexpected boots', boots.unexpected);
  },
});

/** `power-cut`: the device loses its supply again and again, at any instant. */
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import {
  concludeCrashes,
  crashAgainAndAgain,
  crashMeasurements,
  crashTraffic,
  randomDuration,
} from './crash.js';
import { trafficStreams } from './parts.js';

export const powerCut = defineScenario({
  name: 'power-cut',
  summary: 'the supply is cut again and again, at any instant',
  description:
    'The supply of the device is cut at seeded random instants, every other time in the middle of an exchange, ' +
    'and comes back after a seeded time. Each cut is proved by the voltage of the rail. The device loses what it ' +
    'held in memory; each lost message is reported with the last point that it reached. Shows that the link ' +
    'recovers every time without help, and what a cut costs.',
  promise: 'The device loses power: the link recovers without help; messages may be lost.',
  parameters: {
    ...crashTraffic,
    cuts: { kind: 'integer', description: 'how often the supply is cut', default: 20, min: 1, max: 100_000 },
    shortest: {
      kind: 'duration',
      description: 'shortest cut',
      default: ms(200),
      min: ms(50),
      max: seconds(600),
    },
    longest: {
      kind: 'duration',
      description: 'longest cut',
      default: seconds(4),
      min: ms(50),
      max: seconds(600),
    },
  },
  needs: ['power', 'console', 'reset'],
  faults: ['supply off for `shortest` to `longest`; proved by the rail below 0.5 V'],
  measurements: ({ cuts, ...span }) => crashMeasurements(cuts, span),
  streams: trafficStreams,
  run: (context) =>
    crashAgainAndAgain(context, context.parameters.cuts, () =>
      context.faults.powerCut(randomDuration(context.random, context.parameters)),
    ),
  conclude: concludeCrashes,
});

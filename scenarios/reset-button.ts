/** `reset-button`: somebody presses the device's reset button again and again, at any instant. */
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

export const resetButton = defineScenario({
  name: 'reset-button',
  summary: 'the reset button is pressed again and again, at any instant',
  description:
    'The reset pin of the device is pulled low at seeded random instants, every other time in the middle of an ' +
    'exchange, as by somebody who presses the button. Each press is proved by the message of the ROM. Shows that ' +
    'the link recovers every time without help, and what a crash costs.',
  promise: 'The device reboots: the link recovers without help; messages may be lost.',
  parameters: {
    ...crashTraffic,
    presses: {
      kind: 'integer',
      description: 'how often the button is pressed',
      default: 20,
      min: 1,
      max: 100_000,
    },
    shortest: {
      kind: 'duration',
      description: 'shortest press',
      default: ms(50),
      min: ms(1),
      max: seconds(60),
    },
    longest: {
      kind: 'duration',
      description: 'longest press',
      default: ms(500),
      min: ms(1),
      max: seconds(60),
    },
  },
  needs: ['reset', 'console'],
  faults: ['reset held low for `shortest` to `longest`; proved by the message of the ROM'],
  measurements: ({ presses, ...span }) => crashMeasurements(presses, span),
  streams: trafficStreams,
  run: (context) =>
    crashAgainAndAgain(context, context.parameters.presses, () =>
      context.faults.resetPress(randomDuration(context.random, context.parameters)),
    ),
  conclude: concludeCrashes,
});

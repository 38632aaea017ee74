/** `reset-button`: somebody presses the device's reset button again and again, at any instant. */
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds, us } from '../rig/time/units.js';
import { crashAgainAndAgain } from './crash.js';
import {
  lossesAllowed,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';

/** One poll, and the second that an exchange may wait (docs/protocol.md §3); the server notices later. */
const DETECTION_LIMIT = seconds(2);
const RECOVERY_LIMIT = seconds(60);

export const resetButton = defineScenario({
  name: 'reset-button',
  summary: 'the reset button is pressed again and again, at any instant',
  description:
    'The reset pin of the device is pulled low at seeded random instants, every other time in the middle of an ' +
    'exchange, as by somebody who presses the button. Each press is proved by the message of the ROM. Shows that ' +
    'the link recovers every time without help, and what a crash costs.',
  promise: 'The device reboots: the link recovers without help; messages may be lost.',
  parameters: {
    ...trafficParameters(1_500, ms(500)),
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
  measurements: ({ presses }) => [
    ...lossesAllowed,
    ...recoveryMeasurements(presses, DETECTION_LIMIT, RECOVERY_LIMIT),
  ],
  streams: trafficStreams,
  run: (context) =>
    crashAgainAndAgain(context, context.parameters.presses, () => {
      const { shortest, longest } = context.parameters;
      return context.faults.resetPress(us(context.random.integer(Math.min(shortest, longest), longest)));
    }),
  conclude: (conclusion) => {
    measureCounts(conclusion);
    measureRecovery(conclusion);
  },
});

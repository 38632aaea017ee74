/** `brown-out`: the supply sags again and again, and the device reboots in a loop until it recovers. */
import { type Conclusion, defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import { concludeCrashes, crashAgainAndAgain, crashMeasurements, randomDuration } from './crash.js';
import { trafficParameters, trafficStreams } from './parts.js';
import { measureNames, named } from './start.js';

/** A chip that starts three times proves the loop. On the virtual bench that takes up to 2.4 s; nobody states a figure. */
const SHORTEST_SAG = seconds(3);

export const brownOut = defineScenario({
  name: 'brown-out',
  summary: 'the supply sags, and the device reboots in a loop until it recovers',
  description:
    'The supply of the device sags at seeded random instants, every other time in the middle of an exchange, so far that ' +
    'the device starts, gives way as its radio starts, and starts again: undervoltage reboots it in a loop, as a weak ' +
    'power supply or a thin cable does. Each sag is proved by the ROM, which prints start after start that the rig has no ' +
    'part in, and the rail is read meanwhile. Shows that a sag is one incident from its beginning to its end, however ' +
    'often the device started in it: every boot and every lost message belongs to it, the rig names it by the console ' +
    'alone, and the link recovers every time without help.',
  promise: 'The device loses power: the link recovers without help; messages may be lost.',
  parameters: {
    ...trafficParameters(250, ms(500)),
    sags: {
      kind: 'integer',
      description: 'how often the supply sags',
      default: 3,
      min: 1,
      max: 100_000,
    },
    shortest: {
      kind: 'duration',
      description: 'shortest sag',
      default: SHORTEST_SAG,
      min: seconds(2),
      max: seconds(600),
    },
    longest: {
      kind: 'duration',
      description: 'longest sag',
      default: seconds(5),
      min: seconds(2),
      max: seconds(600),
    },
  },
  needs: ['power.sag', 'console', 'reset'],
  faults: [
    'supply too weak for `shortest` to `longest`; proved by the ROM, which prints three starts that the rig did not make',
  ],
  measurements: ({ sags, shortest, longest }) => [
    ...crashMeasurements(sags, { shortest, longest }),
    named(sags),
    {
      name: 'boots per sag',
      unit: 'boots',
      description: 'how often the device started for each sag, the start that lasted included',
      // Three at least are the proof of the fault already.
      limit: { kind: 'none' },
    },
  ],
  streams: trafficStreams,
  run: (context) =>
    crashAgainAndAgain(context, context.parameters.sags, () =>
      context.faults.brownOut(randomDuration(context.random, context.parameters)),
    ),
  conclude: (conclusion: Conclusion) => {
    concludeCrashes(conclusion);
    measureNames(conclusion);
    const { boots, faults, measure } = conclusion;
    // The boot of the bring-up belongs to none.
    measure('boots per sag', Math.round((10 * (boots.total - 1)) / faults.length) / 10);
  },
});

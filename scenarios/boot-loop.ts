/** `boot-loop`: a wrong boot.py resets the device at each start, or never ends. */
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import { againAndAgain } from './air.js';
import { trafficParameters, trafficStreams } from './parts.js';
import { concludeStarts, startMeasurements } from './start.js';

export const bootLoop = defineScenario({
  name: 'boot-loop',
  summary: 'a wrong boot.py: the device resets itself at each start, or locks up',
  description:
    'At seeded random instants the rig interrupts the program of the device, puts a wrong boot.py in the place of its own, and ' +
    'lets it start: in turn one that resets the chip, which makes a boot loop, and one that waits for ever. A loop is ' +
    'proved by the ROM, which prints start after start that the rig did not make; a lock-up by the traceback of Ctrl-C, ' +
    'which says boot.py and the line. After a while the device is recovered by the right means: Ctrl-C again and again ' +
    'until one strikes while the interpreter runs, its own boot.py put back at the prompt, reset. Shows that the rig names ' +
    'loop and lock-up, cause and file, and that a device whose boot.py was wrong need not be flashed anew. It ends as FAIL ' +
    'on firmware that does not heed Ctrl-C: nobody could rescue that. A bench that loses power meanwhile leaves ' +
    'the own boot.py of the device under the name boot.py.rig.',
  promise:
    'Incorrect modifications to boot.py may lead to boot loops or lock-ups; the device reboots: the link recovers.',
  parameters: {
    ...trafficParameters(120, ms(500)),
    times: {
      kind: 'integer',
      description: 'how often boot.py is wrong, a loop and a lock-up in turn',
      default: 2,
      min: 1,
      max: 100_000,
    },
    duration: {
      kind: 'duration',
      description: 'how long it is wrong',
      default: seconds(8),
      min: seconds(4),
      max: seconds(600),
    },
  },
  needs: ['console', 'reset'],
  faults: [
    'a boot.py that resets the chip; proved by the ROM, which prints three starts that the rig did not make',
    'a boot.py that never ends; proved by the traceback that answers Ctrl-C',
  ],
  measurements: ({ times }) => startMeasurements(times),
  streams: trafficStreams,
  run: (context) => {
    const { times, duration } = context.parameters;
    let count = 0;
    return againAndAgain(context, times, () => {
      count += 1;
      return context.faults.wrongBoot(count % 2 === 1 ? 'loop' : 'lock-up', duration);
    });
  },
  conclude: concludeStarts,
});

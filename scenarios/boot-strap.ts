/** `boot-strap`: a bus line is low while the device is reset, so that it does not start its firmware. */
import { defineScenario } from '../rig/run/scenario.js';
import { ms, seconds } from '../rig/time/units.js';
import { againAndAgain } from './air.js';
import { trafficParameters, trafficStreams } from './parts.js';
import { concludeStarts, startMeasurements } from './start.js';

export const bootStrap = defineScenario({
  name: 'boot-strap',
  summary: 'SCL or SDA is low at reset: UART bootloader, or no start at all',
  description:
    'SCL and SDA are boot straps of an ESP8266 as well (GPIO0, GPIO2). At seeded random instants the rig holds one of them ' +
    'low, SCL first, then SDA, and so on in turn, and resets the device. With SCL low the chip waits in its UART ' +
    'bootloader (boot mode 1), with SDA low it does not start at all (boot mode 2). The mode that the levels call for is ' +
    'compared with the one that the ROM prints, which proves the fault. Then the line is let go of, and the client of the link ' +
    'resets the device again, which alone brings it back. Shows that the rig names such a start for what it is, and that ' +
    'a bus that is free and another reset are all that the link needs to recover.',
  promise: 'The device reboots: the link recovers without help; messages may be lost.',
  parameters: {
    ...trafficParameters(160, ms(500)),
    times: {
      kind: 'integer',
      description: 'how often a line is held, SCL and SDA in turn',
      default: 4,
      min: 1,
      max: 100_000,
    },
    hold: {
      kind: 'duration',
      description: 'how long the line is held',
      default: seconds(4),
      min: ms(200),
      max: seconds(600),
    },
  },
  needs: ['bus', 'reset', 'console'],
  faults: ['SCL or SDA held low while reset is released; proved by the boot mode that the ROM prints'],
  measurements: ({ times }) => startMeasurements(times),
  streams: trafficStreams,
  run: (context) => {
    const { times, hold } = context.parameters;
    let count = 0;
    return againAndAgain(context, times, () => {
      count += 1;
      return context.faults.strapHeld(count % 2 === 1 ? 'scl' : 'sda', hold);
    });
  },
  conclude: concludeStarts,
});

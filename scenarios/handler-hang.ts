/** `handler-hang`: a loop in an interrupt handler on the device never ends; nothing else runs there any more. */
import { defineScenario } from '../rig/run/scenario.js';
import { BY_EXCHANGE, concludeDeaths, deathMeasurements, deathTraffic, dieAgainAndAgain } from './hangs.js';
import { trafficStreams } from './parts.js';

export const handlerHang = defineScenario({
  name: 'handler-hang',
  summary: 'a loop in an interrupt handler never ends: no exchange is answered',
  description:
    "A timer's callback that never returns is started over the console, at seeded irregular times. While it runs, no other " +
    'handler does: not even the one that answers exchanges. So the next exchange fails, and the client reboots the device ' +
    'a second later. Each hang is proved by an exchange that is not answered although the chip has not started anew. With ' +
    '`watchdog` the chip would start again of itself after 1.6 to 3.2 s, should the client not do so. Shows that the client ' +
    'does not wait for keepalives, that the link recovers, and that the ROM names the right cause.',
  promise:
    'An exchange that is not answered within 1 s has failed: the client reboots the device, and the link recovers without ' +
    'help; messages may be lost.',
  parameters: {
    ...deathTraffic,
    hangs: {
      kind: 'integer',
      description: 'how often the handler hangs',
      default: 6,
      min: 1,
      max: 100_000,
    },
    watchdog: {
      kind: 'boolean',
      description: 'arm the watchdog before each hang',
      default: false,
    },
  },
  needs: ['i2c.target', 'console', 'reset'],
  faults: ['a timer callback without end; proved by an exchange that is not answered'],
  measurements: ({ hangs }) => deathMeasurements(hangs, BY_EXCHANGE),
  streams: trafficStreams,
  run: (context) => {
    const { hangs, watchdog } = context.parameters;
    return dieAgainAndAgain(context, hangs, () => context.faults.hang('handler', watchdog));
  },
  conclude: concludeDeaths,
});

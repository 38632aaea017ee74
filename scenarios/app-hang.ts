/** `app-hang`: a loop in the application on the device never ends; its interrupt handler lives on. */
import { defineScenario } from '../rig/run/scenario.js';
import { BY_KEEPALIVES, concludeDeaths, deathMeasurements, deathTraffic, dieAgainAndAgain } from './hangs.js';
import { trafficStreams } from './parts.js';

/** Every other hang. */
const isGuarded = (index: number): boolean => index % 2 === 1;

export const appHang = defineScenario({
  name: 'app-hang',
  summary: 'a loop in the application never ends; the watchdog or the client ends it',
  description:
    'A loop without end is started in the place of the application, over the console, at seeded irregular times. The interrupt ' +
    'handler still answers every exchange. The chip has a watchdog, but MicroPython feeds it as long as Python runs, however ' +
    'senseless; so the client must notice that keepalives are missing. Before every other hang the watchdog is put into the ' +
    "program's own hands by machine.WDT(), and nothing feeds it: then it bites after 1.6 to 3.2 s, unless the client is " +
    'faster. Each hang is proved by a prompt that echoes no more, silence at the server, and exchanges that are answered. ' +
    'Shows who ended each hang, and that the ROM names the right cause.',
  promise:
    "The device's application dies: the client reboots it when no keepalive has come for 4 s, unless its watchdog was " +
    'faster, and the link recovers without help; messages may be lost.',
  parameters: {
    ...deathTraffic,
    hangs: {
      kind: 'integer',
      description: 'how often the application hangs',
      default: 6,
      min: 1,
      max: 100_000,
    },
    watchdog: {
      kind: 'boolean',
      description: 'arm the watchdog before every other hang',
      default: true,
    },
  },
  needs: ['i2c.target', 'console', 'reset'],
  faults: [
    'a loop without end at the prompt; proved by a prompt that is gone, silence at the server, and exchanges that are answered',
  ],
  measurements: ({ hangs }) => deathMeasurements(hangs, BY_KEEPALIVES),
  streams: trafficStreams,
  run: (context) => {
    const { hangs, watchdog } = context.parameters;
    return dieAgainAndAgain(context, hangs, (index) =>
      context.faults.hang('application', watchdog && isGuarded(index)),
    );
  },
  conclude: concludeDeaths,
});

/** `app-crash`: the application on the device dies, and its interrupt handler lives on. */
import { defineScenario } from '../rig/run/scenario.js';
import { BY_KEEPALIVES, concludeDeaths, deathMeasurements, deathTraffic, dieAgainAndAgain } from './hangs.js';
import { trafficStreams } from './parts.js';

export const appCrash = defineScenario({
  name: 'app-crash',
  summary: 'the application on the device dies, its interrupt handler lives on',
  description:
    'Somebody types Ctrl-C on the console of the device while messages flow both ways, at seeded irregular times. The ' +
    'application ends, and the prompt appears; but the interrupt handler still answers every exchange, so to the client all ' +
    'seems to be well. Only the keepalives are missing, which the application sends. Each crash is proved by the prompt, by ' +
    'silence at the server, and by exchanges that are answered meanwhile. Shows that the client notices, reboots the device, ' +
    'and that the link recovers.',
  promise:
    "The device's application dies: the client reboots it when no keepalive has come for 4 s, and the link recovers without " +
    'help; messages may be lost.',
  parameters: {
    ...deathTraffic,
    crashes: {
      kind: 'integer',
      description: 'how often the application is ended',
      default: 5,
      min: 1,
      max: 100_000,
    },
  },
  needs: ['i2c.target', 'console', 'reset'],
  faults: ['Ctrl-C; proved by the prompt, silence at the server, and exchanges that are answered'],
  measurements: ({ crashes }) => deathMeasurements(crashes, BY_KEEPALIVES),
  streams: trafficStreams,
  run: (context) => dieAgainAndAgain(context, context.parameters.crashes, () => context.faults.appCrash()),
  conclude: concludeDeaths,
});

/** Puts the rig together: which scenarios there are, and which drivers its benches have. */
import { fileURLToPath } from 'node:url';
import { piDrivers } from '../drivers/pi/drivers.js';
import { lockFolder } from '../drivers/pi/safety/bench-lock.js';
import { stateFolder } from '../drivers/pi/safety/undo-log.js';
import * as scenarioApi from '../rig/index.js';
import { scenarios } from '../scenarios/index.js';
import type { Composition } from './composition.js';
import { benchRunner, type Hardware } from './run-on-bench.js';
import { suitesIn } from './suites.js';

/** The package's folder, two up from where this file is compiled to. */
const packageFolder = new URL('../../', import.meta.url);

/** The rig on the given hardware. */
export const compose = (hardware: Hardware): Composition => ({
  scenarios,
  suites: () => suitesIn(fileURLToPath(new URL('scenarios/suites', packageFolder))),
  hardware,
  runScenario: benchRunner(hardware),
  scenarioApi,
  linkFirmware: {
    responder: fileURLToPath(new URL('firmware/link', packageFolder)),
    initiator: fileURLToPath(new URL('firmware/link-initiator', packageFolder)),
  },
});

/** The rig on this host. */
export const composition: Composition = compose({
  drivers: piDrivers,
  folders: { state: stateFolder(process.env), locks: lockFolder() },
});

/**
 * Puts the rig together: which scenarios there are, and which drivers its benches have. What only some commands need is
 * loaded when it is asked for.
 */
import { fileURLToPath } from 'node:url';
import * as scenarioApi from '../rig/index.js';
import { scenarios } from '../scenarios/index.js';
import type { Composition } from './composition.js';
import type { Hardware } from './run-on-bench.js';

/** The package's folder, two up from where this file is compiled to. */
const packageFolder = new URL('../../', import.meta.url);

/** The rig on the given hardware. */
export const compose = (hardware: () => Promise<Hardware>): Composition => ({
  scenarios,
  suites: async () => {
    const { suitesIn } = await import('./suites.js');
    return suitesIn(fileURLToPath(new URL('scenarios/suites', packageFolder)));
  },
  hardware,
  runScenario: async (request) => {
    const { benchRunner } = await import('./run-on-bench.js');
    return await benchRunner(hardware)(request);
  },
  scenarioApi,
  linkFirmware: {
    responder: fileURLToPath(new URL('firmware/link', packageFolder)),
    initiator: fileURLToPath(new URL('firmware/link-initiator', packageFolder)),
  },
});

/** The rig on this host. */
export const composition: Composition = compose(async () => {
  const { piDrivers } = await import('../drivers/pi/drivers.js');
  const { lockFolder } = await import('../drivers/pi/safety/bench-lock.js');
  const { stateFolder } = await import('../drivers/pi/safety/undo-log.js');
  return { drivers: piDrivers, folders: { state: stateFolder(process.env), locks: lockFolder() } };
});

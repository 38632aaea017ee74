/** Puts the rig together: which scenarios there are, and which bench runs them. */
import { fileURLToPath } from 'node:url';
import { RigError } from '../rig/errors.js';
import * as scenarioApi from '../rig/run/scenario.js';
import type { Composition } from './composition.js';

/** The package's folder, two up from where this file is compiled to. */
const packageFolder = new URL('../../', import.meta.url);

export const composition: Composition = {
  scenarios: [],
  runScenario: () => Promise.reject(new RigError('BENCH', 'No bench is plugged in yet.')),
  scenarioApi,
  linkFirmwareDirectory: fileURLToPath(new URL('firmware/link', packageFolder)),
};

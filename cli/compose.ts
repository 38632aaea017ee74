/** Puts the rig together: which scenarios there are, and which bench runs them. */
import { fileURLToPath } from 'node:url';
import { createVirtualBench } from '../drivers/virtual/bench.js';
import * as scenarioApi from '../rig/index.js';
import { createRandom } from '../rig/random.js';
import type { RunResult } from '../rig/run/result.js';
import { runScenario } from '../rig/run/runner.js';
import { scenarios } from '../scenarios/index.js';
import type { Composition, RunRequest } from './composition.js';
import { realtimePace } from './pace.js';

/** The package's folder, two up from where this file is compiled to. */
const packageFolder = new URL('../../', import.meta.url);

export const composition: Composition = {
  scenarios,
  runScenario: runOnVirtualBench,
  scenarioApi,
  linkFirmware: {
    responder: fileURLToPath(new URL('firmware/link', packageFolder)),
    initiator: fileURLToPath(new URL('firmware/link-initiator', packageFolder)),
  },
};

async function runOnVirtualBench(request: RunRequest): Promise<RunResult> {
  const { scenario, parameters, seed, firmware, realtime, signal, hurry, sinks } = request;
  const random = createRandom(seed);
  const startMs = performance.now();
  const bench = createVirtualBench({
    random: random.fork('bench'),
    firmware,
    ...(realtime && { pace: realtimePace() }),
  });
  try {
    return await runScenario({
      scenario,
      parameters,
      bench,
      random,
      signal,
      hurry,
      sink: (event) => {
        for (const sink of sinks) sink(event);
      },
      wall: {
        isoNow: () => new Date().toISOString(),
        elapsedMs: () => Math.round(performance.now() - startMs),
      },
    });
  } finally {
    await bench.close();
  }
}

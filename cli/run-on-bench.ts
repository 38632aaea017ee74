/** Runs one scenario on the bench that was chosen: opens it, runs, and leaves it safe whatever happened. */
import { openPhysicalBench, type PhysicalBench } from '../drivers/pi/bench.js';
import type { SafetyFolders } from '../drivers/pi/bench-session.js';
import { createCommandRunner } from '../drivers/pi/command.js';
import type { Drivers } from '../drivers/pi/port-openers.js';
import { createVirtualBench } from '../drivers/virtual/bench.js';
import { messageOf, RigError } from '../rig/errors.js';
import { createRandom, type Random } from '../rig/random.js';
import type { Bench } from '../rig/run/bench.js';
import { worse } from '../rig/run/outcome.js';
import type { RunResult } from '../rig/run/result.js';
import { runScenario } from '../rig/run/runner.js';
import { SystemClock } from '../rig/time/system-clock.js';
import type { PhysicalChoice, VirtualChoice } from './bench-choice.js';
import type { RunRequest, ScenarioRunner } from './composition.js';
import { realtimePace } from './pace.js';

/** What physical benches are made of. */
export interface Hardware {
  readonly drivers: Drivers;
  readonly folders: SafetyFolders;
}

export function benchRunner(hardware: () => Promise<Hardware>): ScenarioRunner {
  return async (request) => {
    const { bench } = request;
    return bench.kind === 'virtual'
      ? await runOnVirtualBench(request, bench)
      : await runOnPhysicalBench(request, bench, await hardware());
  };
}

async function runOnVirtualBench(
  request: RunRequest,
  { name, role, firmware }: VirtualChoice,
): Promise<RunResult> {
  const random = createRandom(request.seed);
  const bench = createVirtualBench({
    random: random.fork('bench'),
    firmware,
    role,
    ...(request.realtime && { pace: realtimePace() }),
  });
  try {
    return await runOn({ ...bench, name }, request, random);
  } finally {
    await bench.close();
  }
}

async function runOnPhysicalBench(
  request: RunRequest,
  { file, firmware, passphrase }: PhysicalChoice,
  { drivers, folders }: Hardware,
): Promise<RunResult> {
  const { scenario, reservation, signal, hurry, crash, note } = request;
  const clock = new SystemClock();
  const bench = await openPhysicalBench(file, {
    clock,
    drivers,
    folders,
    run: createCommandRunner({ clock }),
    command: `rig run ${scenario.name}`,
    since: new Date().toLocaleString(),
    reservation,
    passphrase,
    firmware,
    signal: AbortSignal.any([signal, crash]),
    hurry,
    note,
  });
  const breakDown = () =>
    bench.breakDown(new RigError('BENCH', `The rig itself failed: ${messageOf(crash.reason)}`));
  if (crash.aborted) breakDown();
  crash.addEventListener('abort', breakDown, { once: true });
  const result = await runOn(bench, request, createRandom(request.seed)).finally(() =>
    crash.removeEventListener('abort', breakDown),
  );
  return await closed(bench, result);
}

/** The run's result, with what went wrong when the bench was let go of. */
async function closed(bench: PhysicalBench, result: RunResult): Promise<RunResult> {
  try {
    await bench.close();
    return result;
  } catch (error) {
    const reason = [messageOf(error), ...(result.reason === undefined ? [] : [result.reason])].join(' ');
    return { ...result, outcome: worse(result.outcome, 'ERROR'), reason };
  }
}

function runOn(bench: Bench, request: RunRequest, random: Random): Promise<RunResult> {
  const { scenario, parameters, labels, signal, hurry, sinks } = request;
  const startMs = performance.now();
  return runScenario({
    scenario,
    parameters,
    labels,
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
}

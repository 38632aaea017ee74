/** One measurement on the virtual bench in a process of its own, so that memory and warm-up are its alone. */
import { fileURLToPath } from 'node:url';
import { loadLinkFirmware } from '../cli/firmware.js';
import { createVirtualBench } from '../drivers/virtual/bench.js';
import type { BusRole } from '../rig/ports.js';
import { createRandom } from '../rig/random.js';
import type { RunResult } from '../rig/run/result.js';
import { runScenario } from '../rig/run/runner.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../rig/run/scenario.js';
import { ms } from '../rig/time/units.js';
import { steady } from '../scenarios/steady.js';
import { wifiOutage } from '../scenarios/wifi-outage.js';

const SEED = 42;
/** The link passes on a line per exchange; so often, and polled that often, it just keeps up. */
const BUSY_PERIOD = ms(160);
const folder = (name: string) => fileURLToPath(new URL(`../../firmware/${name}`, import.meta.url));

/** What a child writes to its standard output, as JSON. */
export interface ChildFigures {
  readonly outcome: string;
  readonly benchMs: number;
  readonly wallMs: number;
  readonly exchanges: number;
  readonly exchangeMeanMs: number | null;
  readonly exchangeMaxMs: number;
  readonly messages: number;
  /** From the start of the run until client and device are synchronised. */
  readonly bootWallMs: number;
  readonly rssBytes: number;
}

async function measure<P extends ParameterDeclarations>(
  scenario: Scenario<P>,
  parameters: ParameterValues<P>,
  role: BusRole = 'target',
): Promise<ChildFigures> {
  const firmware = loadLinkFirmware({ responder: folder('link'), initiator: folder('link-initiator') }, role);
  const random = createRandom(SEED);
  const began = performance.now();
  let bootWallMs = 0;
  const bench = createVirtualBench({ random: random.fork('bench'), firmware, role });
  const result: RunResult = await runScenario({
    scenario,
    parameters,
    bench,
    random,
    signal: new AbortController().signal,
    sink: (event) => {
      if (bootWallMs === 0 && event.type === 'link' && event.state === 'synchronised') {
        bootWallMs = performance.now() - began;
      }
    },
    wall: { isoNow: () => new Date().toISOString(), elapsedMs: () => Math.round(performance.now() - began) },
  });
  await bench.close();
  return {
    outcome: result.outcome,
    benchMs: result.benchMs,
    wallMs: performance.now() - began,
    exchanges: result.instrument.exchange.count,
    exchangeMeanMs: result.instrument.exchange.meanMs,
    exchangeMaxMs: result.instrument.exchange.maxMs,
    messages: result.streams.reduce((sum, { delivered }) => sum + delivered, 0),
    bootWallMs,
    rssBytes: process.memoryUsage().rss,
  };
}

function defaultsOf<P extends ParameterDeclarations>(declarations: P): ParameterValues<P> {
  const defaults = Object.fromEntries(
    Object.entries(declarations).map(([name, each]) => [name, each.default]),
  );
  // The declarations say of which type each default is; that a mapped type follows is beyond the compiler.
  return defaults as ParameterValues<P>;
}

const [what = 'wifi-outage', argument] = process.argv.slice(2);
const figures =
  what === 'wifi-outage'
    ? await measure(
        wifiOutage,
        defaultsOf(wifiOutage.parameters),
        argument === 'controller' ? 'controller' : 'target',
      )
    : await measure(steady, {
        ...defaultsOf(steady.parameters),
        messages: Number(argument),
        period: BUSY_PERIOD,
      });
process.stdout.write(JSON.stringify(figures));

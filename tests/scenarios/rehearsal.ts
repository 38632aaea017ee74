/** Runs a scenario on the virtual bench inside the test's own process, with parameters, seed and firmware of choice. */
import { fileURLToPath } from 'node:url';
import { loadFirmware } from '../../cli/firmware.js';
import { createVirtualBench, type VirtualBench } from '../../drivers/virtual/bench.js';
import type { BusRole } from '../../rig/ports.js';
import { createRandom } from '../../rig/random.js';
import type { Bench } from '../../rig/run/bench.js';
import type { RunEvent, RunEventOf, RunEventType } from '../../rig/run/events.js';
import type { RunResult } from '../../rig/run/result.js';
import { runScenario } from '../../rig/run/runner.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from '../../rig/run/scenario.js';
import type { DurationUs } from '../../rig/time/units.js';

/** A board's flash: path to content. */
export type Flash = ReadonlyMap<string, Uint8Array>;

export interface Rehearsal<P extends ParameterDeclarations> {
  readonly scenario: Scenario<P>;
  /** Those that are to differ from their defaults. */
  readonly parameters?: Partial<ParameterValues<P>>;
  readonly seed: number;
  readonly flash?: Flash;
  /** What the host is on the bus; `target` unless told. */
  readonly role?: BusRole;
  readonly pollUs?: DurationUs;
  /** What the run sees of the bench, where that is not quite the bench itself. */
  readonly aroundBench?: (bench: VirtualBench) => Bench;
  /** Sees each event as it happens; without it all are kept for the test. */
  readonly sink?: (event: RunEvent) => void;
}

export interface Rehearsed {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  readonly wallMs: number;
}

/** A firmware's sources from a directory of the project, as `--firmware` takes them. */
export function flashFrom(directory: string): Flash {
  return loadFirmware(fileURLToPath(new URL(`../../../${directory}`, import.meta.url))).files;
}

/** A flash that holds the given texts. */
export function flashOf(texts: Readonly<Record<string, string>>): Flash {
  return new Map(Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

/** The link's own firmware: it answers exchanges, or where the host is controller, starts them. */
export const linkFirmware: Flash = flashFrom('firmware/link');
export const initiatorFirmware: Flash = new Map([...linkFirmware, ...flashFrom('firmware/link-initiator')]);

/** The rig's firmware, which runs `spoil` before it starts: to replace one of its methods. */
export const spoiled = (spoil: string): Flash =>
  new Map([
    ...linkFirmware,
    ...flashOf({
      'main.py': `${spoil}\nfrom link import app\ntry:\n    app.run()\nfinally:\n    app.close()\n`,
    }),
  ]);

export async function rehearse<P extends ParameterDeclarations>(rehearsal: Rehearsal<P>): Promise<Rehearsed> {
  const {
    scenario,
    seed,
    role = 'target',
    pollUs,
    sink,
    aroundBench = (bench: VirtualBench): Bench => bench,
  } = rehearsal;
  const { flash = role === 'target' ? linkFirmware : initiatorFirmware } = rehearsal;
  const parameters = parameterValues(scenario.parameters, rehearsal.parameters ?? {});
  const random = createRandom(seed);
  const events: RunEvent[] = [];
  const began = performance.now();
  const elapsedMs = () => Math.round(performance.now() - began);
  const bench = createVirtualBench({
    random: random.fork('bench'),
    firmware: { name: 'rehearsed', sha256: '0'.repeat(64), files: flash },
    role,
  });
  try {
    const result = await runScenario({
      scenario,
      parameters,
      bench: aroundBench(bench),
      random,
      signal: new AbortController().signal,
      sink: sink ?? ((event) => events.push(event)),
      wall: { isoNow: () => '2026-01-01T00:00:00.000Z', elapsedMs },
      ...(pollUs !== undefined && { pollUs }),
    });
    return { result, events, wallMs: elapsedMs() };
  } finally {
    await bench.close();
  }
}

/** The events of one type, in their order. */
export function eventsOf<Type extends RunEventType>(
  events: readonly RunEvent[],
  type: Type,
): RunEventOf<Type>[] {
  return events.filter((event): event is RunEventOf<Type> => event.type === type);
}

/** The declared defaults, but for what is given. */
export function parameterValues<P extends ParameterDeclarations>(
  declarations: P,
  given: Partial<ParameterValues<P>> = {},
): ParameterValues<P> {
  const defaults = Object.fromEntries(
    Object.entries(declarations).map(([name, each]) => [name, each.default]),
  );
  // The declarations say of which type each default is; that a mapped type follows is beyond the compiler.
  return { ...defaults, ...given } as ParameterValues<P>;
}

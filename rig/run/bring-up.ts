/** Brings device and link up, and notes for each thing that it sets up how that is undone. */
import { messageOf, RigError } from '../errors.js';
import type { BenchPorts } from '../ports.js';
import { type DurationUs, seconds } from '../time/units.js';
import { bringUpError } from './ending.js';
import type { LinkSession } from './link-session.js';
import type { Observer } from './observer.js';
import type { RunWaits } from './run-waits.js';
import type { Teardown } from './teardown.js';

/** From power-on to messages both ways. A device that tries both credentials and fails needs 45 s to say so. */
export const BRING_UP_LIMIT: DurationUs = seconds(120);

export interface BringUpOptions {
  readonly ports: BenchPorts;
  readonly session: LinkSession;
  readonly observer: Observer;
  readonly teardown: Teardown;
  readonly waits: RunWaits;
  /** The client could not even start. */
  readonly onFailed: (error: RigError) => void;
}

/** Rejects with `TIMEOUT` when no messages can flow both ways within the limit. */
export async function bringUp({
  ports,
  session,
  observer,
  teardown,
  waits,
  onFailed,
}: BringUpOptions): Promise<void> {
  readConsole(ports, observer, teardown);
  teardown.add('release the lines', () => ports.syn.release());
  await ports.power?.on();
  await ports.accessPoint?.on();
  teardown.add('clear faults', () => clearFaults(ports));
  await session.server.start();
  teardown.add('close the server', () => session.server.close());
  teardown.add('close the client', () => session.client.close());
  teardown.add('stop the traffic', () => session.stopTraffic());
  session.client.start().catch((error: unknown) => onFailed(asRigError(error)));
  const isUp = await waits.until(() => observer.serverUp && observer.deviceSaysUp, BRING_UP_LIMIT);
  if (!isUp) throw bringUpError(observer, BRING_UP_LIMIT);
  observer.bringUpDone();
}

function readConsole({ console }: BenchPorts, observer: Observer, teardown: Teardown): void {
  if (console === undefined) return;
  const stops = [
    console.onChunk((chunk) => observer.console.accept(chunk)),
    console.onNotice((notice) => observer.sawConsoleNotice(notice)),
  ];
  teardown.add('stop reading the console', () => {
    for (const stop of stops) stop();
    observer.console.flush();
  });
}

/** Whatever was broken on purpose is made whole, in the order in which a board starts safely. */
async function clearFaults({ accessPoint, power, reset, wires }: BenchPorts): Promise<void> {
  const failures: unknown[] = [];
  for (const clear of [
    () => wires?.clear(),
    () => accessPoint?.on(),
    () => power?.on(),
    () => reset?.release(),
  ]) {
    // One that fails keeps no other from being tried.
    await Promise.resolve(clear()).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

function asRigError(error: unknown): RigError {
  return error instanceof RigError ? error : new RigError('BENCH', messageOf(error), { cause: error });
}

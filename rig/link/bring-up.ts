/** Gets the DUT from whatever state it is in to where exchanges can begin (docs/protocol.md §2). */
import { isRigError, RigError } from '../errors.js';
import type { Level } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, later, toSeconds } from '../time/units.js';
import type { LinkClientOptions, LinkLimits } from './client-options.js';
import type { Exchanger } from './exchanger.js';
import type { Pause } from './pause.js';

export interface SynchroniseOptions {
  readonly clock: Clock;
  readonly ports: LinkClientOptions['ports'];
  readonly exchanger: Exchanger;
  readonly limits: LinkLimits;
  readonly pause: Pause;
  /** True once the attempt is to be given up. */
  readonly interrupted: () => boolean;
}

/** Own line HIGH, both bus lines released: the state in which a DUT may be reset, or left alone. */
export async function letGo({ syn }: LinkClientOptions['ports'], exchanger: Exchanger): Promise<void> {
  try {
    await syn.write(1);
  } finally {
    // A bus line held low while an ESP8266 boots sends it into its UART loader or nowhere (GPIO0, GPIO2).
    await exchanger.leave();
  }
}

/** Resets the DUT, where the bench can, and forgets what its line did before. */
export async function resetDevice(
  ports: LinkClientOptions['ports'],
  exchanger: Exchanger,
  pulse: DurationUs,
): Promise<void> {
  await letGo(ports, exchanger);
  await ports.reset?.press(pulse);
  ports.ack.discardEdges();
}

/**
 * Lowers the own line and waits until the DUT's is low too. Rejects with `TIMEOUT` when it does not come to
 * that; resolves early when interrupted.
 */
export async function synchronise(options: SynchroniseOptions): Promise<void> {
  const { clock, ports, exchanger, limits } = options;
  const deadline = later(clock.now(), limits.synchroniseUs);
  await exchanger.join();
  await ports.syn.write(0);
  // After a reset a DUT raises ack before it lowers it. A line that is low and never moved is that of a DUT
  // without power. Without a reset wire the DUT may have lowered it long ago.
  let moved = ports.reset === undefined;
  while (!options.interrupted()) {
    const level = await ports.ack.read();
    if (level === 0 && moved) return;
    if (clock.now() >= deadline) throw neverSynchronised(level, limits);
    if (level === 1) moved = true;
    if (await edgesDuring(options, limits.synchronisePollUs)) moved = true;
  }
}

/** Waits the whole `duration`; tells whether ack has moved in it. */
async function edgesDuring(
  { clock, ports, pause }: SynchroniseOptions,
  duration: DurationUs,
): Promise<boolean> {
  const endUs = later(clock.now(), duration);
  let moved = false;
  try {
    while (clock.now() < endUs) {
      await ports.ack.nextEdge(elapsed(clock.now(), endUs));
      moved = true;
    }
    return moved;
  } catch (error) {
    if (isRigError(error, 'TIMEOUT')) return moved;
    if (!isRigError(error, 'INVALID')) throw error;
    // Edges were missed: it moved more than enough.
    ports.ack.discardEdges();
    await pause.wait('link synchronise', elapsed(clock.now(), endUs));
    return true;
  }
}

function neverSynchronised(level: Level, { synchroniseUs }: LinkLimits): RigError {
  const seen = level === 1 ? 'ack is high' : 'ack is low, but has not moved since the reset';
  return new RigError(
    'TIMEOUT',
    `The device did not synchronise within ${toSeconds(synchroniseUs)} s: ${seen}. ` +
      'Check its power, its console for an exception at start-up, and the syn and ack wires.',
  );
}

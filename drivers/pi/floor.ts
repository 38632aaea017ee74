/**
 * The part of an exchange that is the host's own, as far as it can be measured without a second pin wired back: see
 * docs/measuring.md, "The instrument watches itself".
 */
import { RigError } from '../../rig/errors.js';
import type { InputLine } from '../../rig/ports.js';
import type { Clock, Timer } from '../../rig/time/clock.js';
import { type DurationUs, elapsed, later, seconds, toSeconds, us } from '../../rig/time/units.js';

/** Edges of an exchange with a message each way; each costs the host one operation on a line and one wakening. */
const EDGES = 7;
const SAMPLES = 51;
/** Far above what they take: a few milliseconds on any Pi. */
const LIMIT: DurationUs = seconds(2);

/**
 * Seven times the median of: one operation on a line, through driver and kernel, and one turn of the event loop by a
 * timer that is due. A lower bound; the kernel's way from an edge to the process is not in it. Nothing is driven.
 * Rejects with `BENCH` when the line does not answer.
 */
export async function measureHostFloor(clock: Clock, line: InputLine, limit = LIMIT): Promise<DurationUs> {
  let overdue: Timer | undefined;
  const bound = new Promise<never>((_resolve, reject) => {
    overdue = clock.at('floor limit', later(clock.now(), limit), () => {
      const text = `The ack line took more than ${toSeconds(limit)} s for ${SAMPLES} reads; is its driver stuck?`;
      reject(new RigError('BENCH', text));
    });
  });
  try {
    const samples = await Promise.race([sample(clock, line), bound]);
    return us(EDGES * (samples[Math.floor(SAMPLES / 2)] ?? 0));
  } finally {
    overdue?.cancel();
  }
}

/** How long each took, the shortest first. */
async function sample(clock: Clock, line: InputLine): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const startUs = clock.now();
    await line.read();
    await clock.sleep('floor', us(0));
    samples.push(elapsed(startUs, clock.now()));
  }
  return samples.sort((a, b) => a - b);
}

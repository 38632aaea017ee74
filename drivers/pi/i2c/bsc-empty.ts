/**
 * Gets rid of bytes that a controller did not read, which would come before the next ones (pigpio#295). What BRK empties
 * is not certain: the datasheet says both FIFOs, a user found neither, in SPI mode (raspberrypi.org forum, t=181784). So
 * it is checked.
 */
import { RigError } from '../../../rig/errors.js';
import type { Prefetch } from './bsc-counts.js';
import type { BscLink } from './bsc-link.js';
import { answering, emptying } from './bsc-registers.js';

const PROBE = Uint8Array.of(0xff);

/** Leaves the peripheral off with both FIFOs empty. Rejects with `BENCH` when they are not. */
export async function emptyFifos(link: BscLink, address: number): Promise<void> {
  const { transmitLevel } = await link.transfer(emptying(address));
  if (transmitLevel === 0) return;
  throw new RigError(
    'BENCH',
    `${transmitLevel} bytes stay in the transmit FIFO of this BSC when it is emptied; they would come before the next ` +
      'reply (pigpio#295). Does another program use the peripheral? If not, restart the Pi.',
  );
}

/**
 * Finds out whether the shift register takes a byte ahead of the controller, and that emptying empties it too: a byte left
 * there would come before every reply. Leaves that byte armed. Rejects with `BENCH` when emptying does not.
 */
export async function measurePrefetch(link: BscLink, address: number): Promise<Prefetch> {
  const first = await levelAfterProbe(link, address);
  const second = await levelAfterProbe(link, address);
  if (first === second) return first === 0 ? 1 : 0;
  throw new RigError(
    'BENCH',
    'A byte stays in the shift register of this BSC when it is emptied: replies would come one byte late (pigpio#295).',
  );
}

async function levelAfterProbe(link: BscLink, address: number): Promise<number> {
  await emptyFifos(link, address);
  return (await link.transfer(answering(address), PROBE)).transmitLevel;
}

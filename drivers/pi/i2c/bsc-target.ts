/** Opens the host as I2C target: the BSC slave of a Pi 0 to 4, through `pigpiod`. */
import type { Clock } from '../../../rig/time/clock.js';
import type { Opened } from '../device.js';
import type { PiModel } from '../pi-model.js';
import { type BscPins, findBscPins, noBscOnPi5 } from './bsc-host.js';
import { BscLink, connectBsc } from './bsc-link.js';
import { BscPort, type BscTarget } from './bsc-port.js';
import { OFF } from './bsc-registers.js';
import { Pigpiod, type PigpiodAddress } from './pigpiod.js';

const SOC_WITHOUT_BSC: PiModel['soc'] = 'bcm2712';
/** This host, when `host` names it. */
const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * Connects to the daemon and leaves the peripheral off, also where an earlier run left it on. `model` is that of this
 * host, undefined where it is no Raspberry Pi. Rejects with `BENCH` where there is no daemon, no such peripheral, or its
 * pins are taken.
 */
export async function openBscTarget(
  config: PigpiodAddress,
  clock: Clock,
  model?: PiModel,
): Promise<Opened<BscTarget>> {
  // The daemon does not run on such a Pi either, and that would be the wrong thing to say.
  if (LOCAL.has(config.host) && model?.soc === SOC_WITHOUT_BSC) throw noBscOnPi5(model.name);
  const pins = await probe(config, clock);
  const link = await BscLink.open(() => connectBsc(config, clock));
  try {
    await link.transfer(OFF);
  } catch (error) {
    link.close();
    throw error;
  }
  return new BscPort(link, clock, pins);
}

async function probe(config: PigpiodAddress, clock: Clock): Promise<BscPins> {
  const daemon = await Pigpiod.connect(config, clock);
  try {
    return await findBscPins(daemon);
  } finally {
    daemon.close();
  }
}

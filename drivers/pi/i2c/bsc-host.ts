/** Whether a Pi has the BSC slave, by what its `pigpiod` says, and on which pins. */
import { RigError } from '../../../rig/errors.js';
import { command, type Pigpiod } from './pigpiod.js';

export interface BscPins {
  readonly sda: number;
  readonly scl: number;
}

const PINS: BscPins = { sda: 18, scl: 19 };
/** BSC_SDA_2711 and BSC_SCL_SCLK_2711 of pigpio.h. */
const PINS_2711: BscPins = { sda: 10, scl: 11 };
/** The first version that knows the pins of the BCM2711 (pigpio#333). */
const VERSION_FOR_2711 = 75;

/** Bits of the revision code: raspberrypi.com, "Raspberry Pi revision codes". */
const NEW_STYLE = 1 << 23;
const processorOf = (revision: number): number =>
  (revision & NEW_STYLE) === 0 ? 0 : (revision >>> 12) & 0xf;
const BCM2837 = 2;
const BCM2711 = 3;

/** Functions of a pin as pigpio numbers them; ALT3 is the BSC's. */
const modes = ['an input', 'an output', 'ALT5', 'ALT4', 'ALT0', 'ALT1', 'ALT2', 'ALT3'];
const INPUT = 0;
const ALT3 = 7;

export const noBscOnPi5 = (name = 'A Raspberry Pi 5'): RigError =>
  new RigError(
    'BENCH',
    `${name} has no BSC slave, and pigpio does not run on it (pigpio#589): use a Pi 0 to 4 as I2C target, or one with ` +
      'pigpiod by its "host", or the bench in the role of the controller.',
  );

/** Finds the pins, and makes sure that nothing else has them. Rejects with `BENCH` when this Pi will not do. */
export async function findBscPins(daemon: Pigpiod): Promise<BscPins> {
  const revision = (await daemon.request(command.hardwareRevision, 0, 0)).result;
  const version = (await daemon.request(command.version, 0, 0)).result;
  const processor = processorOf(revision);
  if (processor > BCM2711) throw noBscOnPi5();
  if (processor === BCM2711 && version < VERSION_FOR_2711) {
    throw new RigError(
      'BENCH',
      `pigpiod ${version} does not know the BSC of a Raspberry Pi 4: upgrade pigpio to ${VERSION_FOR_2711} or later.`,
    );
  }
  const pins = processor <= BCM2837 ? PINS : PINS_2711;
  await requireFree(daemon, pins);
  return pins;
}

async function requireFree(daemon: Pigpiod, { sda, scl }: BscPins): Promise<void> {
  for (const pin of [sda, scl]) {
    const mode = (await daemon.request(command.modeGet, pin, 0)).result;
    if (mode === INPUT || mode === ALT3) continue;
    throw new RigError(
      'BENCH',
      `GPIO${pin}, a line of the BSC, is ${modes[mode] ?? `in mode ${mode}`}: something else uses it. Turn off audio on ` +
        'GPIO18 and 19, SPI on GPIO10 and 11 (dtparam=spi=off in config.txt), or the program that drives it.',
    );
  }
}

/** The voltage of the device's rail by an INA219 or INA226 on an I2C bus of the host. */
import { isRigError, messageOf, RigError } from '../../../rig/errors.js';
import type { RailReading } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { Opened } from '../device.js';
import { addressText, deviceOf } from '../i2c/bus-errors.js';
import type { BusShare, I2cBuses } from '../i2c/shared-bus.js';
import {
  BUS_VOLTAGE_REGISTER,
  CONFIGURATION_REGISTER,
  hex,
  type InaChip,
  otherChip,
  type Registers,
} from './ina.js';
import type { RailSense } from './rail-sense.js';

/** Conversions that a chip is given to finish its first. */
const MAX_CONVERSIONS = 4;

export interface InaPlace {
  readonly bus: number;
  readonly address: number;
}

/** Identifies the chip, configures it and waits for its first conversion. Rejects with `BENCH`. */
export async function openInaSense(
  chip: InaChip,
  place: InaPlace,
  clock: Clock,
  buses: I2cBuses,
): Promise<Opened<RailSense>> {
  const share = await buses.share(place.bus);
  const registers = registersOf(share, place.address);
  try {
    await start(chip, registers, clock);
  } catch (error) {
    await share.close();
    throw benchError(chip, place, error);
  }
  return {
    async rail(): Promise<RailReading> {
      try {
        const volts = chip.volts(await registers.read(BUS_VOLTAGE_REGISTER));
        return { kind: 'voltmeter', volts };
      } catch (error) {
        throw benchError(chip, place, error);
      }
    },
    close: () => share.close(),
  };
}

async function start(chip: InaChip, registers: Registers, clock: Clock): Promise<void> {
  await chip.identify(registers);
  await registers.write(CONFIGURATION_REGISTER, chip.configuration);
  const set = await registers.read(CONFIGURATION_REGISTER);
  if (set !== chip.configuration) {
    throw otherChip(`its configuration stays ${hex(set)}`);
  }
  for (let conversion = 0; conversion < MAX_CONVERSIONS; conversion += 1) {
    await clock.sleep(`${chip.name} conversion`, chip.conversion);
    if (await chip.isConverted(registers)) return;
  }
  throw new RigError('BENCH', 'it makes no conversions; check its supply.');
}

const registersOf = (share: BusShare, address: number): Registers => ({
  async read(register) {
    return Buffer.from(await share.writeThenRead(address, Uint8Array.of(register), 2)).readUInt16BE(0);
  },
  async write(register, value) {
    await share.write(address, Uint8Array.of(register, value >> 8, value & 0xff));
  },
});

/** A sensor that does not answer is the bench's fault, not the device's, whose codes a transfer's errors have. */
function benchError(chip: InaChip, { bus, address }: InaPlace, error: unknown): unknown {
  if (isRigError(error, 'CLOSED')) return error;
  const where = `${chip.name} at ${addressText(address)} on ${deviceOf(bus)}`;
  return new RigError('BENCH', `${where}: ${messageOf(error)}`, { cause: error });
}

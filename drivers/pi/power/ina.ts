/**
 * The current monitors INA219 (datasheet SBOS448G) and INA226 (SBOS547B), of which only the bus voltage is used. Their
 * registers have 16 bits, high byte first. They measure at IN- (INA219) or VBUS (INA226): that pin belongs on the
 * device's rail, behind the switch.
 */
import { RigError } from '../../../rig/errors.js';
import { type DurationUs, us } from '../../../rig/time/units.js';

/** The registers of one chip. */
export interface Registers {
  read(register: number): Promise<number>;
  write(register: number, value: number): Promise<void>;
}

export interface InaChip {
  readonly name: string;
  /** Rejects with `BENCH` when what answers is another chip. Writes nothing. */
  identify(registers: Registers): Promise<void>;
  /** Bus voltage alone, continuously, not averaged: no reading is older than one conversion. */
  readonly configuration: number;
  /** Longest time of one conversion with that configuration. */
  readonly conversion: DurationUs;
  /** True once the bus voltage is one that was converted with that configuration. */
  isConverted(registers: Registers): Promise<boolean>;
  volts(busVoltage: number): number;
}

export const CONFIGURATION_REGISTER = 0x00;
export const BUS_VOLTAGE_REGISTER = 0x02;

/** SBOS448G §8.6: 32 V range, 12 bits, mode 110; a conversion takes 586 µs at most (§7.5). It has no identity. */
export const ina219: InaChip = {
  name: 'INA219',
  configuration: 0x399e,
  conversion: us(586),
  async identify(registers) {
    // Bit 15 clears itself and bit 14 is not there: an INA226 has 1 in it.
    const configuration = await registers.read(CONFIGURATION_REGISTER);
    if ((configuration & 0xc000) === 0) return;
    throw otherChip(`its configuration is ${hex(configuration)}`);
  },
  async isConverted(registers) {
    // CNVR, bit 1, cleared by a new mode.
    return ((await registers.read(BUS_VOLTAGE_REGISTER)) & 0b10) !== 0;
  },
  // Bits 15 to 3, 4 mV each.
  volts: (busVoltage) => ((busVoltage >> 3) * 4) / 1_000,
};

const MASK_ENABLE_REGISTER = 0x06;
const MANUFACTURER_REGISTER = 0xfe;
const DIE_REGISTER = 0xff;
const TEXAS_INSTRUMENTS = 0x5449;
/** The last four bits are the revision. */
const INA226_DIE = 0x2260;

/** SBOS547B §7.1: no averaging, 1.1 ms of conversion (1.21 ms at most, §5.5), mode 110. */
export const ina226: InaChip = {
  name: 'INA226',
  configuration: 0x4126,
  conversion: us(1_210),
  async identify(registers) {
    const manufacturer = await registers.read(MANUFACTURER_REGISTER);
    const die = await registers.read(DIE_REGISTER);
    if (manufacturer === TEXAS_INSTRUMENTS && (die & 0xfff0) === INA226_DIE) return;
    throw otherChip(`its manufacturer and die are ${hex(manufacturer)} and ${hex(die)}`);
  },
  async isConverted(registers) {
    // CVRF, bit 3, cleared by a write of the configuration and by this read.
    return ((await registers.read(MASK_ENABLE_REGISTER)) & 0b1000) !== 0;
  },
  // 1.25 mV each.
  volts: (busVoltage) => (busVoltage * 1.25) / 1_000,
};

/** The contents of a register as the datasheets write them. */
export const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;

export const otherChip = (found: string): RigError =>
  new RigError(
    'BENCH',
    `another chip answers (${found}); check the address and the driver in the bench file.`,
  );

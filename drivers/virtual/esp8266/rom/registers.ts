/**
 * The chip's registers, as far as flashing tools read and write them: what chip it is, its MAC address, the divider of
 * its UART, and the SPI controller, through which they ask the flash for its identity. Other registers keep what is
 * written to them and begin as 0.
 */

/** A word of the ROM by which tools tell the chip (esptool, targets/esp8266.py). */
const CHIP_MAGIC = { address: 0x4000_1000, value: 0xfff0_c101 } as const;
const FUSES = 0x3ff0_0050;
const UART_DIVIDER = 0x6000_0014;
/** Crystal of the usual modules. The divider counts half periods. */
const CRYSTAL_HZ = 26_000_000;
const HALVES = 2;

const SPI = 0x6000_0200;
const spi = {
  command: SPI,
  user: SPI + 0x1c,
  user1: SPI + 0x20,
  user2: SPI + 0x24,
  data: SPI + 0x40,
} as const;
const SPI_RUN = 1 << 18;
const COMMAND_MASK = 0xff;
/** `SPI_USR_MISO_BITLEN`: the bits to be read, less one. 24 of them at reset. */
const READ_BITS = { shift: 8, mask: 0x1ff, atReset: 23 } as const;

/** Commands of every serial flash (Winbond W25Q32JV datasheet, chapter 8). */
const flashCommand = { readIdentity: 0x9f, readStatus: 0x05 } as const;

export interface RegistersOptions {
  /** Twelve hexadecimal digits. */
  readonly mac: string;
  /** Manufacturer, type and size as `esp.flash_id()` gives them. */
  readonly flashId: number;
  /** The rate at which the UART runs. */
  baud(): number;
}

export class Registers {
  private readonly options: RegistersOptions;
  private readonly written = new Map<number, number>([[spi.user1, READ_BITS.atReset << READ_BITS.shift]]);
  private readonly fuses: readonly number[];

  constructor(options: RegistersOptions) {
    this.options = options;
    this.fuses = fusesOf(options.mac);
  }

  read(address: number): number {
    if (address === CHIP_MAGIC.address) return CHIP_MAGIC.value;
    if (address === UART_DIVIDER) return Math.round((HALVES * CRYSTAL_HZ) / this.options.baud());
    return this.fuses[(address - FUSES) / 4] ?? this.written.get(address) ?? 0;
  }

  /** Writes the bits of `mask`. */
  write(address: number, value: number, mask = 0xffff_ffff): void {
    this.written.set(address, ((this.read(address) & ~mask) | (value & mask)) >>> 0);
    if (address === spi.command && (value & SPI_RUN) !== 0) this.runFlashCommand();
  }

  private runFlashCommand(): void {
    this.written.set(spi.command, 0);
    const command = this.read(spi.user2) & COMMAND_MASK;
    const bits = ((this.read(spi.user1) >>> READ_BITS.shift) & READ_BITS.mask) + 1;
    const answer = command === flashCommand.readIdentity ? this.options.flashId : 0;
    const known = command === flashCommand.readIdentity || command === flashCommand.readStatus;
    if (known) this.written.set(spi.data, bits >= 32 ? answer : answer & (2 ** bits - 1));
  }
}

/** The four words of fuses that hold the MAC address; the rest of them says that the flash is outside the chip. */
function fusesOf(mac: string): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = Buffer.from(mac, 'hex');
  return [(f << 24) >>> 0, 0x0200_0000 | (d << 8) | e, 0, (a << 16) | (b << 8) | c];
}

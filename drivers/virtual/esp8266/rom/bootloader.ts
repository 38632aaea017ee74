/** The chip in UART boot mode: carries packets between the UART and the loader, the ROM's own or the one loaded into RAM. */
import type { Cpu } from '../chip/cpu.js';
import type { Uart } from '../chip/uart.js';
import type { UartReceiver } from '../chip/uart-receiver.js';
import type { FlashMemory } from './flash-memory.js';
import type { Afterwards, Loader, LoaderMachine } from './loader.js';
import type { Registers } from './registers.js';
import { RomLoader } from './rom-loader.js';
import { encodeSlip, SlipDecoder } from './slip.js';
import { GREETING, StubLoader } from './stub-loader.js';

export interface BootloaderOptions {
  readonly cpu: Cpu;
  readonly uart: Uart;
  readonly receiver: UartReceiver;
  readonly flash: FlashMemory;
  readonly registers: Registers;
}

export class Bootloader {
  private readonly options: BootloaderOptions;
  private readonly machine: LoaderMachine;
  private readonly decoder = new SlipDecoder();
  private loader: Loader;

  constructor(options: BootloaderOptions) {
    const { cpu, flash, registers } = options;
    this.options = options;
    this.machine = {
      flash,
      registers,
      elapse: (durationUs) => {
        cpu.spend(durationUs);
        return !cpu.stopped;
      },
    };
    this.loader = new RomLoader(this.machine);
  }

  /** Runs until the host wants the chip to do something else, or the chip is stopped. */
  run(): 'firmware' | 'reset' | 'stopped' {
    const { cpu } = this.options;
    while (!cpu.stopped) {
      const next = this.serve();
      if (next === 'loaded') this.startLoaded();
      else if (next !== undefined) return next;
      else cpu.waitForEvent(Number.POSITIVE_INFINITY);
    }
    return 'stopped';
  }

  /** Takes what has arrived, up to a packet after which there is something else to do. */
  private serve(): Afterwards | undefined {
    const { receiver } = this.options;
    while (receiver.available() > 0) {
      const [byte = 0] = receiver.read(1);
      const packet = this.decoder.take(byte);
      if (packet === undefined) continue;
      const { packets, afterwards } = this.loader.take(packet);
      for (const answer of packets) this.send(answer);
      if (afterwards !== undefined) return afterwards;
    }
    return undefined;
  }

  private startLoaded(): void {
    this.loader = new StubLoader(this.machine);
    this.send(GREETING);
  }

  /** At the rate of what was received: the ROM measures it. */
  private send(packet: Uint8Array): void {
    const { uart, receiver } = this.options;
    uart.sendAt(receiver.baud, encodeSlip(packet));
  }
}

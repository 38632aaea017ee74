/** A virtual ESP8266 alone on its bench: it boots the given files, and everything that it does is noted. */
import { VirtualEsp8266 } from '../../../drivers/virtual/esp8266/board.js';
import { loadBoardModules } from '../../../drivers/virtual/esp8266/board-modules.js';
import { hostRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { ConsoleWatch, type RomMessage } from '../../../rig/run/console-watch.js';
import type { DurationUs, InstantUs } from '../../../rig/time/units.js';
import { later, ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

export interface ConsoleLine {
  readonly text: string;
  readonly atUs: number;
}

const modules = loadBoardModules();

export class BoardRig {
  readonly clock = new VirtualClock();
  readonly board: VirtualEsp8266;
  readonly lines: ConsoleLine[] = [];
  readonly roms: (RomMessage & { readonly atUs: number; readonly baud: number })[] = [];
  readonly pins: { readonly gpio: number; readonly level: number | undefined; readonly atUs: number }[] = [];
  readonly failures: string[] = [];
  readonly happened: string[] = [];
  /** All that was printed, character by character. */
  text = '';
  onLine: (text: string) => void = () => undefined;
  onBytes: (bytes: Uint8Array) => void = () => undefined;
  /** Of what was printed last. */
  baud = 0;
  private readonly watch = new ConsoleWatch({
    line: (text, atUs) => {
      this.lines.push({ text, atUs });
      this.onLine(text);
    },
    rom: (message, atUs) => this.roms.push({ ...message, atUs, baud: this.baud }),
  });

  constructor(files: Readonly<Record<string, string | Uint8Array>>, seed = 1) {
    const flash = new Map(
      Object.entries(files).map(([path, content]) => [
        path,
        typeof content === 'string' ? new TextEncoder().encode(content) : content,
      ]),
    );
    this.board = new VirtualEsp8266({
      clock: this.clock,
      flash,
      modules,
      hosts: new Map(),
      seed,
      surroundings: {
        pinDriven: (gpio, level) => this.pins.push({ gpio, level, atUs: this.clock.now() }),
        i2cWritten: () => undefined,
        printed: (bytes, baud, atUs) => {
          this.baud = baud;
          this.onBytes(bytes);
          this.text += Buffer.from(bytes).toString('latin1');
          this.watch.accept({ bytes, baud, atUs });
        },
        network: () => undefined,
        started: () => this.happened.push('started'),
        stopped: () => this.happened.push('stopped'),
        failed: (error) => this.failures.push(error.message),
      },
    });
  }

  texts(): string[] {
    return this.lines.map(({ text }) => text);
  }

  wait(duration: DurationUs): Promise<void> {
    return this.clock.sleep('test', duration);
  }

  /** Types characters at the line's speed. */
  type(text: string): void {
    this.send(new Uint8Array(Buffer.from(text, 'latin1')), 115_200);
  }

  send(bytes: Uint8Array, baud: number): void {
    this.board.tell(hostRecord.uartInput, baud, 0, bytes);
  }

  /** Types `text`, and returns what is printed from then on up to `end`; all of it after the limit. */
  async answer(text: string, end: string, limit: DurationUs = seconds(20)): Promise<string> {
    const from = this.text.length;
    const deadlineUs: InstantUs = later(this.clock.now(), limit);
    this.type(text);
    for (;;) {
      const at = this.text.indexOf(end, from);
      if (at >= 0) return this.text.slice(from, at + end.length);
      if (this.clock.now() >= deadlineUs) return this.text.slice(from);
      await this.wait(ms(5));
    }
  }

  /** Waits until a line of the console contains `text`, counting from line `from`; false after the limit. */
  async printed(text: string, from = 0, limit: DurationUs = seconds(20)): Promise<boolean> {
    const deadlineUs: InstantUs = later(this.clock.now(), limit);
    while (!this.lines.slice(from).some((line) => line.text.includes(text))) {
      if (this.clock.now() >= deadlineUs) return false;
      await this.wait(ms(5));
    }
    return true;
  }
}

/** Boots a board with `files` and runs `body` on its clock; the thread ends with it. */
export async function withBoard(
  files: Readonly<Record<string, string | Uint8Array>>,
  body: (rig: BoardRig) => Promise<void>,
  seed?: number,
): Promise<BoardRig> {
  const rig = new BoardRig(files, seed);
  try {
    await rig.clock.run(() => body(rig));
  } finally {
    await rig.board.close();
  }
  return rig;
}

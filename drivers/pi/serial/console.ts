/**
 * The device's UART on a serial port. The ROM of an ESP8266 prints at 74880 baud, the firmware at another rate, and a
 * receiver can listen at one of them only. So it listens at the firmware's, and at the ROM's from when a boot is
 * announced until the ROM's message is over. After a reset that nobody announced the ROM's message cannot be read;
 * that is told as such, not guessed.
 *
 * A port that goes away is opened again by its path when it is back, and the gap is told.
 */
import type { ConsoleSection } from '../../../rig/bench-file/bench-file.js';
import { messageOf, RigError } from '../../../rig/errors.js';
import type { ConsoleChunk, ConsoleNotice, ResetButton, UartConsole } from '../../../rig/ports.js';
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { type DurationUs, earliest, later, ms, seconds, toSeconds, us } from '../../../rig/time/units.js';
import type { Opened } from '../device.js';
import { type OpenSerialPort, openSerialPort, type PortListeners, type SerialPort } from './port.js';
import { Readability } from './readability.js';
import { RomWindow } from './rom-window.js';

/**
 * From the ROM's line with the boot mode to the end of what it prints, where no `~ld` comes: about 450 characters for
 * its segments and 150 for a second boot loader take 80 ms at 74880 baud, and loading takes some more.
 */
export const ROM_TAIL: DurationUs = ms(250);

/** Pauses between attempts to open a port that went away: the first, then twice as long each time, up to the last. */
const FIRST_REOPEN_PAUSE: DurationUs = ms(100);
const LONGEST_REOPEN_PAUSE: DurationUs = seconds(1);
/** A port that has not come back after this is given up. */
export const REOPEN_LIMIT: DurationUs = seconds(600);

/** The console of a serial port. */
export interface SerialConsole extends Opened<UartConsole> {
  /** The device's reset at the adapter's RTS, where the bench file says that it is there. */
  readonly modemReset: ResetButton | undefined;
}

/** Opens the console that a bench file describes. Rejects with `BENCH` when the port cannot be opened. */
export async function openConsole(
  section: ConsoleSection,
  clock: Clock,
  open: OpenSerialPort = openSerialPort,
): Promise<SerialConsole> {
  const console = new PortConsole(section, clock, open);
  await console.open();
  return console;
}

class PortConsole implements SerialConsole {
  readonly modemReset: ResetButton | undefined;
  private readonly section: ConsoleSection;
  private readonly clock: Clock;
  private readonly openPort: OpenSerialPort;
  private readonly chunkListeners = new Set<(chunk: ConsoleChunk) => void>();
  private readonly noticeListeners = new Set<(notice: ConsoleNotice) => void>();
  private readonly stop = new AbortController();
  private readonly readability = new Readability();
  private port: SerialPort | undefined;
  /** Why there is no port, for whoever uses it. */
  private absent: RigError | undefined;
  private wantedBaud: number;
  private baud: number;
  /** Changes of rate are made one after the other. */
  private switching: Promise<void> = Promise.resolve();
  private rom: { readonly window: RomWindow; timer: Timer; begun: boolean } | undefined;

  constructor(section: ConsoleSection, clock: Clock, open: OpenSerialPort) {
    this.section = section;
    this.clock = clock;
    this.openPort = open;
    this.wantedBaud = section.baud;
    this.baud = section.baud;
    if (section.modemLines === 'dtr-rts') {
      this.modemReset = {
        press: async (pulse) => {
          await this.holdReset(true);
          await clock.sleep('console: reset pulse', pulse);
          await this.holdReset(false);
        },
        release: () => this.holdReset(false),
      };
    }
  }

  async open(): Promise<void> {
    const { path, modemLines } = this.section;
    const baud = this.wantedBaud;
    let inUse = false;
    let lostEarly: RigError | undefined;
    const listeners: PortListeners = {
      bytes: (bytes) => this.received(bytes),
      lost: (error) => {
        if (inUse) this.lost(error);
        else lostEarly = error;
      },
    };
    const port = await this.openPort(path, baud, listeners);
    if (modemLines === 'dtr-rts') await releaseModemLines(port);
    if (lostEarly !== undefined) throw lostEarly;
    if (this.stop.signal.aborted) return await port.close();
    inUse = true;
    this.port = port;
    this.absent = undefined;
    this.baud = baud;
    // Another rate may have been asked for meanwhile.
    await this.listenAt(this.wantedBaud);
  }

  onChunk(listener: (chunk: ConsoleChunk) => void): () => void {
    this.chunkListeners.add(listener);
    return () => this.chunkListeners.delete(listener);
  }

  onNotice(listener: (notice: ConsoleNotice) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  async expectRom(within: DurationUs): Promise<void> {
    if (this.stop.signal.aborted) throw this.closedError();
    this.rom?.timer.cancel();
    this.rom = { window: new RomWindow(), timer: this.endRomIn(within), begun: false };
    // A port that is lost is opened at this rate when it is back.
    await this.listenAt(this.section.romBaud).catch(() => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.port === undefined) throw this.absent ?? this.closedError();
    await this.port.write(bytes);
  }

  async close(): Promise<void> {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    this.rom?.timer.cancel();
    this.rom = undefined;
    const { port } = this;
    this.port = undefined;
    this.absent = this.closedError();
    await port?.close();
  }

  /** GPIO0 stays high, so that the device starts its firmware. */
  private async holdReset(isHeld: boolean): Promise<void> {
    if (this.port === undefined) throw this.absent ?? this.closedError();
    await this.port.setModemLines({ dtr: false, rts: isHeld });
  }

  private received(bytes: Uint8Array): void {
    const chunk = { bytes, atUs: this.clock.now(), baud: this.baud };
    for (const listener of this.chunkListeners) listener(chunk);
    if (this.rom !== undefined) this.readRom(bytes);
    else if (this.readability.accept(bytes)) this.tellUnreadable();
  }

  private readRom(bytes: Uint8Array): void {
    const { rom } = this;
    if (rom === undefined) return;
    const progress = rom.window.accept(bytes);
    if (progress === 'over') this.endRom();
    else if (progress === 'begun' && !rom.begun) {
      rom.begun = true;
      const untilUs = earliest(rom.timer.dueUs, later(this.clock.now(), ROM_TAIL));
      rom.timer.cancel();
      rom.timer = this.endRomIn(us(untilUs - this.clock.now()));
    }
  }

  private endRomIn(within: DurationUs): Timer {
    return this.clock.at('console: ROM message', later(this.clock.now(), within), () => this.endRom());
  }

  private endRom(): void {
    const { rom } = this;
    rom?.timer.cancel();
    this.rom = undefined;
    if (rom?.window.sawUnreadable && !rom.begun) this.tellNoRom();
    this.readability.reset();
    // A port that is lost meanwhile tells so by itself.
    this.listenAt(this.section.baud).catch(() => undefined);
  }

  private listenAt(baud: number): Promise<void> {
    this.wantedBaud = baud;
    this.switching = this.switching
      .catch(() => undefined)
      .then(async () => {
        if (this.port === undefined || this.baud === baud) return;
        await this.port.setBaud(baud);
        this.baud = baud;
      });
    return this.switching;
  }

  private tellUnreadable(): void {
    const { path, baud, romBaud } = this.section;
    this.tell(
      'unreadable',
      `${path}: bytes that are no text at ${baud} baud. If the device was reset by something else than the rig, ` +
        `its ROM printed them at ${romBaud} baud, and why it started cannot be read.`,
    );
  }

  private tellNoRom(): void {
    const { path, romBaud } = this.section;
    this.tell(
      'unreadable',
      `${path}: the device was started, but at ${romBaud} baud came only bytes that are no text. Either it printed ` +
        "at the firmware's rate and did not start anew, or its ROM has another rate: check console.romBaud.",
    );
  }

  private lost(error: RigError): void {
    this.port = undefined;
    this.absent = error;
    this.tell('lost', `${error.message} What the device prints is missed until the port is back.`);
    void this.reopen();
  }

  private async reopen(): Promise<void> {
    const lostUs = this.clock.now();
    const giveUpUs = later(lostUs, REOPEN_LIMIT);
    for (let pause = FIRST_REOPEN_PAUSE; ; pause = us(Math.min(2 * pause, LONGEST_REOPEN_PAUSE))) {
      try {
        await this.clock.sleep('console: reopen', pause, this.stop.signal);
      } catch {
        return;
      }
      try {
        await this.open();
        break;
      } catch (error) {
        if (this.clock.now() >= giveUpUs) return this.giveUp(error);
      }
    }
    if (this.stop.signal.aborted) return;
    this.readability.reset();
    const goneSeconds = toSeconds(us(this.clock.now() - lostUs)).toFixed(1);
    this.tell(
      'back',
      `${this.section.path}: the port is back after ${goneSeconds} s; what was printed meanwhile is lost.`,
    );
  }

  private giveUp(error: unknown): void {
    this.absent = new RigError(
      'BENCH',
      `${this.section.path}: the port went away and did not come back within ${toSeconds(REOPEN_LIMIT)} s ` +
        `(${messageOf(error)}). Plug it in and start again.`,
    );
    this.tell('gone', this.absent.message);
  }

  private tell(kind: ConsoleNotice['kind'], detail: string): void {
    const notice = { kind, atUs: this.clock.now(), detail };
    for (const listener of this.noticeListeners) listener(notice);
  }

  private closedError(): RigError {
    return new RigError('CLOSED', `The console ${this.section.path} is closed.`);
  }
}

/** Neither GPIO0 nor reset is held low any more. */
async function releaseModemLines(port: SerialPort): Promise<void> {
  try {
    await port.setModemLines({ dtr: false, rts: false });
  } catch (error) {
    await port.close();
    throw error;
  }
}

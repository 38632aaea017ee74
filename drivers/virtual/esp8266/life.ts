/**
 * One life of the board, from power or reset to the next: ROM message, start-up, then the firmware's `boot.py` and
 * `main.py` and the interactive prompt, until it stops. A soft reset starts the interpreter over within the life.
 */
import { BOOT_FROM_FLASH } from '../../../rig/device/boot-mode.js';
import type { Random } from '../../../rig/random.js';
import { boardModule } from './chip/board-module.js';
import type { Chip } from './chip/chip.js';
import { bootTimes } from './chip/costs.js';
import { BoardStopped, Cpu } from './chip/cpu.js';
import { Heap } from './chip/heap.js';
import { I2cController } from './chip/i2c.js';
import { I2cTarget } from './chip/i2c-target.js';
import { LongCalls } from './chip/long-calls.js';
import { Pins } from './chip/pins.js';
import type { RadioLoad } from './chip/radio-load.js';
import {
  BOOT_FROM_UART,
  NO_IMAGE,
  resetCause,
  romMessage,
  SOFTWARE_WATCHDOG,
  sdkResetReason,
} from './chip/rom.js';
import type { Rtc } from './chip/rtc.js';
import { Sockets } from './chip/sockets.js';
import { Timers } from './chip/timers.js';
import { Uart } from './chip/uart.js';
import { INPUT_BYTES, UartReceiver } from './chip/uart-receiver.js';
import { Watchdog, type WatchdogKind } from './chip/watchdog.js';
import { WifiStation } from './chip/wifi-station.js';
import { type Files, readFlash, writeFlash, writeModules } from './flash.js';
import { limitFlash } from './flash-limit.js';
import { type Collector, createCollector } from './interpreter/collector.js';
import { type Interpreter, startInterpreter } from './interpreter/load.js';
import type { LockstepMemory } from './lockstep/channel.js';
import { type BoardRecord, deviceRecord, hostRecord } from './lockstep/records.js';
import { boardMac } from './mac-address.js';
import { ProgramOutput } from './repl/program-output.js';
import { Repl } from './repl/repl.js';
import type { BoardFlash } from './rom/board-flash.js';
import { Bootloader } from './rom/bootloader.js';
import { FLASH_ID } from './rom/flash-memory.js';
import { Registers } from './rom/registers.js';

export interface LifeOptions {
  readonly memory: LockstepMemory;
  readonly module: WebAssembly.Module;
  readonly flash: BoardFlash;
  readonly rtc: Rtc;
  readonly modules: Files;
  readonly hosts: ReadonlyMap<string, string>;
  readonly random: Random;
  readonly radioLoad: RadioLoad;
  /** What the ROM prints: why it starts, and how the straps stand. */
  readonly cause: number;
  readonly mode: number;
}

/** Interrupt kinds, as the board's Python modules know them. */
const interrupt = { pin: 0, timer: 1, i2cTarget: 2 } as const;

/** What the port runs after boot.py. After a soft reset in raw mode it does not: the tool wants the board for itself. */
const MAIN_FILE = 'main.py';

/** A loader has the chip's RAM to receive in. */
const LOADER_INPUT_BYTES = 32 * 1024;

export class Life {
  private readonly options: LifeOptions;
  private readonly cpu: Cpu;
  private readonly pins: Pins;
  private readonly timers: Timers;
  private readonly i2c: I2cController;
  private readonly i2cTarget: I2cTarget;
  private readonly wifi: WifiStation;
  private readonly sockets: Sockets;
  private readonly uart: Uart;
  private readonly peripherals: readonly { accept(record: BoardRecord): boolean }[];
  private readonly receiver: UartReceiver;
  private readonly output: ProgramOutput;
  private readonly watchdog: Watchdog;
  private readonly longCalls: LongCalls;
  private readonly mac: string;
  private interpreter: Interpreter | undefined;
  private collector: Collector | undefined;
  private heap: Heap | undefined;
  private dispatch: (kind: number, number: number) => void = () => undefined;
  /** The prompt was in raw mode when the program was started over. */
  private raw = false;
  private softResetAsked = false;

  constructor(options: LifeOptions) {
    this.options = options;
    this.mac = boardMac(options.random.seed);
    this.cpu = new Cpu(options.memory, (record) => this.receive(record));
    this.watchdog = new Watchdog({
      now: () => this.cpu.now(),
      signsOfLife: () => this.cpu.signsOfLife,
      bite: (kind) => this.watchdogReset(kind),
    });
    this.longCalls = new LongCalls(this.cpu, () => this.watchdog.suspect());
    this.pins = new Pins(this.cpu, (pin) =>
      this.watchdog.during(pin, () => this.dispatch(interrupt.pin, pin)),
    );
    this.timers = new Timers(
      () => this.cpu.now(),
      (timer) => this.dispatch(interrupt.timer, timer),
    );
    this.i2c = new I2cController(this.cpu, (pin) => this.pins.levelOutside(pin));
    this.i2cTarget = new I2cTarget(this.cpu, (flags) => this.dispatch(interrupt.i2cTarget, flags));
    this.wifi = new WifiStation(this.cpu);
    this.uart = new Uart(this.cpu);
    this.sockets = new Sockets(this.cpu, (baud, text) => this.uart.printAt(baud, text));
    this.peripherals = [this.i2c, this.i2cTarget, this.wifi, this.sockets];
    this.receiver = new UartReceiver(this.cpu);
    this.output = new ProgramOutput((byte) => this.uart.print(byte));
    this.cpu.addSource(this.timers);
    this.cpu.addSource(this.uart);
    this.cpu.addSource(this.receiver);
    this.cpu.addSource(this.watchdog);
    this.cpu.addSource(this.sockets.queue);
    this.cpu.addInterrupt(this.pins);
    this.cpu.addInterrupt(this.timers);
    this.cpu.addInterrupt(this.i2cTarget);
    this.cpu.holdHandlersBy(() => options.radioLoad.nextHoldUs(this.wifi.isOnAir()));
  }

  /** Resolves when the board has been stopped. Rejects when the simulation itself fails. */
  async run(): Promise<void> {
    const { cause, mode } = this.options;
    this.cpu.sleepUntil(this.cpu.now() + bootTimes.romUs);
    if (this.cpu.stopped) return;
    this.uart.printAt(bootTimes.romBaud, romMessage(cause, mode));
    // Straps that name neither the flash nor the UART leave the chip in its ROM.
    if (mode === BOOT_FROM_UART) this.load();
    else if (mode !== BOOT_FROM_FLASH) this.cpu.halt();
    if (!this.options.flash.isBootable) this.refuseFlash();
    this.cpu.sleepUntil(this.cpu.now() + bootTimes.interpreterUs);
    while (!this.cpu.stopped) await this.runFlash();
  }

  /** Keeps the files as the program left them. */
  saveFlash(): void {
    if (this.interpreter !== undefined) this.options.flash.files = readFlash(this.interpreter.python.FS);
    this.interpreter = undefined;
  }

  /** The ROM's loader, until the chip is to run what is in its flash. */
  private load(): void {
    const { cpu, uart, receiver, mac } = this;
    const registers = new Registers({ mac, flashId: FLASH_ID, baud: () => receiver.baud });
    const flash = this.options.flash.memory;
    receiver.capacityBytes = LOADER_INPUT_BYTES;
    if (new Bootloader({ cpu, uart, receiver, flash, registers }).run() === 'reset') this.softwareReset();
    receiver.capacityBytes = INPUT_BYTES;
  }

  private refuseFlash(): void {
    this.uart.printAt(bootTimes.romBaud, NO_IMAGE);
    this.cpu.halt();
  }

  /** One start of the interpreter, up to a soft reset or the end. */
  private async runFlash(): Promise<void> {
    this.saveFlash();
    this.collector = undefined;
    this.heap = undefined;
    const flash = this.options.flash.files;
    const interpreter = await startInterpreter(this.options.module, {
      outOfFuel: (bytecode) => this.cpu.outOfFuel(bytecode),
      collect: () => this.collectGarbage(),
      heapLow: (bytes, grows) => this.heap?.isExhausted(bytes, grows) ?? false,
      lockedUp: () => this.lockUp(),
      outOfTurns: () => this.longCalls.outOfTurns(),
      ticksMs: () => Math.floor(this.cpu.uptimeUs() / 1_000),
      randomU32: () => this.randomU32(),
      print: (byte) => this.output.print(byte),
    });
    this.interpreter = interpreter;
    this.runFirmware(interpreter, flash);
    if (!this.cpu.stopped) this.softReset();
  }

  private runFirmware(interpreter: Interpreter, flash: Files): void {
    const { python, memory, fuel, turns, heapLeft, raiseKeyboardInterrupt } = interpreter;
    writeModules(python.FS, this.options.modules);
    writeFlash(python.FS, flash);
    limitFlash(python.FS);
    const collector = createCollector(interpreter);
    python.runPython('import gc\n_mem_alloc = gc.mem_alloc\ndel gc');
    const memAlloc = python.globals.get('_mem_alloc');
    if (typeof memAlloc !== 'function') throw new Error('The interpreter has no gc.mem_alloc.');
    this.collector = collector;
    const heap = new Heap({
      allocated: () => this.cpu.unmetered(() => Number(memAlloc())),
      collect: collector.collect,
      grant: (bytes) => {
        heapLeft.value = bytes;
      },
    });
    this.heap = heap;
    python.registerJsModule('_board', boardModule(this.chip(heap, memory)));
    try {
      python.runPython(`import sys\nsys.path.insert(0, ${JSON.stringify('/.board')})\nimport _board_init`);
      python.runPython('del sys, _mem_alloc, _board_init');
      heap.startProgram();
      this.heedKeyboard(true);
      this.cpu.attachInterpreter({ fuel, raiseKeyboardInterrupt });
      this.longCalls.attachInterpreter(turns);
      this.runFiles(interpreter);
      if (!this.softResetAsked) this.prompt(interpreter);
    } catch (error) {
      if (!(error instanceof BoardStopped) && !this.cpu.stopped) throw error;
    } finally {
      this.output.flush();
      this.uart.flush();
    }
  }

  /** boot.py and main.py. What they raise is caught in there; a second Ctrl-C may strike just where that is done. */
  private runFiles({ python }: Interpreter): void {
    try {
      python.runPython('import _board_main');
      this.cpu.unmetered(() => python.runPython('del _board_main'));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'PythonError') throw error;
      for (const byte of Buffer.from(error.message, 'utf8')) this.output.print(byte);
    }
  }

  private heedKeyboard(heeds: boolean): void {
    this.cpu.forgetKeyboardInterrupt();
    const { interpreter } = this;
    this.receiver.interruptCharacter =
      heeds && interpreter !== undefined ? interpreter.interruptCharacter : () => -1;
  }

  /** The interactive prompt, up to a soft reset or the end. */
  private prompt({ python }: Interpreter): void {
    this.heedKeyboard(false);
    this.cpu.unmetered(() => python.runPython('__import__("micropython").kbd_intr(-1)'));
    this.heedKeyboard(true);
    const repl = new Repl({ interpreter: python, output: this.output, nextByte: () => this.nextByte() });
    this.raw = repl.run({ raw: this.raw }).raw;
  }

  private nextByte(): number | undefined {
    this.cpu.forgetKeyboardInterrupt();
    this.output.flush();
    while (this.receiver.available() === 0 && !this.cpu.stopped) {
      this.cpu.waitForEvent(Number.POSITIVE_INFINITY);
    }
    return this.cpu.stopped ? undefined : this.receiver.read(1)[0];
  }

  /** What the port does at a soft reset: handlers, timers and sockets go; pins, the radio and the clocks stay. */
  private softReset(): void {
    this.cpu.detachInterpreter();
    this.heedKeyboard(false);
    this.dispatch = () => undefined;
    this.softResetAsked = false;
    this.pins.forgetHandlers();
    this.timers.stopAll();
    this.sockets.closeAll();
    this.output.write('MPY: soft reboot\r\n');
    this.cpu.sleepUntil(this.cpu.now() + bootTimes.softResetUs);
    this.options.rtc.softReset(this.cpu.now());
  }

  private chip(heap: Heap, memory: WebAssembly.Memory): Chip {
    const { mac } = this;
    return {
      cpu: this.cpu,
      pins: this.pins,
      timers: this.timers,
      i2c: this.i2c,
      i2cTarget: this.i2cTarget,
      wifi: this.wifi,
      sockets: this.sockets,
      uart: this.uart,
      receiver: this.receiver,
      heap,
      rtc: this.options.rtc,
      watchdog: this.watchdog,
      mac,
      hostname: `ESP_${mac.slice(-6).toUpperCase()}`,
      resetCause: sdkResetReason(this.options.cause),
      mainFile: this.raw ? '' : MAIN_FILE,
      randomU32: () => this.randomU32(),
      resolve: (host) => (/^\d+(\.\d+){3}$/.test(host) ? host : this.options.hosts.get(host)),
      collectGarbage: () => this.collectGarbage(),
      reset: () => this.softwareReset(),
      deepSleep: (ms) => this.deepSleep(ms),
      heedKeyboard: (heeds) => this.heedKeyboard(heeds),
      softReset: () => {
        this.softResetAsked = true;
      },
      onInterrupt: (dispatch) => {
        this.dispatch = dispatch;
      },
      memory: (address, length) => new Uint8Array(memory.buffer, address, length),
    };
  }

  private collectGarbage(): void {
    this.collector?.collect();
    this.heap?.collected();
  }

  /** Until the interpreter is started over; while it is not running there is no heap. */
  private leak(bytes: number): void {
    this.heap?.leak(bytes);
  }

  private softwareReset(): void {
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.softwareReset, now, now, 0, 0);
    // The host stops this life and starts the next.
    this.cpu.halt();
  }

  private deepSleep(ms: number): void {
    const now = this.cpu.now();
    this.options.rtc.prepareDeepSleep(ms * 1_000, now);
    this.cpu.post(deviceRecord.deepSleep, now, now, ms, 0);
    // The host stops this life, and starts the next when the clock says so.
    this.cpu.halt();
  }

  private watchdogReset(kind: WatchdogKind): void {
    const now = this.cpu.now();
    const cause = kind === 'hardware' ? resetCause.watchdog : SOFTWARE_WATCHDOG;
    // The host stops this life and starts the next.
    this.cpu.post(deviceRecord.watchdogReset, now, now, cause, 0);
  }

  /**
   * The port's last resort when nothing can catch an exception: it says so, and loops (ports/esp8266/main.c) until the
   * watchdog bites.
   */
  private lockUp(): never {
    this.output.write('NLR jump failed\r\n');
    this.uart.flush();
    this.watchdog.suspect();
    this.cpu.halt();
    throw new BoardStopped();
  }

  private randomU32(): number {
    return Math.floor(this.options.random.next() * 0x1_0000_0000);
  }

  /** Takes what the host tells about the bench around the board. */
  receive(record: BoardRecord): void {
    if (record.kind === hostRecord.pinLevel) this.pins.outsideChanged(record.a, record.b);
    else if (record.kind === hostRecord.uartInput) this.receiver.typed(record.bytes, record.a || undefined);
    else if (record.kind === hostRecord.leak) this.leak(record.a);
    else this.peripherals.find((peripheral) => peripheral.accept(record));
  }
}

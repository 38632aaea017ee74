/**
 * The host's side of the virtual ESP8266: power, reset and boot; the thread in which the board lives; and the
 * translation between its records and the wires, bus, console and network of the bench.
 */
import type { Worker } from 'node:worker_threads';
import { BOOT_FROM_FLASH, bootMode } from '../../../rig/device/boot-mode.js';
import { RigError } from '../../../rig/errors.js';
import type { Level } from '../../../rig/ports.js';
import { type DurationUs, type InstantUs, instant, later, ms } from '../../../rig/time/units.js';
import type { LockstepProcess, VirtualClock } from '../../../rig/time/virtual-clock.js';
import { endThread, keepThread, startThread } from './board-threads.js';
import { DEEP_SLEEP_AWAKE, resetCause } from './chip/rom.js';
import { DeviceTarget, type TransferAnswer } from './device-target.js';
import type { Build, Files } from './flash.js';
import { compileInterpreter } from './interpreter/compile.js';
import { deviceState, LockstepMemory } from './lockstep/channel.js';
import { type BoardRecord, deviceRecord, hostRecord, RELEASED } from './lockstep/records.js';
import { TurnPatience } from './lockstep/turn-patience.js';

/**
 * Wall time, with the processor its own, that the board may take for one turn. Everything that a program does ends a turn
 * within bounds, a call that never ends included; a board that exceeds this all the same counts as hung until it is reset.
 */
const TURN_LIMIT_MS = 20_000;

/** Wall time that a thread has to leave its board when that is closed. One that takes longer is ended. */
const LEAVE_LIMIT_MS = 1_000;

const NOT_ANSWERING = -1;

const MAILBOX_FULL = 'the bench sent it more than its mailbox holds';

/** What the board does to the rest of the bench. */
export interface BoardSurroundings {
  pinDriven(gpio: number, level: Level | undefined): void;
  i2cWritten(bytes: Uint8Array): void;
  printed(bytes: Uint8Array, baud: number, atUs: InstantUs): void;
  /** A command to the WiFi station or the network. */
  network(record: BoardRecord): void;
  /** The chip starts: the radio starts with it. */
  started(): void;
  /** The chip has stopped: its radio is silent and its connections have vanished. */
  stopped(): void;
  /** `TIMEOUT`: its firmware hung beyond what is simulated. `BENCH`: its simulation failed. */
  failed(error: RigError): void;
}

export interface BoardOptions {
  readonly clock: VirtualClock;
  readonly surroundings: BoardSurroundings;
  /** Undefined: there is no file system yet, as on a chip that was erased and given its image. */
  readonly flash: Files | undefined;
  /** The interpreter's build; the port's own unless told. */
  readonly build?: Build;
  readonly modules: Files;
  readonly hosts: ReadonlyMap<string, string>;
  readonly seed: number;
  /** `TURN_LIMIT_MS` unless told. */
  readonly turnLimitMs?: number;
}

type Condition = 'off' | 'running' | 'hung';

export class VirtualEsp8266 implements LockstepProcess {
  private readonly options: BoardOptions;
  private readonly clock: VirtualClock;
  private readonly detach: () => void;
  private memory = new LockstepMemory();
  private thread: Worker;
  private condition: Condition = 'off';
  private powered = false;
  private heldInReset = false;
  private closed = false;
  /** As the straps stood when the chip last started by power or reset: its own resets keep to that. */
  private mode = BOOT_FROM_FLASH;
  private readonly outside = new Map<number, Level>();
  private i2cAddress = NOT_ANSWERING;
  private readonly target = new DeviceTarget();
  private awaitingGrant = false;
  private readonly turnLimitMs: number;
  /** The turn is waited for twice as long as this, and longer where the board did not have the processor meanwhile. */
  private readonly turnWaitMs: number;
  private readonly patience: TurnPatience;
  private readonly driven = new Set<number>();
  /** Counts starts, so that nothing that an earlier life did takes effect in a later one. */
  private life = 0;
  private clockAge: Uint8Array | undefined;

  constructor(options: BoardOptions) {
    this.options = options;
    this.clock = options.clock;
    this.turnLimitMs = options.turnLimitMs ?? TURN_LIMIT_MS;
    this.turnWaitMs = this.turnLimitMs / 2;
    this.patience = new TurnPatience(this.turnWaitMs);
    this.thread = this.startThread();
    this.detach = this.clock.attach(this);
  }

  /** Power comes on: the chip starts, unless reset is held. */
  powerOn(): void {
    if (this.powered) return;
    this.powered = true;
    if (!this.heldInReset) this.startByStraps(resetCause.powerOn);
  }

  /** Power is gone: the chip stops at this instruction. */
  powerOff(): void {
    this.powered = false;
    this.stop();
  }

  /** The reset pin goes low: the chip stops at this instruction. */
  holdReset(): void {
    this.heldInReset = true;
    this.stop();
  }

  releaseReset(): void {
    if (!this.heldInReset) return;
    this.heldInReset = false;
    if (this.powered) this.startByStraps(resetCause.resetPin);
  }

  /** From the next start on, a clock that is cleared by it counts on from `ageUs`. */
  ageClock(ageUs: number): void {
    this.clockAge = new TextEncoder().encode(String(Math.round(ageUs)));
  }

  /** The bench drives a pin, or the level on it changes. */
  setPin(gpio: number, level: Level): void {
    this.outside.set(gpio, level);
    this.tell(hostRecord.pinLevel, gpio, level);
  }

  answerAt(address: number | undefined): void {
    this.i2cAddress = address ?? NOT_ANSWERING;
    this.tell(hostRecord.i2cAddress, this.i2cAddress);
  }

  armTransmit(bytes: Uint8Array): void {
    this.tell(hostRecord.i2cArmTransmit, 0, 0, bytes);
  }

  armReceive(lengthBytes: number): void {
    this.tell(hostRecord.i2cArmReceive, lengthBytes);
  }

  /** True when the device answers at `address` as I2C target. */
  answersAt(address: number): boolean {
    return this.target.answersAt(address);
  }

  /** The host reads from the device's I2C target. Resolves with undefined when the device has none there (any more). */
  readTarget(address: number, lengthBytes: number): Promise<TransferAnswer | undefined> {
    return this.transfer(() => this.tell(hostRecord.i2cRead, address, lengthBytes));
  }

  /** The host writes to the device's I2C target. Resolves as `readTarget` does. */
  writeTarget(address: number, bytes: Uint8Array): Promise<TransferAnswer | undefined> {
    return this.transfer(() => this.tell(hostRecord.i2cWrite, address, 0, bytes));
  }

  /** Any other record of the bench for the device: WiFi, sockets, console input. */
  tell(kind: number, a = 0, b = 0, bytes?: Uint8Array): void {
    if (this.condition !== 'running') return;
    if (!this.memory.toDevice.put(kind, this.clock.now(), a, b, bytes)) {
      this.breakDown(MAILBOX_FULL);
      return;
    }
    this.awaitingGrant = true;
  }

  nextUs(): number {
    if (this.condition !== 'running') return Number.POSITIVE_INFINITY;
    return this.awaitingGrant ? this.clock.now() : this.memory.wakeUs;
  }

  runUntil(horizonUs: InstantUs): void {
    if (this.condition !== 'running' || this.nextUs() >= horizonUs) return;
    this.grant(horizonUs);
  }

  /** Ends the board. Its thread is kept for the next one, or ends when it hangs. */
  async close(): Promise<void> {
    this.detach();
    if (this.closed) return;
    this.closed = true;
    const hasLeft = this.leaveThread();
    this.condition = 'off';
    this.target.gone();
    await (hasLeft ? keepThread(this.thread) : endThread(this.thread));
  }

  /** A start from outside: the straps are sampled. */
  private startByStraps(cause: number): void {
    this.mode = bootMode(this.outside.get(15) ?? 0, this.outside.get(0) ?? 1, this.outside.get(2) ?? 1);
    this.start(cause);
  }

  private start(cause: number): void {
    if (this.condition === 'hung') {
      void endThread(this.thread);
      this.memory = new LockstepMemory();
      this.thread = this.startThread();
    }
    this.condition = 'running';
    this.life += 1;
    this.tell(hostRecord.boot, cause, this.mode, this.clockAge);
    for (const [gpio, level] of this.outside) this.tell(hostRecord.pinLevel, gpio, level);
    this.tell(hostRecord.i2cAddress, this.i2cAddress);
    this.options.surroundings.started();
  }

  private stop(): void {
    if (this.condition === 'off') return;
    this.life += 1;
    if (this.condition === 'running') this.unwind();
    this.target.gone();
    for (const gpio of this.driven) this.options.surroundings.pinDriven(gpio, undefined);
    this.driven.clear();
    this.options.surroundings.stopped();
  }

  /** The thread unwinds its interpreter; its time does not move. */
  private unwind(): void {
    if (!this.memory.toDevice.put(hostRecord.stop, this.clock.now(), 0, 0)) {
      this.breakDown(MAILBOX_FULL);
      return;
    }
    this.grant(this.clock.now());
    if (this.condition === 'running') this.condition = 'off';
  }

  private grant(horizonUs: number): void {
    this.awaitingGrant = false;
    const { patience, turnLimitMs, turnWaitMs } = this;
    patience.reset();
    if (!this.memory.grant(this.clock.now(), horizonUs, turnWaitMs, patience.isLeft)) {
      this.hang(
        `The device hangs inside a single call, which took over ${turnLimitMs / 1_000} s of wall time. ` +
          'Look in its firmware for work on a huge object, and at what else keeps this machine busy.',
      );
      return;
    }
    const { life } = this;
    this.memory.toHost.takeAll((record) => {
      const atUs = instant(record.atUs);
      const handle = () => {
        // What was printed is on its way; all else ended with the life that did it.
        if (life === this.life || record.kind === deviceRecord.uart) this.handle(record);
      };
      // An edge, which most records are, reaches the host's program by an event of its own.
      if (record.kind === deviceRecord.pinDriven) this.clock.simulate('board record', atUs, handle);
      else this.clock.at('board record', atUs, handle);
    });
    if (this.memory.state === deviceState.off) this.condition = 'off';
  }

  private handle(record: BoardRecord): void {
    const { surroundings } = this.options;
    switch (record.kind) {
      case deviceRecord.pinDriven:
        this.pinDriven(record.a, record.b);
        break;
      case deviceRecord.i2cTargetAddress:
        this.target.movedTo(record.a);
        break;
      case deviceRecord.i2cTransferred:
        this.target.answered(record.a, record.bytes);
        break;
      case deviceRecord.i2cWritten:
        surroundings.i2cWritten(record.bytes);
        break;
      case deviceRecord.uart:
        surroundings.printed(record.bytes, record.a, instant(record.atUs));
        break;
      case deviceRecord.softwareReset:
        this.stop();
        this.start(resetCause.software);
        break;
      case deviceRecord.watchdogReset:
        this.stop();
        this.start(record.a);
        break;
      case deviceRecord.deepSleep:
        this.stop();
        if (record.a > 0) this.wakeAfter(ms(record.a));
        break;
      case deviceRecord.broken:
        this.breakDown(new TextDecoder().decode(record.bytes));
        break;
      default:
        surroundings.network(record);
    }
  }

  /** The chip sleeps. Its clock pulls the reset pin when the time has come, unless something else has started the chip. */
  private wakeAfter(duration: DurationUs): void {
    const { clock, life } = this;
    clock.at('end of the deep sleep', later(clock.now(), duration), () => {
      const sleepsStill = life === this.life && this.powered && !this.heldInReset;
      if (sleepsStill) this.startByStraps(DEEP_SLEEP_AWAKE);
    });
  }

  private transfer(ask: () => void): Promise<TransferAnswer | undefined> {
    return this.condition === 'running' ? this.target.transfer(ask) : Promise.resolve(undefined);
  }

  private pinDriven(gpio: number, level: number): void {
    const driven = level === RELEASED ? undefined : level === 1 ? 1 : 0;
    if (driven === undefined) this.driven.delete(gpio);
    else this.driven.add(gpio);
    this.options.surroundings.pinDriven(gpio, driven);
  }

  private breakDown(reason: string): void {
    this.condition = 'hung';
    this.target.gone();
    this.options.surroundings.failed(new RigError('BENCH', `The virtual board broke down: ${reason}.`));
  }

  private hang(reason: string): void {
    this.condition = 'hung';
    this.target.gone();
    this.options.surroundings.failed(new RigError('TIMEOUT', reason));
  }

  private startThread(): Worker {
    const { flash, build, modules, hosts, seed } = this.options;
    const module = compileInterpreter();
    return startThread({ memory: this.memory.buffer, module, flash, build, modules, hosts, seed });
  }

  /** The thread leaves this board. False when it does not answer. */
  private leaveThread(): boolean {
    const now = this.clock.now();
    const { memory } = this;
    if (this.condition === 'hung') return false;
    if (this.condition === 'running') {
      if (!memory.toDevice.put(hostRecord.stop, now, 0, 0)) return false;
      if (!memory.grant(now, now, LEAVE_LIMIT_MS) || memory.state !== deviceState.off) return false;
    }
    return memory.toDevice.put(hostRecord.leave, now, 0, 0) && memory.grant(now, now, LEAVE_LIMIT_MS);
  }
}

/**
 * The two watchdogs of the chip, as MicroPython's port uses them (ports/esp8266: ets_alt_task.c, machine_wdt.c).
 *
 * The software one ticks every 1.6 s and bites at the second tick in a row without a feed: 1.6 to 3.2 s after the last.
 * The port feeds it in every tenth jump of the bytecode and in every sleep and wait, so `while True: pass` is fed, in a
 * handler as well. What starves it is a single call of C code that does not end, and a lock-up. After `machine.WDT()`
 * only `feed()` counts.
 *
 * Its tick is an interrupt, which one of the same level holds up: a handler with `hard=True`. Then the hardware watchdog
 * bites, which the ticks keep quiet otherwise.
 */
import type { ChipEventSource } from './chip-events.js';

const TICK_US = 1_600_000;
/** From the last tick: about 7 s after a hang, which comes somewhere between two ticks. */
const HARDWARE_US = 8_000_000;

const NEVER = Number.POSITIVE_INFINITY;

export type WatchdogKind = 'software' | 'hardware';

export interface WatchdogOptions {
  /** The chip's time. */
  readonly now: () => number;
  /** Stays the same while the processor is in one call of C code. */
  readonly signsOfLife: () => number;
  /** Resets the chip. */
  readonly bite: (kind: WatchdogKind) => void;
}

export class Watchdog implements ChipEventSource {
  private readonly options: WatchdogOptions;
  private readonly startedUs: number;
  /** When the program must have fed it, if the program does so itself. */
  private feedDueUs = NEVER;
  /** When it bites unless there is another sign of life than the last one. */
  private hungDueUs = NEVER;
  private lastSign = 0;
  /** When the hardware bites unless the handler ends. */
  private handlerDueUs = NEVER;
  private readonly hardPins = new Set<number>();

  constructor(options: WatchdogOptions) {
    this.options = options;
    this.startedUs = options.now();
  }

  /** `machine.WDT()`: from now on the program feeds it. Nothing but a reset undoes that, a soft reset does not. */
  arm(): void {
    this.feedDueUs = this.biteAfter(this.options.now());
  }

  /** `WDT.feed()`: arms what is not armed, as the program cannot have a WDT otherwise. */
  feed(): void {
    this.arm();
  }

  /** The processor is in a call that may never end. */
  suspect(): void {
    const sign = this.options.signsOfLife();
    if (this.hungDueUs !== NEVER && this.lastSign === sign) return;
    this.lastSign = sign;
    this.hungDueUs = this.biteAfter(this.options.now());
  }

  /** Whether the pin's handler was made with `hard=True`. */
  setHard(pin: number, isHard: boolean): void {
    if (isHard) this.hardPins.add(pin);
    else this.hardPins.delete(pin);
  }

  /** Runs the handler of a pin. */
  during(pin: number, handler: () => void): void {
    if (!this.hardPins.has(pin)) {
      handler();
      return;
    }
    this.handlerDueUs = this.lastTick(this.options.now()) + HARDWARE_US;
    try {
      handler();
    } finally {
      this.handlerDueUs = NEVER;
    }
  }

  nextUs(): number {
    return this.handlerDueUs === NEVER ? Math.min(this.feedDueUs, this.hungDueUs) : this.handlerDueUs;
  }

  fire(): void {
    const isHardware = this.handlerDueUs !== NEVER;
    if (!isHardware && this.hungDueUs < this.feedDueUs && this.options.signsOfLife() !== this.lastSign) {
      this.hungDueUs = NEVER;
      return;
    }
    this.handlerDueUs = this.hungDueUs = this.feedDueUs = NEVER;
    this.options.bite(isHardware ? 'hardware' : 'software');
  }

  private lastTick(atUs: number): number {
    return this.startedUs + Math.floor((atUs - this.startedUs) / TICK_US) * TICK_US;
  }

  private biteAfter(fedUs: number): number {
    return this.lastTick(fedUs) + 2 * TICK_US;
  }
}

/**
 * The chip's processor as seen from outside: its time, its interrupts, and the hand-over to the host. Time
 * passes by bytecodes executed (the interpreter's fuel) and by the stated cost of each call into the board.
 */
import { deviceState, type LockstepMemory } from '../lockstep/channel.js';
import { type BoardRecord, hostRecord } from '../lockstep/records.js';
import { type ChipEventSource, ChipEvents } from './chip-events.js';
import { costs, REFERENCE_HZ } from './costs.js';
import { type InterruptSource, Interrupts } from './interrupts.js';
import { PollingWatch } from './polling-watch.js';

/** Unwinds the interpreter when power is gone or reset is held. Python cannot catch it. */
export class BoardStopped extends Error {
  override readonly name = 'BoardStopped';
}

/**
 * The port runs a pin's handler (unless it was made with `hard=True`, which is treated the same here) when the
 * virtual machine next looks for something pending, and that is at jumps: a straight run of code is not
 * interrupted, and firmware relies on it. Opcodes of MicroPython's bytecode version 6: UNWIND_JUMP, JUMP, the four
 * conditional jumps, POP_EXCEPT_JUMP.
 */
const HANDLERS_RUN_BEFORE: ReadonlySet<number> = new Set([0x40, 0x42, 0x43, 0x44, 0x45, 0x46, 0x4a]);

/** The most fuel ever given: the counter is a signed 32-bit number. */
const MAX_FUEL = 0x7fff_0000;

/** Fuel given at a time, a second's worth: what has become due otherwise, such as a watchdog, is seen after that. */
const GRANTED_FUEL = 400_000;

/** What the processor needs of the interpreter that runs on it. */
export interface Program {
  readonly fuel: { value: number };
  /** A KeyboardInterrupt is raised at the next jump. */
  raiseKeyboardInterrupt(): void;
}

export class Cpu {
  /** Device time, in microseconds of the bench's clock. */
  private timeUs: number;
  private readonly startedUs: number;
  private horizonUs = 0;
  private fuel: { value: number } = { value: 0 };
  private fuelGranted = 0;
  private bytecodeUs: number = costs.bytecodeUs;
  private hertz = REFERENCE_HZ;
  private lifeSigns = 0;
  private metered = true;
  private stopping = false;
  /** Ctrl-C was typed, and the program has not been given its KeyboardInterrupt yet. */
  private keyboardInterrupt = false;
  /** Set when anything reached the device: what waits for an event stops waiting. */
  private eventArrived = false;
  private readonly events = new ChipEvents();
  private readonly interrupts = new Interrupts();
  private readonly polling = new PollingWatch();
  private nextHoldUs: () => number = () => 0;
  private readonly currentUs = () => this.timeUs;
  private readonly aroundHandler = {
    isOver: () => this.stopping,
    before: () => {
      this.spend(this.nextHoldUs());
      this.work(costs.interruptUs);
    },
    after: () => this.noteEvent(),
  };
  private readonly memory: LockstepMemory;
  private readonly receive: (record: BoardRecord) => void;
  private raiseKeyboardInterrupt: () => void = () => undefined;

  /** `receive` gets what the host tells, but for `stop`, which the processor handles itself. */
  constructor(memory: LockstepMemory, receive: (record: BoardRecord) => void) {
    this.memory = memory;
    this.receive = receive;
    this.timeUs = memory.nowUs;
    this.startedUs = memory.nowUs;
    this.horizonUs = memory.horizonUs;
  }

  /** Connects the interpreter, once it is loaded: a fresh one after a soft reset. */
  attachInterpreter({ fuel, raiseKeyboardInterrupt }: Program): void {
    this.fuel = fuel;
    this.fuelGranted = fuel.value;
    this.raiseKeyboardInterrupt = raiseKeyboardInterrupt;
    this.interrupts.enabled = true;
    this.keyboardInterrupt = false;
    this.refuel();
  }

  /** The interpreter is about to be replaced: what it still does takes no time. */
  detachInterpreter(): void {
    this.syncTime();
    this.fuel.value = MAX_FUEL;
    this.fuel = { value: 0 };
    this.fuelGranted = 0;
  }

  /** Ctrl-C. The program gets a KeyboardInterrupt at its next jump; if it waits, it stops waiting. */
  interruptProgram(): void {
    this.keyboardInterrupt = true;
    this.noteEvent();
    this.refuel();
  }

  /** The program ended before a Ctrl-C reached it. */
  forgetKeyboardInterrupt(): void {
    this.keyboardInterrupt = false;
  }

  /** A wait of the program must end, because it is to get a KeyboardInterrupt. A handler gets none: the port locks them. */
  get interrupted(): boolean {
    return this.keyboardInterrupt && !this.interrupts.isServing;
  }

  addSource(source: ChipEventSource): void {
    this.events.add(source);
  }

  /** `nextHoldUs` is asked before each handler how long something else keeps the processor from it. */
  holdHandlersBy(nextHoldUs: () => number): void {
    this.nextHoldUs = nextHoldUs;
  }

  addInterrupt(source: InterruptSource): void {
    this.interrupts.add(source);
  }

  /** Power is gone or reset is held: whatever waits must return, so that the interpreter can be unwound. */
  get stopped(): boolean {
    return this.stopping;
  }

  get frequencyHz(): number {
    return this.hertz;
  }

  set frequencyHz(hertz: number) {
    this.syncTime();
    this.hertz = hertz;
    this.bytecodeUs = (costs.bytecodeUs * REFERENCE_HZ) / hertz;
    this.refuel();
  }

  /** The device's time now. */
  now(): number {
    this.syncTime();
    return this.timeUs;
  }

  /** Time since the chip started: what its own clocks count. */
  uptimeUs(): number {
    return this.now() - this.startedUs;
  }

  /** Grows with every bytecode that is executed and every rest: while it stays the same, the processor is in one call of C. */
  get signsOfLife(): number {
    this.syncTime();
    return this.lifeSigns;
  }

  /** False while the interpreter does something that the chip does not. */
  get isMetered(): boolean {
    return this.metered;
  }

  /** Charges work of the processor, scaled by its frequency. */
  work(atReferenceUs: number): void {
    this.spend((atReferenceUs * REFERENCE_HZ) / this.hertz);
  }

  /** Lets time pass whatever happens meanwhile. No handler runs in it. */
  spend(durationUs: number): void {
    this.syncTime();
    let left = durationUs;
    while (!this.stopping) {
      const step = Math.min(left, Math.max(0, this.limitUs() - this.timeUs));
      this.timeUs += step;
      left -= step;
      if (left <= 0) break;
      this.reachLimit();
    }
    this.refuel();
  }

  /** Sleeps until `untilUs` or until the program is interrupted; handlers run meanwhile. */
  sleepUntil(untilUs: number): void {
    this.progress();
    this.lifeSigns += 1;
    this.syncTime();
    while (this.timeUs < untilUs && !this.stopping && !this.interrupted) this.rest(untilUs);
    this.refuel();
  }

  /** Executes nothing any more, until the chip is stopped from outside. */
  halt(): void {
    this.syncTime();
    while (!this.stopping) this.pass(Number.POSITIVE_INFINITY);
    this.refuel();
  }

  /** Sleeps until `untilUs` or until something reaches the device, whichever is first. */
  waitForEvent(untilUs: number): void {
    this.lifeSigns += 1;
    this.syncTime();
    while (this.timeUs < untilUs && !this.eventArrived && !this.stopping && !this.interrupted) {
      this.rest(untilUs);
    }
    this.eventArrived = false;
    this.refuel();
  }

  /** Something reached the program: what waits for an event need not wait any longer. */
  noteEvent(): void {
    this.eventArrived = true;
    this.progress();
  }

  /** The program did something: it is not merely polling. */
  progress(): void {
    this.polling.progress();
  }

  /**
   * The program looked at something and found nothing new. When it keeps doing only that, time is skipped
   * ahead in steps that stay a small part of how long it has been polling; any event ends a step at once.
   */
  observed(): void {
    const skipUs = this.polling.observed(this.timeUs);
    if (skipUs === 0) return;
    this.syncTime();
    const until = this.timeUs + skipUs;
    this.eventArrived = false;
    // No handler runs in here: a look is part of a straight run of code. One that waits ends the skip.
    while (this.timeUs < until && !this.eventArrived && !this.stopping && !this.interrupts.hasPending()) {
      this.pass(until);
    }
    this.refuel();
  }

  /** The interpreter has used up its fuel: the horizon, a timer, a handler that waits, or the end. */
  outOfFuel(bytecode: number): void {
    this.syncTime();
    if (this.stopping) throw new BoardStopped();
    if (this.timeUs >= this.limitUs() - this.bytecodeUs) {
      this.timeUs = Math.max(this.timeUs, this.limitUs());
      this.reachLimit();
    }
    if (HANDLERS_RUN_BEFORE.has(bytecode)) this.atJump();
    if (this.stopping) throw new BoardStopped();
    this.refuel();
  }

  /** Tells the host something that it handles at `dueUs`; the device stops at `pullUs` until it has. */
  post(kind: number, dueUs: number, pullUs: number, a: number, b: number, bytes?: Uint8Array): void {
    if (this.stopping) return;
    while (!this.memory.toHost.put(kind, dueUs, a, b, bytes)) this.handOver(this.timeUs);
    if (pullUs < this.horizonUs) {
      this.horizonUs = pullUs;
      this.syncTime();
      this.refuel();
    }
  }

  /** Lets the interpreter do something that the chip does not: its bytecodes take no time. */
  unmetered<T>(work: () => T): T {
    this.syncTime();
    this.fuel.value = MAX_FUEL;
    this.metered = false;
    try {
      return work();
    } finally {
      this.metered = true;
      this.refuel();
    }
  }

  setInterruptsEnabled(enabled: boolean): boolean {
    const before = this.interrupts.enabled;
    this.interrupts.enabled = enabled;
    return before;
  }

  /** A KeyboardInterrupt comes before any handler that waits, as in the port. */
  private atJump(): void {
    if (this.interrupted) {
      this.keyboardInterrupt = false;
      this.raiseKeyboardInterrupt();
      return;
    }
    this.serveInterrupts();
  }

  private serveInterrupts(): void {
    this.interrupts.serve(this.aroundHandler);
  }

  /** Time is at its limit: fire what is due, or hand over to the host. */
  private reachLimit(): void {
    this.events.fireDue(this.currentUs);
    if (this.timeUs >= this.horizonUs) this.handOver(this.timeUs);
  }

  /** As `pass`, and runs the handlers of what happens meanwhile. */
  private rest(untilUs: number): void {
    this.pass(untilUs);
    this.serveInterrupts();
  }

  /** Has nothing to do until `untilUs`: moves time as far as it may go, then lets the host move on. */
  private pass(untilUs: number): void {
    const target = Math.min(untilUs, this.events.nextUs());
    if (target < this.horizonUs) {
      this.timeUs = Math.max(this.timeUs, target);
      this.events.fireDue(this.currentUs);
    } else {
      this.handOver(target);
    }
  }

  private limitUs(): number {
    return Math.min(this.horizonUs, this.events.nextUs());
  }

  /** Ends the device's turn. `wakeUs`: when it next has something to do of its own accord. */
  private handOver(wakeUs: number): void {
    if (this.stopping) return;
    this.memory.state = deviceState.running;
    this.memory.wakeUs = wakeUs;
    this.memory.handOver();
    this.horizonUs = this.memory.horizonUs;
    // While it rests, its time is the host's, up to the moment at which it wakes by itself.
    this.timeUs = Math.max(this.timeUs, Math.min(wakeUs, this.memory.nowUs));
    this.memory.toDevice.takeAll((record) => {
      if (record.kind === hostRecord.stop) this.stopping = true;
      else this.receive(record);
      this.noteEvent();
    });
  }

  private syncTime(): void {
    const executed = this.fuelGranted - this.fuel.value;
    if (executed <= 0) return;
    this.timeUs += executed * this.bytecodeUs;
    this.lifeSigns += executed;
    this.fuelGranted = this.fuel.value;
  }

  /**
   * Fuel for as many bytecodes as fit before the next limit; none when a handler or a KeyboardInterrupt waits, or
   * the board is to stop.
   */
  private refuel(): void {
    const isDue = this.stopping || this.interrupted || this.interrupts.hasPending();
    const bytecodes = isDue ? 0 : Math.floor((this.limitUs() - this.timeUs) / this.bytecodeUs);
    const granted = Math.max(0, Math.min(bytecodes, GRANTED_FUEL));
    this.fuel.value = granted;
    this.fuelGranted = granted;
  }
}

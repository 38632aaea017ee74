/**
 * A virtual board alone, alive beside the real world: tools talk to its UART, other programs drive its pins, its
 * connections go out to real sockets. It is the virtual bench on a clock that keeps to the wall clock.
 *
 * Time on the board is never ahead of the wall clock, so what comes in from outside meets the board as it is then. On a
 * machine that is too slow it falls behind; nothing is lost by that, it is only late.
 */
import { messageOf, RigError } from '../../rig/errors.js';
import type { BenchPorts, BusRole, Level } from '../../rig/ports.js';
import { createRandom } from '../../rig/random.js';
import { LiveClock } from '../../rig/time/live-clock.js';
import { createVirtualBench, type VirtualBench } from './bench.js';
import type { WireName } from './board-wires.js';
import type { Files } from './esp8266/flash.js';
import { LiveUart } from './live-uart.js';
import type { Gateway } from './network/virtual-network.js';

/** A party on the wires beside the host's own drivers. */
const OUTSIDE = 'outside';
/** The USB adapter, which holds reset and GPIO0 by its modem lines. */
const ADAPTER = 'adapter';

export interface LiveBoardOptions {
  /** What the board boots as its flash. */
  readonly firmware: Files;
  readonly seed: number;
  /** Seconds of the board's time to a second; 1 unless told. */
  readonly speed?: number;
  /** What the host is on the bus; `target` unless told. */
  readonly role?: BusRole;
  /** The network that the board finds. */
  readonly wifi?: { readonly ssid: string; readonly passphrase: string };
  /** Takes the connections that the board opens, wherever they go to. Without it only `ports.network` is there. */
  readonly gateway?: Gateway;
  /** The host's address on the board's network. */
  readonly hostAddress?: string;
  /** Wall time that the board may take for one turn before it counts as hung. */
  readonly turnLimitMs?: number;
  /** The board's simulation broke, or its firmware hung it: nothing more comes. */
  failed?(error: RigError): void;
}

export class LiveBoard {
  readonly clock: LiveClock;
  readonly uart: LiveUart;
  private readonly bench: VirtualBench;
  private readonly running: Promise<void>;
  private end: () => void = () => undefined;
  private ended: RigError | undefined;

  constructor(options: LiveBoardOptions) {
    const { firmware, seed, speed = 1, failed, ...rest } = options;
    this.clock = new LiveClock({ speed });
    this.bench = createVirtualBench({
      ...rest,
      clock: this.clock,
      random: createRandom(seed),
      firmware: { name: 'live', sha256: '', files: firmware },
    });
    this.uart = new LiveUart({
      console: this.bench.console,
      enter: (name, work) => this.enter(name, work),
      hold: (pin, isHeld) => this.hold(pin, isHeld),
    });
    const fail = (error: RigError) => {
      if (this.ended !== undefined) return;
      this.ended = error;
      this.uart.lose(error.message);
      failed?.(error);
    };
    this.bench.onBroken(fail);
    const closed = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    this.running = this.clock
      .run(() => closed)
      .catch((error: unknown) => fail(new RigError('BENCH', messageOf(error), { cause: error })));
  }

  /**
   * The host's ports on this board's bench, the access point and the power switch among them. Use them inside of `enter`.
   */
  get ports(): BenchPorts {
    return this.bench.ports;
  }

  /**
   * Does something on the board's clock, now, and settles as it does. Rejects with `CLOSED` when the board is closed, or
   * with what ended it.
   */
  enter<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return this.clock.enter(name, work);
  }

  /** Drives a wire, or with undefined lets go of it. Driving low wins. */
  drive(wire: WireName, level: Level | undefined): Promise<void> {
    return this.enter(wire, () => this.bench.wires[wire].drive(OUTSIDE, level));
  }

  /** Calls `listener` at every change of a wire, whoever makes it. */
  onLevel(wire: WireName, listener: (level: Level) => void): void {
    this.bench.wires[wire].onChange(listener);
  }

  /** The level of a wire now. */
  level(wire: WireName): Level {
    return this.bench.wires[wire].level;
  }

  powerOn(): Promise<void> {
    return this.enter('power on', async () => this.ports.power?.on());
  }

  powerOff(): Promise<void> {
    return this.enter('power off', async () => this.ports.power?.off());
  }

  /** Holds the reset pin low, or lets go of it, without looking at the straps. */
  reset(isHeld: boolean): Promise<void> {
    return this.enter('reset', () => this.hold('reset', isHeld));
  }

  /** Ends the board. What is under way on its clock never settles. */
  async close(): Promise<void> {
    this.ended ??= new RigError('CLOSED', 'The virtual board is closed.');
    this.end();
    await this.running;
    await this.bench.close();
  }

  private hold(pin: 'reset' | 'gpio0', isHeld: boolean): void {
    if (pin === 'gpio0') this.bench.wires.scl.drive(ADAPTER, isHeld ? 0 : undefined);
    else if (isHeld) this.bench.board.holdReset();
    else this.bench.board.releaseReset();
  }
}

/** Starts a board beside the real world, without power. */
export function startLiveBoard(options: LiveBoardOptions): LiveBoard {
  return new LiveBoard(options);
}

/**
 * A chip on a supply that is too weak. It starts, since its ROM draws little. Then the radio starts and transmits, which
 * draws several times as much; the rail dips, and undervoltage resets the chip. Without its load the rail comes back, and
 * the chip starts again: by power-on, cause 1. So it goes on until the supply has recovered. How long each of these lives
 * is depends on the radio, so some of them reach the firmware.
 */
import type { Random } from '../../rig/random.js';
import type { Clock, Timer } from '../../rig/time/clock.js';
import { later, us } from '../../rig/time/units.js';

/** From the start of the chip to the radio's calibration, after the ROM's message: the first dip can come here. */
const RADIO_STARTS_US = 100_000;
/** The dip comes at latest so much later; the interpreter starts after 300 ms. An assumption: no figure is documented. */
const RADIO_SPREAD_US = 400_000;
/** From undervoltage to a rail that lets the chip start again: capacitors are charged anew. An assumption as well. */
const RECHARGE_US = 50_000;
const RECHARGE_SPREAD_US = 100_000;

/** What undervoltage does to the chip. */
export interface StarvingBoard {
  powerOn(): void;
  powerOff(): void;
}

export class BrownOut {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly board: StarvingBoard;
  private isSagging = false;
  private isRunning = false;
  private timer: Timer | undefined;

  constructor(clock: Clock, random: Random, board: StarvingBoard) {
    this.clock = clock;
    this.random = random;
    this.board = board;
  }

  get chipRuns(): boolean {
    return this.isRunning;
  }

  /** The supply sags: a chip whose radio runs feels it at once. */
  begin(): void {
    if (this.isSagging) return;
    this.isSagging = true;
    if (this.isRunning) this.giveWay();
  }

  /** The supply is whole again. A chip that undervoltage holds starts when the rail is back. */
  end(): void {
    this.isSagging = false;
    if (this.isRunning) this.stopWaiting();
  }

  /** The supply is switched off: there is nothing to wait for. */
  cut(): void {
    this.isSagging = false;
    this.stopWaiting();
  }

  chipStarted(): void {
    this.isRunning = true;
    if (this.isSagging) this.after(RADIO_STARTS_US, RADIO_SPREAD_US, 'radio starts', () => this.giveWay());
  }

  /** Power is gone, or reset is held. */
  chipStopped(): void {
    this.isRunning = false;
    this.stopWaiting();
  }

  private giveWay(): void {
    this.board.powerOff();
    this.after(RECHARGE_US, RECHARGE_SPREAD_US, 'rail recovers', () => this.board.powerOn());
  }

  private after(leastUs: number, spreadUs: number, name: string, act: () => void): void {
    this.stopWaiting();
    const delay = us(leastUs + this.random.integer(0, spreadUs));
    this.timer = this.clock.at(name, later(this.clock.now(), delay), act);
  }

  private stopWaiting(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}

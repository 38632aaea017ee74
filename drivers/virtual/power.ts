/** The board's supply: a switch, and a rail that follows it with a voltmeter of its own. */
import type { PowerSwitch } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { elapsed, type InstantUs } from '../../rig/time/units.js';

const SUPPLY_VOLTS = 3.3;
/** The rail falls as its capacitors are drained by the board: about 100 µF and 80 mA at 3.3 V. */
const DISCHARGE_TIME_US = 4_000;

export interface PoweredBoard {
  powerOn(): void;
  powerOff(): void;
}

export class VirtualPower implements PowerSwitch {
  private readonly clock: Clock;
  private readonly board: PoweredBoard;
  private isOn = false;
  private switchedUs: InstantUs | undefined;

  constructor(clock: Clock, board: PoweredBoard) {
    this.clock = clock;
    this.board = board;
  }

  async off(): Promise<void> {
    if (!this.isOn) return;
    this.isOn = false;
    this.switchedUs = this.clock.now();
    this.board.powerOff();
  }

  async on(): Promise<void> {
    if (this.isOn) return;
    this.isOn = true;
    this.switchedUs = this.clock.now();
    this.board.powerOn();
  }

  async rail(): Promise<{ kind: 'voltmeter'; volts: number }> {
    return { kind: 'voltmeter', volts: this.volts() };
  }

  private volts(): number {
    if (this.isOn) return SUPPLY_VOLTS;
    if (this.switchedUs === undefined) return 0;
    return SUPPLY_VOLTS * Math.exp(-elapsed(this.switchedUs, this.clock.now()) / DISCHARGE_TIME_US);
  }
}

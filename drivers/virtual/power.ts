/** The board's supply: a switch that can also sag, and a rail that follows it with a voltmeter of its own. */
import type { GuardedLine } from '../../rig/device/guarded-line.js';
import type { PowerSwitch } from '../../rig/ports.js';
import type { Random } from '../../rig/random.js';
import type { Clock } from '../../rig/time/clock.js';
import { elapsed, type InstantUs } from '../../rig/time/units.js';
import { BrownOut } from './brown-out.js';
import { type Feed, railVolts, type SupplyState } from './rail.js';

export interface PoweredBoard {
  powerOn(): void;
  powerOff(): void;
}

export interface VirtualPowerOptions {
  readonly clock: Clock;
  readonly board: PoweredBoard;
  readonly random: Random;
  /** What feeds the board while its supply is off; nothing unless told. */
  readonly feeds?: () => readonly Feed[];
  /** A line into the board, let go of while the supply is off. */
  readonly line?: GuardedLine;
}

export class VirtualPower implements PowerSwitch {
  private readonly options: VirtualPowerOptions;
  private readonly brownOut: BrownOut;
  private state: SupplyState = 'off';
  private offUs: InstantUs | undefined;

  constructor(options: VirtualPowerOptions) {
    this.options = options;
    this.brownOut = new BrownOut(options.clock, options.random, options.board);
  }

  async off(): Promise<void> {
    if (this.state === 'off') return;
    const { clock, board, line } = this.options;
    await line?.hold();
    this.state = 'off';
    this.offUs = clock.now();
    this.brownOut.cut();
    board.powerOff();
  }

  async on(): Promise<void> {
    if (this.state === 'on') return;
    if (this.state === 'sagging') this.brownOut.end();
    else this.options.board.powerOn();
    this.state = 'on';
    await this.options.line?.resume();
  }

  async sag(): Promise<void> {
    if (this.state === 'off') await this.on();
    this.state = 'sagging';
    this.brownOut.begin();
  }

  async rail(): Promise<{ kind: 'voltmeter'; volts: number }> {
    const { clock, feeds = () => [] } = this.options;
    const sinceOff = this.offUs === undefined ? undefined : elapsed(this.offUs, clock.now());
    return { kind: 'voltmeter', volts: railVolts(this.state, this.brownOut.chipRuns, sinceOff, feeds()) };
  }

  /** The chip starts: on a supply that sags, not for long. */
  chipStarted(): void {
    this.brownOut.chipStarted();
  }

  chipStopped(): void {
    this.brownOut.chipStopped();
  }
}

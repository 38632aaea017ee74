/** The lowest that an instrument on the supply rail shows while the supply is weak. */
import type { PowerSwitch, RailReading } from '../ports.js';
import { isRailOff } from './rail.js';

export class RailWatch {
  private readonly power: PowerSwitch;
  private lowest: RailReading | undefined;

  constructor(power: PowerSwitch) {
    this.power = power;
  }

  async look(): Promise<void> {
    const reading = await this.power.rail();
    if (reading === undefined) return;
    const isLower =
      this.lowest === undefined ||
      (reading.kind === 'voltmeter'
        ? this.lowest.kind === 'voltmeter' && reading.volts < this.lowest.volts
        : !reading.isUp);
    if (isLower) this.lowest = reading;
  }

  /** For the end of a sentence; empty without a voltmeter. */
  text(): string {
    return this.lowest?.kind === 'voltmeter' ? `, on a rail of ${this.lowest.volts.toFixed(2)} V` : '';
  }

  /** Why a supply that was to sag did not make the device start again and again. */
  whyNoLoop(): string {
    if (this.lowest !== undefined && isRailOff(this.lowest)) {
      return 'the rail went off, which is a power cut; let it sag less deep';
    }
    return `the device did not start again and again${this.text()}; let the supply sag deeper, or for longer`;
  }
}

/**
 * Keeps the host from feeding a device whose supply is off: a high line feeds it through the protection diodes of its
 * pins, and the rail never falls. While the supply is off, what is written to the line is remembered, not driven.
 */
import type { Level, OutputLine, PowerSwitch, RailReading } from '../../rig/ports.js';

/** Line and supply, each knowing of the other. */
export interface Guarded {
  readonly syn: OutputLine;
  readonly power: PowerSwitch;
}

export function guardLine(syn: OutputLine, power: PowerSwitch): Guarded {
  const line = new GuardedLine(syn);
  return { syn: line, power: new GuardingSwitch(power, line) };
}

class GuardedLine implements OutputLine {
  private readonly line: OutputLine;
  private wanted: Level | undefined;
  private isHeld = false;

  constructor(line: OutputLine) {
    this.line = line;
  }

  async write(level: Level): Promise<void> {
    this.wanted = level;
    if (!this.isHeld) await this.line.write(level);
  }

  async release(): Promise<void> {
    this.wanted = undefined;
    await this.line.release();
  }

  /** Lets go of the line, whatever is written, until `resume`. */
  async hold(): Promise<void> {
    this.isHeld = true;
    await this.line.release();
  }

  async resume(): Promise<void> {
    this.isHeld = false;
    if (this.wanted !== undefined) await this.line.write(this.wanted);
  }
}

class GuardingSwitch implements PowerSwitch {
  private readonly power: PowerSwitch;
  private readonly line: GuardedLine;

  constructor(power: PowerSwitch, line: GuardedLine) {
    this.power = power;
    this.line = line;
  }

  async off(): Promise<void> {
    await this.line.hold();
    await this.power.off();
  }

  async on(): Promise<void> {
    await this.power.on();
    await this.line.resume();
  }

  rail(): Promise<RailReading | undefined> {
    return this.power.rail();
  }
}

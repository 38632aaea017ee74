/**
 * What a bench does about a supply that is switched. Without power, nothing is driven into the device: a high line feeds
 * it through the protection diodes of its pins, and the rail never falls. While power comes back, reset is held, so that
 * the device starts on a steady rail, once.
 */
import type { BenchPorts, Level, OutputLine, PowerSwitch, RailReading } from '../../rig/ports.js';
import { GuardedTarget } from './guarded-target.js';
import type { SupplyAwareReset } from './reset.js';

/** The ports of a bench that depend on the supply, and the supply. */
export interface SuppliedPorts {
  readonly syn: OutputLine;
  readonly i2c: BenchPorts['i2c'];
  readonly reset?: SupplyAwareReset | undefined;
  readonly power?: PowerSwitch | undefined;
}

/** How the supply is left between runs, and so how it is found. */
export type SupplyAtRest = 'on' | 'off';

/** The same ports, each knowing of the supply. Without a switch they are what they were. */
export function guardSupply({ syn, i2c, reset, power }: SuppliedPorts, atRest: SupplyAtRest = 'on') {
  if (power === undefined) return { syn, i2c };
  const line = new GuardedLine(syn);
  const target = i2c.role === 'target' ? new GuardedTarget(i2c) : undefined;
  return {
    syn: line,
    i2c: target ?? i2c,
    power: new GuardingSwitch(power, { line, target, reset }, atRest === 'on'),
  };
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

  /** Lets go of the line; what is written until `resume` is remembered, not driven. */
  async hold(): Promise<void> {
    this.isHeld = true;
    await this.line.release();
  }

  async resume(): Promise<void> {
    this.isHeld = false;
    if (this.wanted !== undefined) await this.line.write(this.wanted);
  }
}

interface Guards {
  readonly line: GuardedLine;
  readonly target: GuardedTarget | undefined;
  readonly reset: SupplyAwareReset | undefined;
}

class GuardingSwitch implements PowerSwitch {
  private readonly power: PowerSwitch;
  private readonly guards: Guards;
  private isOn: boolean;

  constructor(power: PowerSwitch, guards: Guards, isOn: boolean) {
    this.power = power;
    this.guards = guards;
    this.isOn = isOn;
  }

  /** The bus stays as it is until the supply is gone: a cut may hit the middle of an exchange, and is to. */
  async off(): Promise<void> {
    const { line, target, reset } = this.guards;
    this.isOn = false;
    await line.hold();
    reset?.goDown();
    await this.power.off();
    await target?.hold();
  }

  /** Rejects with `BENCH` also when reset is not let go of because a bus line is low. */
  async on(): Promise<void> {
    const { line, target, reset } = this.guards;
    if (this.isOn || reset === undefined) await this.power.on();
    else {
      // The reset may look at the bus by the very pins of the target.
      await target?.hold();
      await reset.comeUp(() => this.power.on());
    }
    this.isOn = true;
    await target?.resume();
    await line.resume();
  }

  rail(): Promise<RailReading | undefined> {
    return this.power.rail();
  }
}

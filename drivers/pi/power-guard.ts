/**
 * What a bench does about a supply that is switched. Without power, nothing is driven into the device: a high line feeds
 * it through the protection diodes of its pins, and the rail never falls. While power comes back, reset is held, so that
 * the device starts on a steady rail, once.
 */
import { GuardedLine } from '../../rig/device/guarded-line.js';
import type { BenchPorts, OutputLine, PowerSwitch, RailReading } from '../../rig/ports.js';
import { GuardedTarget } from './guarded-target.js';
import type { SupplyAwareReset } from './reset.js';

/** A supply that the device's reset and the lines into the device know of: those given to `line` and `bus`. */
export class GuardedSupply implements PowerSwitch {
  private readonly power: PowerSwitch;
  private readonly reset: SupplyAwareReset | undefined;
  private isOn: boolean;
  private syn: GuardedLine | undefined;
  private target: GuardedTarget | undefined;

  /** `atRest`: how the supply is left between runs, and so how it is found. */
  constructor(power: PowerSwitch, reset: SupplyAwareReset | undefined, atRest: 'on' | 'off' = 'on') {
    this.power = power;
    this.reset = reset;
    this.isOn = atRest === 'on';
  }

  /** The line, not driven while the supply is off. */
  line(syn: OutputLine): OutputLine {
    this.syn = new GuardedLine(syn);
    return this.syn;
  }

  /** The host's end of the bus; a target is off while the supply is. */
  bus(i2c: BenchPorts['i2c']): BenchPorts['i2c'] {
    if (i2c.role === 'controller') return i2c;
    this.target = new GuardedTarget(i2c);
    return this.target;
  }

  /** The bus stays as it is until the supply is gone: a cut may hit the middle of an exchange, and is to. */
  async off(): Promise<void> {
    this.isOn = false;
    await this.syn?.hold();
    this.reset?.goDown();
    await this.power.off();
    await this.target?.hold();
  }

  /** Rejects with `BENCH` also when reset is not let go of because a bus line is low. */
  async on(): Promise<void> {
    if (this.isOn || this.reset === undefined) await this.power.on();
    else {
      // The reset may look at the bus by the very pins of the target.
      await this.target?.hold();
      await this.reset.comeUp(() => this.power.on());
    }
    this.isOn = true;
    await this.target?.resume();
    await this.syn?.resume();
  }

  rail(): Promise<RailReading | undefined> {
    return this.power.rail();
  }

  /** Where the switch can: the lines stay driven and reset is let alone, since the device is to starve by itself. */
  get sag(): PowerSwitch['sag'] {
    return this.power.sag?.bind(this.power);
  }
}

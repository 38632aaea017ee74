/**
 * Tells the console of every boot that the bench is about to cause, before it causes it: the ROM prints its message at
 * a rate of its own, milliseconds after reset is released or power returns.
 */
import type { BenchPorts, PowerSwitch, RailReading, ResetButton, UartConsole } from '../ports.js';
import { type DurationUs, seconds, us } from '../time/units.js';

/**
 * From the release of reset, or the return of power, to the end of the ROM's message. The ROM needs some tens of
 * milliseconds, a supply and a USB adapter add some; nobody states a figure, so this is generous.
 */
export const ROM_WINDOW: DurationUs = seconds(1);

/**
 * The same ports, with reset and power announced to the console. `ramp`: how long the supply takes to come up, where reset
 * is held until then.
 */
export function announceBoots(ports: BenchPorts, ramp: DurationUs = us(0)): BenchPorts {
  const { console, reset, power } = ports;
  if (console === undefined) return ports;
  return {
    ...ports,
    ...(reset !== undefined && { reset: new AnnouncedReset(reset, console) }),
    ...(power !== undefined && { power: new AnnouncedPower(power, console, us(ROM_WINDOW + ramp)) }),
  };
}

/** The part of a console that is told of a boot. */
type RomListener = Pick<UartConsole, 'expectRom'>;

/** A console that fails tells so by itself; it must not keep a device in reset or without power. */
const announce = (console: RomListener, within: DurationUs): Promise<void> =>
  console.expectRom(within).catch(() => undefined);

export class AnnouncedReset implements ResetButton {
  private readonly reset: ResetButton;
  private readonly console: UartConsole;

  constructor(reset: ResetButton, console: UartConsole) {
    this.reset = reset;
    this.console = console;
  }

  async press(pulse: DurationUs): Promise<void> {
    await announce(this.console, us(pulse + ROM_WINDOW));
    await this.reset.press(pulse);
  }

  release(): Promise<void> {
    return this.reset.release();
  }
}

export class AnnouncedPower implements PowerSwitch {
  private readonly power: PowerSwitch;
  private readonly console: RomListener;
  /** From the switch to the end of the ROM's message. */
  private readonly window: DurationUs;
  /** A switch that is on already boots nothing, and its device prints at the firmware's rate. */
  private isOn = false;

  constructor(power: PowerSwitch, console: RomListener, window: DurationUs) {
    this.power = power;
    this.console = console;
    this.window = window;
  }

  async off(): Promise<void> {
    this.isOn = false;
    await this.power.off();
  }

  async on(): Promise<void> {
    if (!this.isOn) await announce(this.console, this.window);
    await this.power.on();
    this.isOn = true;
  }

  /** Where the switch can: the device boots from now on, and once more when the supply is whole. */
  get sag(): PowerSwitch['sag'] {
    const sag = this.power.sag?.bind(this.power);
    if (sag === undefined) return undefined;
    return async () => {
      this.isOn = false;
      await announce(this.console, this.window);
      await sag();
    };
  }

  rail(): Promise<RailReading | undefined> {
    return this.power.rail();
  }
}

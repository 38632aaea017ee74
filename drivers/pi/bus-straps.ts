/**
 * The bus lines as boot straps: the levels that an ESP8266 would find when reset is released, and freeing a bus that
 * something holds low (docs/protocol.md §1; UM10204, the I2C specification, §3.1.16).
 */
import type { ResetSection } from '../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../rig/bench-file/values.js';
import { bootModeOfBus, describeBootMode } from '../../rig/device/boot-mode.js';
import { RigError } from '../../rig/errors.js';
import type { Level } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import { ms } from '../../rig/time/units.js';
import type { Opened } from './device.js';
import type { OpenDrainLine } from './gpio/pin.js';

export type OpenLine = (config: LineConfig, name: string) => Promise<Opened<OpenDrainLine>>;

type Straps = NonNullable<ResetSection['straps']>;

interface Bus {
  readonly scl: OpenDrainLine;
  readonly sda: OpenDrainLine;
}

/** A device that sends a byte of zeros and the acknowledge bit lets go of SDA within nine clocks (UM10204 §3.1.16). */
const CLOCK_PULSES = 9;
/** How often it is tried; a line that is low only because it rises slowly is high the next time. */
const ATTEMPTS = 3;
/** Half a clock. I2C has no lower limit, SMBus devices give up a clock that is low for 25 ms (SMBus 3.1, T_timeout). */
const HALF_CLOCK = ms(1);

export class BusStraps {
  private readonly straps: Straps;
  private readonly clock: Clock;
  private readonly open: OpenLine;

  constructor(straps: Straps, clock: Clock, open: OpenLine) {
    this.straps = straps;
    this.clock = clock;
    this.open = open;
  }

  /** Rejects with `BENCH` and the reason when one of the two lines cannot be had. */
  async check(): Promise<void> {
    await this.withBus(async () => undefined);
  }

  /**
   * Resolves when both lines are high, after freeing the bus where that is needed. Rejects with `BENCH`, and what the board
   * would do, when one stays low. The lines are held only meanwhile: the bus itself may be on the same pins.
   */
  async free(): Promise<void> {
    await this.withBus(async (bus) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        if (await isFree(bus)) return;
        // With SCL low nothing can be clocked; it may be on its way up.
        if ((await bus.scl.read()) === 1) await this.clockFree(bus);
        else await this.halfClock();
      }
      if (!(await isFree(bus))) throw stuck(await bus.scl.read(), await bus.sda.read());
    });
  }

  private async clockFree({ scl, sda }: Bus): Promise<void> {
    for (let pulse = 0; pulse < CLOCK_PULSES && (await sda.read()) === 0; pulse += 1) {
      await scl.pull();
      await this.halfClock();
      await scl.release();
      await this.halfClock();
    }
    if ((await sda.read()) === 1) await this.stopCondition({ scl, sda });
  }

  /** SDA rises while SCL is high: every device forgets what it was doing. */
  private async stopCondition({ scl, sda }: Bus): Promise<void> {
    await scl.pull();
    await sda.pull();
    await this.halfClock();
    await scl.release();
    await this.halfClock();
    await sda.release();
    await this.halfClock();
  }

  private halfClock(): Promise<void> {
    return this.clock.sleep('freeing the bus', HALF_CLOCK);
  }

  private async withBus(use: (bus: Bus) => Promise<void>): Promise<void> {
    const scl = await this.open(this.straps.scl, 'scl');
    try {
      const sda = await this.open(this.straps.sda, 'sda');
      try {
        await use({ scl, sda });
      } finally {
        await sda.close();
      }
    } finally {
      await scl.close();
    }
  }
}

async function isFree({ scl, sda }: Bus): Promise<boolean> {
  return (await scl.read()) === 1 && (await sda.read()) === 1;
}

function stuck(scl: Level, sda: Level): RigError {
  const mode = bootModeOfBus(scl, sda);
  const low = [scl === 0 ? 'SCL' : '', sda === 0 ? 'SDA' : ''].filter((name) => name !== '').join(' and ');
  const tried =
    scl === 0 ? 'With SCL low it cannot be clocked free.' : 'Clocking SCL did not make it let go.';
  return new RigError(
    'BENCH',
    `Reset is not released: ${low} of the bus reads low. With boot mode ${mode} an ESP8266 does not run: ` +
      `${describeBootMode(mode)}. ${tried} Check both pull-ups to 3.3 V, look for a short, and for another device ` +
      'that holds the bus.',
  );
}

/**
 * The device's reset pin, open drain on a line of the host. Where the bench file names the straps, reset is not released
 * by a press while a bus line is low: the device would not start its firmware (docs/protocol.md §1).
 */
import type { ResetSection } from '../../rig/bench-file/bench-file.js';
import { isRigError, RigError } from '../../rig/errors.js';
import type { OpenDrainLine, ResetButton } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import type { DurationUs } from '../../rig/time/units.js';
import { BusStraps, type OpenLine } from './bus-straps.js';
import type { Opened } from './device.js';
import { openOpenDrainLine } from './gpio/open-lines.js';

/** A reset button that knows whether its device has power. */
export interface SupplyAwareReset extends ResetButton {
  /**
   * The supply is being cut. Until `comeUp` has brought it back, a press pulls the pin and leaves it low: the pull-ups of
   * the bus hang on the same supply, so that its lines tell nothing.
   */
  goDown(): void;
  /** Holds reset while `ramp` brings the supply up, then looks at the bus and lets go, or refuses, as a press does. */
  comeUp(ramp: () => Promise<void>): Promise<void>;
}

/**
 * Rejects with `BENCH` and the reason when a line cannot be had. Reset is left alone until the first press; a pin that an
 * earlier process left low is let go.
 */
export async function openReset(
  section: ResetSection,
  clock: Clock,
  open: OpenLine = openOpenDrainLine,
): Promise<Opened<SupplyAwareReset>> {
  const straps = section.straps === undefined ? undefined : new BusStraps(section.straps, clock, open);
  await straps?.check();
  return new OpenDrainReset(await open(section, 'reset'), clock, straps);
}

class OpenDrainReset implements Opened<SupplyAwareReset> {
  private readonly line: Opened<OpenDrainLine>;
  private readonly clock: Clock;
  private readonly straps: BusStraps | undefined;
  /** Presses under way: the pin is low until the last of them ends. */
  private readonly presses = new Set<AbortController>();
  private hasSupply = true;
  private closed = false;

  constructor(line: Opened<OpenDrainLine>, clock: Clock, straps: BusStraps | undefined) {
    this.line = line;
    this.clock = clock;
    this.straps = straps;
  }

  /** Rejects with `BENCH`, and leaves the device in reset, when a bus line is low and cannot be freed. */
  press(pulse: DurationUs): Promise<void> {
    return this.holdDuring((signal) => this.clock.sleep('reset pulse', pulse, signal));
  }

  goDown(): void {
    this.hasSupply = false;
  }

  comeUp(ramp: () => Promise<void>): Promise<void> {
    return this.holdDuring(async () => {
      await ramp();
      this.hasSupply = true;
    });
  }

  private async holdDuring(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const press = new AbortController();
    this.presses.add(press);
    try {
      await this.line.pull();
      await work(press.signal);
      if (this.mayLetGo(press)) await this.freeBus();
      if (this.mayLetGo(press)) await this.line.release();
    } catch (error) {
      if (!isRigError(error, 'CANCELLED')) throw error;
    } finally {
      this.presses.delete(press);
    }
    if (this.closed) throw new RigError('CLOSED', 'The reset line is closed.');
  }

  /**
   * Ends every press. It lets go even with a bus line low: it is how a bench is left, a device held in reset for ever is
   * no better off than one that waits in its bootloader, and the next press looks at the lines again.
   */
  async release(): Promise<void> {
    this.endPresses();
    await this.line.release();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.endPresses();
    await this.line.close();
  }

  private async freeBus(): Promise<void> {
    try {
      await this.straps?.free();
    } catch (error) {
      // What was seen of the bus was seen while its supply went away.
      if (this.hasSupply) throw error;
    }
  }

  /** False without power, and when the press has been ended, or another one still holds the pin. */
  private mayLetGo(press: AbortController): boolean {
    return this.hasSupply && this.presses.has(press) && this.presses.size === 1;
  }

  private endPresses(): void {
    for (const press of this.presses) press.abort();
    this.presses.clear();
  }
}

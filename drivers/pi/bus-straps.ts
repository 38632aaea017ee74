/** The two bus lines of a bench, held only while they are looked at: the bus itself may be on the same pins. */
import type { ResetSection } from '../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../rig/bench-file/values.js';
import { freeBus } from '../../rig/device/free-bus.js';
import type { BusLines, Level, OpenDrainLine } from '../../rig/ports.js';
import type { Clock } from '../../rig/time/clock.js';
import type { Opened } from './device.js';

export type OpenLine = (config: LineConfig, name: string) => Promise<Opened<OpenDrainLine>>;

type Straps = NonNullable<ResetSection['straps']>;

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

  /** As `freeBus`. */
  async free(): Promise<void> {
    await this.withBus((bus) => freeBus(bus, this.clock));
  }

  private async withBus(use: (bus: BusLines) => Promise<void>): Promise<void> {
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

/** One of them by itself, open from `pull` to `release`, and while it is read. */
class StrapLine implements OpenDrainLine {
  private readonly openLine: () => Promise<Opened<OpenDrainLine>>;
  private held: Opened<OpenDrainLine> | undefined;

  constructor(openLine: () => Promise<Opened<OpenDrainLine>>) {
    this.openLine = openLine;
  }

  async pull(): Promise<void> {
    this.held ??= await this.openLine();
    await this.held.pull();
  }

  async release(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    await held?.close();
  }

  async read(): Promise<Level> {
    if (this.held !== undefined) return await this.held.read();
    const line = await this.openLine();
    try {
      return await line.read();
    } finally {
      await line.close();
    }
  }
}

/** The bus lines as a bench offers them to whoever does something to the boot straps. */
export function strapLines(straps: Straps, open: OpenLine): Opened<BusLines> {
  const scl = new StrapLine(() => open(straps.scl, 'scl'));
  const sda = new StrapLine(() => open(straps.sda, 'sda'));
  const close = async () => {
    await scl.release().finally(() => sda.release());
  };
  return { scl, sda, close };
}

/** The instrument on the device's rail, whichever the bench file names. */
import type { SenseSection } from '../../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import type { InputLine, RailReading } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { Opened } from '../device.js';
import { hostBuses, type I2cBuses } from '../i2c/shared-bus.js';
import { ina219, ina226 } from './ina.js';
import { openInaSense } from './ina-sense.js';

export interface RailSense {
  /** The rail now. Rejects with `BENCH` when the instrument does not answer. */
  rail(): Promise<RailReading>;
}

export interface RailSenseParts {
  /** Opens the input of a comparator. */
  readonly openInputLine: (config: LineConfig, name: string, clock: Clock) => Promise<Opened<InputLine>>;
  readonly buses?: I2cBuses;
}

/** Opens the instrument and makes sure that it is the one named. Rejects with `BENCH`. */
export async function openRailSense(
  section: SenseSection,
  clock: Clock,
  { openInputLine, buses = hostBuses }: RailSenseParts,
): Promise<Opened<RailSense>> {
  switch (section.driver) {
    case 'ina219':
      return await openInaSense(ina219, section, clock, buses);
    case 'ina226':
      return await openInaSense(ina226, section, clock, buses);
    case 'comparator':
      return comparatorSense(await openInputLine(section.rail, 'rail sense', clock));
  }
}

/**
 * An input that is high while the rail is up. It tells no voltage: what it calls down is below its threshold, which for a
 * plain pin of a Pi is somewhere between 0.8 V and 2 V.
 */
function comparatorSense(line: Opened<InputLine>): Opened<RailSense> {
  return {
    rail: async () => ({ kind: 'comparator', isUp: (await line.read()) === 1 }),
    close: () => line.close(),
  };
}

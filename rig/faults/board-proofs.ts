/** Proofs that something happened to the board itself: what its rail shows, and what its ROM prints. */
import type { PowerSwitch, RailReading } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, type InstantUs, later, ms, seconds } from '../time/units.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import { fallText, isRailOff, stayText } from './rail.js';
import { unproved } from './unproved.js';

/** The ROM prints its message within 100 ms of the release of reset; USB serial adapters add some. */
export const ROM_MESSAGE_LIMIT: DurationUs = seconds(2);
const RAIL_FALL_LIMIT: DurationUs = seconds(2);
const POLL: DurationUs = ms(5);

/** What the rest of the rig has seen of the board. */
export interface BoardSightings {
  /** When the console last showed a ROM message, and the cause that it gave. */
  lastRom(): { readonly atUs: InstantUs; readonly cause: number } | undefined;
}

export interface BoardProofsOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly sightings: BoardSightings;
  readonly signal: AbortSignal;
}

export class BoardProofs {
  private readonly options: BoardProofsOptions;

  constructor(options: BoardProofsOptions) {
    this.options = options;
  }

  /** The rail falls, by an instrument other than the switch. */
  async railOff(fault: ActiveFault, power: PowerSwitch): Promise<void> {
    const { clock, log, signal } = this.options;
    const limit = later(clock.now(), RAIL_FALL_LIMIT);
    let reading: RailReading | undefined;
    while (clock.now() < limit) {
      reading = await power.rail();
      if (reading === undefined) {
        throw unproved(
          fault,
          'the bench has no instrument on the supply rail; add a sense to its power section',
        );
      }
      if (isRailOff(reading)) {
        log.proved(fault, fallText(reading));
        return;
      }
      await clock.sleep('fault', POLL, signal);
    }
    throw unproved(fault, `${stayText(reading)}; look for back-feeding through signal lines`);
  }

  /** The ROM prints its message after a reset. */
  async romMessage(fault: ActiveFault): Promise<void> {
    const { clock, log, sightings, signal } = this.options;
    const limit = later(clock.now(), ROM_MESSAGE_LIMIT);
    while (clock.now() < limit) {
      const rom = sightings.lastRom();
      if (rom !== undefined && rom.atUs >= fault.injectedUs) {
        log.proved(fault, `the ROM printed rst cause:${rom.cause}`);
        return;
      }
      await clock.sleep('fault', POLL, signal);
    }
    throw unproved(fault, 'no ROM message was seen on the console; check the reset wire and the console');
  }
}

/**
 * The board's supply rail, as a voltmeter on it shows it: on, sagging, falling after it was switched off, and where it
 * comes to rest. Off is not always 0 V: what the host leaves high feeds the board through the protection diodes of its pins.
 */
import { type DurationUs, us } from '../../rig/time/units.js';

export const SUPPLY_VOLTS = 3.3;
/** The rail falls as its capacitors are drained by the board: about 100 µF and 80 mA at 3.3 V. */
const DISCHARGE_TIME: DurationUs = us(4_000);

/** Under load, of a supply that sags; 2.5 V is the least that the chip runs on (ESP8266EX datasheet, operating voltage). */
const SAGGING_VOLTS = 2.7;
/** The same supply while undervoltage holds the chip: nothing draws on it. */
const UNLOADED_VOLTS = 3.0;

/**
 * What is fed into a board without supply, and where its rail then stays. No figure is documented, and boards differ. A
 * push-pull output is good for some mA behind a diode, which drops 0.6 V; what hangs on the rail takes more of it. Two
 * pull-ups of 4.7 kΩ give 1 mA together.
 */
const FED_VOLTS = { output: 1.8, 'pull-up': 0.9 } as const;

/** What feeds a board whose supply is off. */
export type Feed = keyof typeof FED_VOLTS;

export type SupplyState = 'on' | 'off' | 'sagging';

/** `sinceOff`: how long the supply has been off; undefined when it never was on. */
export function railVolts(
  state: SupplyState,
  chipRuns: boolean,
  sinceOff: DurationUs | undefined,
  feeds: readonly Feed[],
): number {
  if (state === 'on') return SUPPLY_VOLTS;
  if (state === 'sagging') return chipRuns ? SAGGING_VOLTS : UNLOADED_VOLTS;
  const restVolts = Math.max(0, ...feeds.map((feed) => FED_VOLTS[feed]));
  if (sinceOff === undefined) return restVolts;
  return restVolts + (SUPPLY_VOLTS - restVolts) * Math.exp(-sinceOff / DISCHARGE_TIME);
}

/**
 * The bus lines as boot straps: whether an ESP8266 would find them high when reset is released, and freeing a bus that
 * something holds low (docs/protocol.md §1; UM10204, the I2C specification, §3.1.16).
 */
import { RigError } from '../errors.js';
import type { BusLines, Level } from '../ports.js';
import type { Clock } from '../time/clock.js';
import { ms } from '../time/units.js';
import { bootModeOfBus, describeBootMode } from './boot-mode.js';

/** A device that sends a byte of zeros and the acknowledge bit lets go of SDA within nine clocks (UM10204 §3.1.16). */
const CLOCK_PULSES = 9;
/** How often it is tried; a line that is low only because it rises slowly is high the next time. */
const ATTEMPTS = 3;
/** Half a clock. I2C has no lower limit, SMBus devices give up a clock that is low for 25 ms (SMBus 3.1, T_timeout). */
const HALF_CLOCK = ms(1);

/**
 * Resolves when both lines are high, after freeing the bus where that is needed. Rejects with `BENCH`, and what the board
 * would do, when one stays low.
 */
export async function freeBus(bus: BusLines, clock: Clock): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await isFree(bus)) return;
    // With SCL low nothing can be clocked; it may be on its way up.
    if ((await bus.scl.read()) === 1) await clockFree(bus, clock);
    else await halfClock(clock);
  }
  if (!(await isFree(bus))) throw stuck(await bus.scl.read(), await bus.sda.read());
}

async function clockFree({ scl, sda }: BusLines, clock: Clock): Promise<void> {
  for (let pulse = 0; pulse < CLOCK_PULSES && (await sda.read()) === 0; pulse += 1) {
    await scl.pull();
    await halfClock(clock);
    await scl.release();
    await halfClock(clock);
  }
  if ((await sda.read()) === 1) await stopCondition({ scl, sda }, clock);
}

/** SDA rises while SCL is high: every device forgets what it was doing. */
async function stopCondition({ scl, sda }: BusLines, clock: Clock): Promise<void> {
  await scl.pull();
  await sda.pull();
  await halfClock(clock);
  await scl.release();
  await halfClock(clock);
  await sda.release();
  await halfClock(clock);
}

function halfClock(clock: Clock): Promise<void> {
  return clock.sleep('freeing the bus', HALF_CLOCK);
}

async function isFree({ scl, sda }: BusLines): Promise<boolean> {
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

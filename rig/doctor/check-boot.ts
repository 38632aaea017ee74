/** Does the device boot, by its ROM's own word? It is reset, or power-cycled where there is no reset wire. */
import { BOOT_FROM_FLASH, describeBootMode } from '../device/boot-mode.js';
import { watchBoot } from '../device/boot-watch.js';
import { isRigError, messageOf } from '../errors.js';
import { ROM_MESSAGE_LIMIT } from '../faults/board-proofs.js';
import { DEFAULT_RESET_PULSE } from '../link/client-options.js';
import type { RomMessage } from '../run/console-watch.js';
import { seconds, us } from '../time/units.js';
import { type Finding, failed, ok, skipped } from './finding.js';
import { missing, type Patient } from './patient.js';

/** Long enough for every capacitor of a small board. */
const POWER_OFF_TIME = seconds(1);
/** The most that a bench file gives a supply to settle. */
const SLOWEST_SUPPLY = seconds(10);

export async function checkBoot(patient: Patient): Promise<Finding> {
  const device = patient.ports.reset === undefined ? 'power, console' : 'reset, console';
  if (patient.board !== 'esp8266')
    return skipped(device, 'not tried: only the ROM message of an ESP8266 is known');
  const { reset, power, console } = patient.ports;
  if (console === undefined || (reset === undefined && power === undefined)) {
    return missing(patient, device, ['console', 'reset']) ?? skipped(device, 'not tried');
  }
  const pulse = patient.resetPulseUs ?? DEFAULT_RESET_PULSE;
  const start = reset === undefined ? us(POWER_OFF_TIME + SLOWEST_SUPPLY) : pulse;
  try {
    const boot = await watchBoot(console, patient.clock, us(start + ROM_MESSAGE_LIMIT));
    try {
      if (reset === undefined) await cyclePower(patient);
      else await reset.press(pulse);
      return judge(device, await boot.message(ROM_MESSAGE_LIMIT, patient.signal), boot.heardBytes);
    } finally {
      boot.stop();
    }
  } catch (error) {
    if (isRigError(error, 'CANCELLED')) throw error;
    return failed(device, messageOf(error), 'See the message; then run the doctor again.');
  }
}

async function cyclePower({ ports, clock, signal }: Patient): Promise<void> {
  await ports.power?.off();
  try {
    await clock.sleep('doctor: power off', POWER_OFF_TIME, signal);
  } finally {
    await ports.power?.on();
  }
}

function judge(device: string, rom: RomMessage | undefined, bytes: number): Finding {
  if (rom === undefined && bytes === 0) {
    return failed(
      device,
      'no ROM message, and nothing else on the console',
      'Check the power, the reset wire, and that the board’s TX goes to the adapter’s RX.',
    );
  }
  if (rom === undefined) {
    return failed(
      device,
      `no ROM message, but ${bytes} other bytes on the console`,
      'The ROM speaks at 74,880 baud: check console.romBaud, and that the adapter can do that rate.',
    );
  }
  const said = `the ROM says rst cause:${rom.cause}, boot mode:${rom.mode}`;
  if (rom.mode === BOOT_FROM_FLASH) return ok(device, said);
  return failed(
    device,
    `${said}, with which ${describeBootMode(rom.mode)}`,
    'Boot mode 3 is wanted: check both bus lines, and their pull-ups.',
  );
}

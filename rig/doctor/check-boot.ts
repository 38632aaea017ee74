/** Does the device boot, by its ROM's own word? It is reset, or power-cycled where there is no reset wire. */
import { BOOT_FROM_FLASH } from '../device/boot-mode.js';
import { isRigError, messageOf } from '../errors.js';
import { ROM_MESSAGE_LIMIT } from '../faults/board-proofs.js';
import { DEFAULT_RESET_PULSE } from '../link/client-options.js';
import type { UartConsole } from '../ports.js';
import { ConsoleWatch, type RomMessage } from '../run/console-watch.js';
import { later, ms, seconds } from '../time/units.js';
import { type Finding, failed, ok, skipped } from './finding.js';
import { missing, type Patient } from './patient.js';

const POLL = ms(20);
/** Long enough for every capacitor of a small board. */
const POWER_OFF_TIME = seconds(1);

export async function checkBoot(patient: Patient): Promise<Finding> {
  const device = patient.ports.reset === undefined ? 'power, console' : 'reset, console';
  if (patient.board !== 'esp8266')
    return skipped(device, 'not tried: only the ROM message of an ESP8266 is known');
  const { reset, power, console } = patient.ports;
  if (console === undefined || (reset === undefined && power === undefined)) {
    return missing(patient, device, ['console', 'reset']) ?? skipped(device, 'not tried');
  }
  const boot = watchBoot(console);
  try {
    await console.expectRom(ROM_MESSAGE_LIMIT);
    if (reset === undefined) await cyclePower(patient);
    else await reset.press(patient.resetPulseUs ?? DEFAULT_RESET_PULSE);
    await waitForRom(patient, boot);
  } catch (error) {
    if (isRigError(error, 'CANCELLED')) throw error;
    return failed(device, messageOf(error), 'See the message; then run the doctor again.');
  } finally {
    boot.stop();
  }
  return judge(device, boot);
}

interface Boot {
  readonly rom: RomMessage | undefined;
  readonly bytes: number;
  stop(): void;
}

function watchBoot(console: UartConsole): Boot {
  let rom: RomMessage | undefined;
  let bytes = 0;
  const watch = new ConsoleWatch({
    line: () => undefined,
    rom: (message) => {
      rom = message;
    },
  });
  const stop = console.onChunk((chunk) => {
    bytes += chunk.bytes.length;
    watch.accept(chunk);
  });
  return {
    get rom() {
      return rom;
    },
    get bytes() {
      return bytes;
    },
    stop,
  };
}

async function cyclePower({ ports, clock, signal }: Patient): Promise<void> {
  await ports.power?.off();
  try {
    await clock.sleep('doctor: power off', POWER_OFF_TIME, signal);
  } finally {
    await ports.power?.on();
  }
}

async function waitForRom({ clock, signal }: Patient, boot: Boot): Promise<void> {
  const limit = later(clock.now(), ROM_MESSAGE_LIMIT);
  while (boot.rom === undefined && clock.now() < limit)
    await clock.sleep('doctor: ROM message', POLL, signal);
}

function judge(device: string, { rom, bytes }: Boot): Finding {
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
    `${said}, and so does not start its firmware`,
    'Boot mode 3 is wanted. Mode 1: scl (GPIO0) was low. 0 or 2: sda (GPIO2) was low. Check both lines and pull-ups.',
  );
}

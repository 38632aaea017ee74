/** How the board of a bench file is started in its loader, and anew: opened from the file's sections. */
import type { PhysicalBenchFile, PowerSection, ResetSection } from '../../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../../rig/bench-file/values.js';
import type { OpenDrainLine, PowerSwitch, ResetButton } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import type { Device, Opened } from '../device.js';
import type { SerialConsole } from '../serial/console.js';
import type { ModemPipe } from '../serial/pipe.js';
import {
  type BootControl,
  byHand,
  byLines,
  byModemLines,
  POWER_OFF_TIME,
  RESET_PULSE,
} from './boot-control.js';

/** What opens the parts of a bench that start a board. */
export interface StartDrivers {
  openLine(config: LineConfig, name: string): Promise<Opened<OpenDrainLine>>;
  openReset(section: ResetSection): Promise<Opened<ResetButton>>;
  openPower(section: PowerSection): Promise<Opened<PowerSwitch>>;
}

type StartSections = Pick<PhysicalBenchFile, 'console' | 'reset' | 'power'>;

/** Rejects with `BENCH` when a line cannot be had. What it opened is closed with it. */
export async function openBootControl(
  { console, reset, power }: StartSections,
  pipe: ModemPipe,
  clock: Clock,
  drivers: StartDrivers,
): Promise<BootControl & Device> {
  if (console?.modemLines === 'dtr-rts') return withDevices(byModemLines(pipe, clock), []);
  if (reset?.straps !== undefined) {
    const resetLine = await drivers.openLine(reset, 'reset');
    const scl = await closingOnError(drivers.openLine(reset.straps.scl, 'scl'), [resetLine]);
    return withDevices(byLines(resetLine, scl, clock), [scl, resetLine]);
  }
  if (reset !== undefined) {
    const button = await drivers.openReset(reset);
    return withDevices(byHand({ reset: button }, clock), [button]);
  }
  if (power === undefined) return withDevices(byHand({}, clock), []);
  const supply = await drivers.openPower(power);
  return withDevices(byHand({ power: supply }, clock), [supply]);
}

export interface Restart extends Device {
  /** Undefined where the bench has neither reset nor supply. */
  readonly restart: (() => Promise<void>) | undefined;
}

/** What starts the board anew in its firmware: its reset, else its supply. Rejects with `BENCH`. */
export async function openRestart(
  { reset, power }: StartSections,
  { modemReset }: SerialConsole,
  clock: Clock,
  drivers: StartDrivers,
): Promise<Restart> {
  if (reset !== undefined) {
    const button = await drivers.openReset(reset);
    return { restart: () => button.press(reset.pulse), close: () => button.close() };
  }
  if (modemReset !== undefined) {
    return { restart: () => modemReset.press(RESET_PULSE), close: () => Promise.resolve() };
  }
  if (power === undefined) return { restart: undefined, close: () => Promise.resolve() };
  const supply = await drivers.openPower(power);
  const restart = async () => {
    await supply.off();
    await clock.sleep('upload: power off', POWER_OFF_TIME);
    await supply.on();
  };
  return { restart, close: () => supply.close() };
}

const withDevices = (control: BootControl, devices: readonly Device[]): BootControl & Device => ({
  ...control,
  close: () => closeAll(devices),
});

async function closingOnError<T>(opening: Promise<T>, devices: readonly Device[]): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    await closeAll(devices);
    throw error;
  }
}

async function closeAll(devices: readonly Device[]): Promise<void> {
  for (const device of devices) await device.close();
}

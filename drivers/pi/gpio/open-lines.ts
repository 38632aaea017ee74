/** Opens the lines of a bench file, each by the driver that it names. Packages are loaded with the first line. */
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { RigError } from '../../../rig/errors.js';
import type { InputLine, OpenDrainLine, OutputLine } from '../../../rig/ports.js';
import type { SystemClock } from '../../../rig/time/system-clock.js';
import type { Opened } from '../device.js';
import { CharacterDevicePin } from './character-device.js';
import { CharacterDeviceInput } from './character-device-input.js';
import type { Kernel } from './kernel.js';
import { loadKernel } from './libc.js';
import { loadOnoff } from './onoff-package.js';
import { DrivenLine, type Pin } from './pin.js';
import { LinePoller } from './poller.js';
import { SysfsInput } from './sysfs-input.js';
import { type Sysfs, SysfsPin } from './sysfs-line.js';

/** What the drivers stand on; tests put stand-ins here. */
export interface GpioSystem {
  characterDevice(): Promise<{ readonly kernel: Kernel; readonly poller: LinePoller }>;
  sysfs(): Promise<Sysfs>;
}

/**
 * `name` is how messages call the line, such as `syn`. Rejects with `BENCH` and the reason when the chip or line is not
 * there, is in use, or may not be opened by this user.
 */
export async function openOutputLine(
  config: LineConfig,
  name: string,
  system: GpioSystem = thisHost,
): Promise<Opened<OutputLine>> {
  return new DrivenLine(name, await openPin(config, name, system));
}

/** As `openOutputLine`, for a wire that several parties pull low. */
export async function openOpenDrainLine(
  config: LineConfig,
  name: string,
  system: GpioSystem = thisHost,
): Promise<Opened<OpenDrainLine>> {
  return new DrivenLine(name, await openPin(config, name, system));
}

/** As `openOutputLine`. Edges count from now on. */
export async function openInputLine(
  config: LineConfig,
  name: string,
  clock: SystemClock,
  system: GpioSystem = thisHost,
): Promise<Opened<InputLine>> {
  if (config.driver === 'onoff') return new SysfsInput(await system.sysfs(), clock, config, name);
  const { kernel, poller } = await system.characterDevice();
  return new CharacterDeviceInput(kernel, poller, clock, config, name);
}

async function openPin(config: LineConfig, name: string, system: GpioSystem): Promise<Pin> {
  if (config.driver === 'onoff') return new SysfsPin(await system.sysfs(), config, name);
  const { kernel } = await system.characterDevice();
  return new CharacterDevicePin(kernel, config, name);
}

const openNumbers = new Set<number>();

/** All lines of the process share one kernel and one poller: see `LinePoller`. */
let ofThisProcess: ReturnType<GpioSystem['characterDevice']> | undefined;

const thisHost: GpioSystem = {
  characterDevice: () => {
    requireLinux();
    ofThisProcess ??= loadKernel().then((kernel) => ({ kernel, poller: new LinePoller(kernel) }));
    return ofThisProcess;
  },
  sysfs: async () => {
    requireLinux();
    return { Gpio: await loadOnoff(), root: '/', openNumbers };
  },
};

function requireLinux(): void {
  if (process.platform === 'linux') return;
  throw new RigError(
    'BENCH',
    `GPIO lines need Linux; this is ${process.platform}. The virtual bench runs here: leave out --bench.`,
  );
}

/**
 * Lines by way of the GPIO character device, /dev/gpiochipN: finding them, requesting them, and the pin that is driven
 * (Documentation/userspace-api/gpio/chardev.rst of the kernel).
 */
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { RigError } from '../../../rig/errors.js';
import type { Level } from '../../../rig/ports.js';
import { deviceError, errnoCode, type NextSteps } from '../device.js';
import { describeChip, findChip, findOffset, type GpioChip } from './chips.js';
import type { Kernel } from './kernel.js';
import { isGone, type Pin } from './pin.js';
import {
  emptyChipInfo,
  gpioRequests,
  lineConfig,
  lineFlags,
  lineInfoQuestion,
  lineRequest,
  lineValues,
  readChipInfo,
  readLevel,
  readLineFd,
  readLineInfo,
} from './uapi.js';

const nextSteps: NextSteps = {
  EACCES: 'Join the group that owns it, mostly: sudo usermod -aG gpio $USER; then log in again.',
  ENODEV: 'The GPIO chip is gone: check its cable, and that its driver is loaded.',
  EINVAL: 'The kernel does not know version 2 of its GPIO interface: Linux 5.10 or later is needed.',
  ENXIO: 'This line cannot raise interrupts: use another pin.',
};

/** A line that this process has requested. */
export interface RequestedLine {
  /** Such as `syn (line 5 of GPIO chip gpiochip0 (pinctrl-bcm2711))`. */
  readonly name: string;
  readonly fd: number;
}

/** Requests the line as an input: nothing is driven. Throws `BENCH` with the reason when it cannot be had. */
export function requestLine(kernel: Kernel, config: LineConfig, name: string, flags: number): RequestedLine {
  const chip = chooseChip(kernel, config.chip);
  return withChip(kernel, chip.device, (chipFd) => {
    const offset = findOffset(chip, config.line, lineNames(kernel, chipFd, chip));
    const fullName = `${name} (line ${offset} of ${describeChip(chip)})`;
    const polarity = config.activeLow ? lineFlags.activeLow : 0;
    const request = lineRequest(offset, `rig ${name}`, { flags: flags | polarity | lineFlags.input });
    try {
      kernel.ioctl(chipFd, gpioRequests.getLine, request);
    } catch (error) {
      throw requestError(kernel, chipFd, offset, fullName, error);
    }
    return { name: fullName, fd: readLineFd(request) };
  });
}

/** The line's level, by the kernel's word. Throws `BENCH` when the chip is gone. */
export function lineLevel(kernel: Kernel, { name, fd }: RequestedLine): Level {
  const values = lineValues(0);
  callLine(name, () => kernel.ioctl(fd, gpioRequests.getValues, values));
  return readLevel(values);
}

/** Runs a call on a line; what fails is told as a `BENCH` error of that line. */
export function callLine<Result>(name: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw lineError(name, error);
  }
}

export const lineError = (name: string, error: unknown): RigError =>
  deviceError(`Line ${name}`, error, nextSteps);

export class CharacterDevicePin implements Pin {
  private readonly kernel: Kernel;
  private readonly line: RequestedLine;
  private readonly polarity: number;
  private driven = false;

  constructor(kernel: Kernel, config: LineConfig, name: string) {
    this.kernel = kernel;
    this.polarity = config.activeLow ? lineFlags.activeLow : 0;
    this.line = requestLine(kernel, config, name, 0);
  }

  drive(level: Level): void {
    if (this.driven) this.ioctl(gpioRequests.setValues, lineValues(level));
    else this.configure({ flags: lineFlags.output | this.polarity, level });
    this.driven = true;
  }

  letGo(): void {
    this.configure({ flags: lineFlags.input | this.polarity });
    this.driven = false;
  }

  level(): Level {
    return lineLevel(this.kernel, this.line);
  }

  /** Kernels of the Raspberry Pi keep an output driven when it is freed (persist_gpio_outputs), so it is let go first. */
  close(): void {
    try {
      if (this.driven) this.letGo();
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      this.kernel.close(this.line.fd);
    }
  }

  private configure(settings: Parameters<typeof lineConfig>[0]): void {
    this.ioctl(gpioRequests.setConfig, lineConfig(settings));
  }

  private ioctl(request: number, argument: Uint8Array): void {
    callLine(this.line.name, () => this.kernel.ioctl(this.line.fd, request, argument));
  }
}

function chooseChip(kernel: Kernel, wanted: string | undefined): GpioChip {
  const { chips, refusal } = listChips(kernel);
  try {
    return findChip(chips, wanted);
  } catch (error) {
    // The one that is meant may be among those that this user may not open.
    throw refusal ?? error;
  }
}

/** The chips that this user may open, and why another one could not be. */
function listChips(kernel: Kernel): { chips: GpioChip[]; refusal: RigError | undefined } {
  const chips = new Map<string, GpioChip>();
  let refusal: RigError | undefined;
  for (const device of kernel.chipDevices()) {
    try {
      // Some Raspberry Pi systems have /dev/gpiochip4 as a link to gpiochip0: the kernel's own name tells.
      const info = withChip(kernel, device, (fd) => chipInfo(kernel, fd));
      chips.set(info.device, info);
    } catch (error) {
      refusal ??= error instanceof RigError ? error : deviceError(`/dev/${device}`, error, nextSteps);
    }
  }
  return { chips: [...chips.values()], refusal };
}

function chipInfo(kernel: Kernel, fd: number): GpioChip {
  const info = emptyChipInfo();
  kernel.ioctl(fd, gpioRequests.chipInfo, info);
  return readChipInfo(info);
}

function lineNames(kernel: Kernel, chipFd: number, chip: GpioChip): string[] {
  return Array.from({ length: chip.lines }, (_, offset) => lineInfo(kernel, chipFd, offset).name);
}

function lineInfo(kernel: Kernel, chipFd: number, offset: number) {
  const info = lineInfoQuestion(offset);
  callLine(`${offset}`, () => kernel.ioctl(chipFd, gpioRequests.lineInfo, info));
  return readLineInfo(info);
}

function requestError(kernel: Kernel, chipFd: number, offset: number, name: string, error: unknown) {
  if (errnoCode(error) !== 'EBUSY') return lineError(name, error);
  const { consumer } = lineInfo(kernel, chipFd, offset);
  const who = consumer === '' ? 'something that did not give its name' : `"${consumer}"`;
  return new RigError(
    'BENCH',
    `Line ${name} is used by ${who}. Stop that, or use another pin; gpioinfo lists all users.`,
    { cause: error },
  );
}

function withChip<Result>(kernel: Kernel, device: string, use: (fd: number) => Result): Result {
  const fd = openChip(kernel, device);
  try {
    return use(fd);
  } finally {
    kernel.close(fd);
  }
}

function openChip(kernel: Kernel, device: string): number {
  try {
    return kernel.open(`/dev/${device}`);
  } catch (error) {
    throw deviceError(`/dev/${device}`, error, nextSteps);
  }
}

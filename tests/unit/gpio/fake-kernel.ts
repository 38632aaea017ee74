/**
 * The GPIO character device of a kernel that exists in memory: requests, levels, events and errors as
 * drivers/gpio/gpiolib-cdev.c has them (Linux 6.12), at the seam of system calls and in the bytes of
 * include/uapi/linux/gpio.h. As on the Raspberry Pi's kernels, an output that is freed stays driven.
 */
import { getSystemErrorMap } from 'node:util';
import { type Kernel, type ReadyDescriptor, SystemError } from '../../../drivers/pi/gpio/kernel.js';
import type { Level } from '../../../rig/ports.js';
import { FakeWire } from './fake-wire.js';

/** `GPIO_V2_LINES_MAX * 16`. */
const EVENT_BUFFER_LIMIT = 1_024;
const EVENT_BYTES = 48;
const FIRST_FD = 100;

const flag = { activeLow: 2, input: 4, output: 8, edges: 0x30 } as const;

interface Request {
  readonly line: FakeLine;
  flags: number;
  nonBlocking: boolean;
  readonly bufferSize: number;
  readonly events: { level: Level; atNs: bigint; seqno: number }[];
  seqno: number;
  stopWatching(): void;
}

export class FakeLine {
  readonly wire = new FakeWire();
  readonly name: string;
  readonly offset: number;
  /** Who uses it; the empty string for somebody without a name. */
  consumer: string | undefined;

  constructor(name: string, offset: number) {
    this.name = name;
    this.offset = offset;
  }
}

export class FakeChip {
  readonly device: string;
  readonly label: string;
  readonly lines: readonly FakeLine[];
  forbidden = false;
  gone = false;

  constructor(device: string, label: string, names: readonly string[]) {
    this.device = device;
    this.label = label;
    this.lines = names.map((name, offset) => new FakeLine(name, offset));
  }
}

const fail = (code: string, call: string): never => {
  const text = [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1] ?? 'unknown';
  throw new SystemError(code, `${text}, ${call}`);
};

const fields = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

type Descriptor = { readonly chip: FakeChip; readonly request?: Request };

export class FakeKernel implements Kernel {
  readonly chips: FakeChip[];
  /** Names of device files that lead to a chip of another name, as links do. */
  readonly links = new Map<string, string>();
  /** True: an event is only there in the next round of the event loop, as if its interrupt's thread took its time. */
  slowInterrupts = false;
  /** Polls under way; more than one would occupy threads in vain. */
  pollsUnderWay = 0;
  private readonly descriptors = new Map<number, Descriptor>();
  private nextFd = FIRST_FD;
  private woken = false;
  private endPoll: (() => void) | undefined;

  constructor(chips: FakeChip[]) {
    this.chips = chips;
  }

  /** Descriptors that nobody has closed. */
  get openDescriptors(): number {
    return this.descriptors.size;
  }

  unplug(chip: FakeChip): void {
    chip.gone = true;
    this.chips.splice(this.chips.indexOf(chip), 1);
    this.endPoll?.();
  }

  chipDevices(): string[] {
    return [...this.chips.map(({ device }) => device), ...this.links.keys()];
  }

  open(path: string): number {
    const device = path.replace('/dev/', '');
    const chip = this.chips.find((each) => each.device === (this.links.get(device) ?? device));
    if (chip === undefined) return fail('ENOENT', `open '${path}'`);
    if (chip.forbidden) return fail('EACCES', `open '${path}'`);
    return this.descriptor({ chip });
  }

  close(fd: number): void {
    const { request } = this.lookUp(fd, 'close');
    this.descriptors.delete(fd);
    if (request === undefined) return;
    request.stopWatching();
    request.line.consumer = undefined;
  }

  ioctl(fd: number, request: number, argument: Uint8Array): void {
    const descriptor = this.lookUp(fd, 'ioctl');
    if (descriptor.chip.gone) fail('ENODEV', 'ioctl');
    const number = request & 0xffff;
    if (descriptor.request === undefined) this.chipIoctl(descriptor.chip, number, argument);
    else this.lineIoctl(descriptor.request, number, argument);
  }

  setNonBlocking(fd: number): void {
    const { request } = this.lookUp(fd, 'ioctl');
    if (request !== undefined) request.nonBlocking = true;
  }

  read(fd: number, into: Uint8Array): number {
    const { chip, request } = this.lookUp(fd, 'read');
    if (chip.gone) return fail('ENODEV', 'read');
    if (request === undefined || into.length < EVENT_BYTES) return fail('EINVAL', 'read');
    let lengthBytes = 0;
    while (lengthBytes + EVENT_BYTES <= into.length) {
      const event = request.events.shift();
      if (event === undefined) break;
      const at = fields(into);
      into.fill(0, lengthBytes, lengthBytes + EVENT_BYTES);
      at.setBigUint64(lengthBytes, event.atNs, true);
      at.setUint32(lengthBytes + 8, event.level === 1 ? 1 : 2, true);
      at.setUint32(lengthBytes + 12, request.line.offset, true);
      at.setUint32(lengthBytes + 16, event.seqno, true);
      at.setUint32(lengthBytes + 20, event.seqno, true);
      lengthBytes += EVENT_BYTES;
    }
    if (lengthBytes === 0 && !request.nonBlocking) throw new Error('this read would block for ever');
    return lengthBytes;
  }

  async poll(fds: readonly number[], timeoutMs: number): Promise<ReadyDescriptor[]> {
    this.pollsUnderWay += 1;
    if (this.pollsUnderWay > 1) throw new Error('two polls at a time');
    // A thread takes over; nothing is seen before the caller has returned.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!this.woken && this.ready(fds).length === 0) await this.waitForPoll(timeoutMs);
    this.woken = false;
    this.pollsUnderWay -= 1;
    return this.ready(fds);
  }

  wake(): void {
    this.woken = true;
    this.endPoll?.();
  }

  nowNs(): bigint {
    return process.hrtime.bigint();
  }

  private waitForPoll(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timeout = setTimeout(() => this.endPoll?.(), timeoutMs);
      this.endPoll = () => {
        clearTimeout(timeout);
        this.endPoll = undefined;
        resolve();
      };
    });
  }

  private ready(fds: readonly number[]): ReadyDescriptor[] {
    return fds.flatMap((fd) => {
      const descriptor = this.descriptors.get(fd);
      const failed = descriptor === undefined || descriptor.chip.gone;
      return failed || (descriptor.request?.events.length ?? 0) > 0 ? [{ fd, failed }] : [];
    });
  }

  private chipIoctl(chip: FakeChip, number: number, argument: Uint8Array): void {
    const at = fields(argument);
    const text = new TextEncoder();
    if (number === 0xb401) {
      argument.set(text.encode(chip.device), 0);
      argument.set(text.encode(chip.label), 32);
      at.setUint32(64, chip.lines.length, true);
    } else if (number === 0xb405) {
      const line = chip.lines[at.getUint32(64, true)] ?? fail('EINVAL', 'ioctl');
      argument.set(text.encode(line.name), 0);
      argument.set(text.encode(line.consumer ?? ''), 32);
      at.setBigUint64(72, line.consumer === undefined ? 0n : 1n, true);
    } else if (number === 0xb407) this.requestLine(chip, argument);
    else fail('EINVAL', 'ioctl');
  }

  private requestLine(chip: FakeChip, argument: Uint8Array): void {
    const at = fields(argument);
    const line = chip.lines[at.getUint32(0, true)] ?? fail('EINVAL', 'ioctl');
    if (at.getUint32(560, true) !== 1) fail('EINVAL', 'ioctl');
    if (line.consumer !== undefined) fail('EBUSY', 'ioctl');
    const request: Request = {
      line,
      flags: 0,
      nonBlocking: false,
      bufferSize: Math.min(at.getUint32(564, true) || 16, EVENT_BUFFER_LIMIT),
      events: [],
      seqno: 0,
      stopWatching: line.wire.onChange((level) => this.changed(chip, request, level)),
    };
    configure(request, argument.subarray(288, 288 + 272));
    line.consumer = new TextDecoder().decode(argument.subarray(256, 288)).replaceAll('\0', '');
    at.setInt32(588, this.descriptor({ chip, request }), true);
  }

  private lineIoctl(request: Request, number: number, argument: Uint8Array): void {
    const at = fields(argument);
    const inverted = (request.flags & flag.activeLow) !== 0;
    if (number === 0xb40d) configure(request, argument);
    else if (at.getBigUint64(8, true) !== 1n) fail('EINVAL', 'ioctl');
    else if (number === 0xb40e) at.setBigUint64(0, BigInt(flip(request.line.wire.level, inverted)), true);
    else if (number === 0xb40f) {
      if ((request.flags & flag.output) === 0) fail('EPERM', 'ioctl');
      request.line.wire.driveFromHost(flip(at.getBigUint64(0, true) === 1n ? 1 : 0, inverted));
    } else fail('EINVAL', 'ioctl');
  }

  private changed(chip: FakeChip, request: Request, level: Level): void {
    if (chip.gone || (request.flags & flag.edges) === 0) return;
    request.seqno += 1;
    const event = {
      level: flip(level, (request.flags & flag.activeLow) !== 0),
      atNs: this.nowNs(),
      seqno: request.seqno,
    };
    if (this.slowInterrupts) setImmediate(() => this.putEvent(request, event));
    else this.putEvent(request, event);
  }

  /** `linereq_put_event`: when the buffer is full, the oldest event goes. */
  private putEvent(request: Request, event: Request['events'][number]): void {
    if (request.events.length >= request.bufferSize) request.events.shift();
    request.events.push(event);
    this.endPoll?.();
  }

  private descriptor(descriptor: Descriptor): number {
    this.nextFd += 1;
    this.descriptors.set(this.nextFd, descriptor);
    return this.nextFd;
  }

  private lookUp(fd: number, call: string): Descriptor {
    return this.descriptors.get(fd) ?? fail('EBADF', call);
  }
}

/** `gpio_v2_line_config_validate`, then what it says is done. */
function configure(request: Request, config: Uint8Array): void {
  const at = fields(config);
  const flags = Number(at.getBigUint64(0, true));
  const isInput = (flags & flag.input) !== 0;
  const isOutput = (flags & flag.output) !== 0;
  if (isInput === isOutput || ((flags & flag.edges) !== 0 && !isInput)) fail('EINVAL', 'ioctl');
  if (config.subarray(12, 32).some((byte) => byte !== 0)) fail('EINVAL', 'ioctl');
  request.flags = flags;
  if (isInput) {
    request.line.wire.driveFromHost(undefined);
    return;
  }
  const hasValue =
    at.getUint32(8, true) === 1 && at.getUint32(32, true) === 2 && at.getBigUint64(48, true) === 1n;
  const level = hasValue && at.getBigUint64(40, true) === 1n ? 1 : 0;
  request.line.wire.driveFromHost(flip(level, (flags & flag.activeLow) !== 0));
}

const flip = (level: Level, inverted: boolean): Level => (inverted === (level === 1) ? 0 : 1);

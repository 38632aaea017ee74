/**
 * The kernel's GPIO interface, version 2 (Linux 5.10 and later), as bytes: include/uapi/linux/gpio.h. Its structures
 * have the same layout for 32 and 64 bits; every Raspberry Pi is little-endian. Pure: no I/O.
 */
import { EDGE_QUEUE_LIMIT, type Level } from '../../../rig/ports.js';

/** `_IOC` of include/uapi/asm-generic/ioctl.h: direction, size of the argument, type 0xB4 (GPIO), number. */
const request = (direction: number, number: number, sizeBytes: number): number =>
  direction * 2 ** 30 + sizeBytes * 2 ** 16 + 0xb4 * 2 ** 8 + number;

const READ = 2;
const READ_WRITE = 3;

const NAME_BYTES = 32;
const CHIP_INFO_BYTES = 68;
const LINE_INFO_BYTES = 256;
const LINE_CONFIG_BYTES = 272;
const LINE_REQUEST_BYTES = 592;
const LINE_VALUES_BYTES = 16;
export const EVENT_BYTES = 48;

export const gpioRequests = {
  chipInfo: request(READ, 0x01, CHIP_INFO_BYTES),
  lineInfo: request(READ_WRITE, 0x05, LINE_INFO_BYTES),
  getLine: request(READ_WRITE, 0x07, LINE_REQUEST_BYTES),
  setConfig: request(READ_WRITE, 0x0d, LINE_CONFIG_BYTES),
  getValues: request(READ_WRITE, 0x0e, LINE_VALUES_BYTES),
  setValues: request(READ_WRITE, 0x0f, LINE_VALUES_BYTES),
} as const;

/** `enum gpio_v2_line_flag`. Without an event clock's flag, events have the time of `CLOCK_MONOTONIC`. */
export const lineFlags = {
  used: 1 << 0,
  activeLow: 1 << 1,
  input: 1 << 2,
  output: 1 << 3,
  edgeRising: 1 << 4,
  edgeFalling: 1 << 5,
} as const;

const ATTRIBUTE_OUTPUT_VALUES = 2;
const EVENT_RISING = 1;

/** `struct gpio_v2_line_request`, the parts in use. */
const requestOffset = { line: 0, consumer: 256, config: 288, lineCount: 560, eventBuffer: 564, fd: 588 };
/** `struct gpio_v2_line_config` and its first attribute. */
const configOffset = { flags: 0, attributeCount: 8, attributeId: 32, attributeValues: 40, attributeMask: 48 };
const infoOffset = { name: 0, consumer: 32, offset: 64, flags: 72 };
const eventOffset = { timestamp: 0, id: 8, lineSeqno: 20 };

/** What a line is to be. `level`: the level that an output has from its first instant. */
export interface LineSettings {
  readonly flags: number;
  readonly level?: Level;
}

export interface LineInfo {
  readonly name: string;
  /** Who uses the line; it may use it without having said a name. */
  readonly consumer: string;
  readonly used: boolean;
}

/** One `struct gpio_v2_line_event`. */
export interface LineEvent {
  /** The level that the kernel saw when it handled the interrupt. */
  readonly level: Level;
  /** `CLOCK_MONOTONIC` at the interrupt. */
  readonly atNs: bigint;
  /** Counts this line's events from 1, in 32 bits. */
  readonly seqno: number;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const emptyChipInfo = (): Uint8Array => new Uint8Array(CHIP_INFO_BYTES);

export function readChipInfo(bytes: Uint8Array): { device: string; label: string; lines: number } {
  return {
    device: readName(bytes, 0),
    label: readName(bytes, NAME_BYTES),
    lines: view(bytes).getUint32(2 * NAME_BYTES, true),
  };
}

/** Asks about the line at `offset`. */
export function lineInfoQuestion(offset: number): Uint8Array {
  const bytes = new Uint8Array(LINE_INFO_BYTES);
  view(bytes).setUint32(infoOffset.offset, offset, true);
  return bytes;
}

export function readLineInfo(bytes: Uint8Array): LineInfo {
  return {
    name: readName(bytes, infoOffset.name),
    consumer: readName(bytes, infoOffset.consumer),
    used: (view(bytes).getUint32(infoOffset.flags, true) & lineFlags.used) !== 0,
  };
}

/** Requests the line at `offset` for `consumer`, with room for as many events as an `InputLine` holds. */
export function lineRequest(offset: number, consumer: string, settings: LineSettings): Uint8Array {
  const bytes = new Uint8Array(LINE_REQUEST_BYTES);
  const fields = view(bytes);
  fields.setUint32(requestOffset.line, offset, true);
  // The kernel wants a zero byte at the end (linereq_create).
  bytes.set(new TextEncoder().encode(consumer).subarray(0, NAME_BYTES - 1), requestOffset.consumer);
  bytes.set(lineConfig(settings), requestOffset.config);
  fields.setUint32(requestOffset.lineCount, 1, true);
  // 1,024 is also the most that the kernel gives (GPIO_V2_LINES_MAX * 16).
  fields.setUint32(requestOffset.eventBuffer, EDGE_QUEUE_LIMIT, true);
  return bytes;
}

/** The file descriptor of the line that was requested. */
export const readLineFd = (bytes: Uint8Array): number => view(bytes).getInt32(requestOffset.fd, true);

export function lineConfig({ flags, level }: LineSettings): Uint8Array {
  const bytes = new Uint8Array(LINE_CONFIG_BYTES);
  const fields = view(bytes);
  fields.setBigUint64(configOffset.flags, BigInt(flags), true);
  if (level === undefined) return bytes;
  fields.setUint32(configOffset.attributeCount, 1, true);
  fields.setUint32(configOffset.attributeId, ATTRIBUTE_OUTPUT_VALUES, true);
  fields.setBigUint64(configOffset.attributeValues, BigInt(level), true);
  fields.setBigUint64(configOffset.attributeMask, 1n, true);
  return bytes;
}

/** `struct gpio_v2_line_values` of one line: its level, and the mask that names it. */
export function lineValues(level: Level): Uint8Array {
  const bytes = new Uint8Array(LINE_VALUES_BYTES);
  bytes[0] = level;
  bytes[LINE_VALUES_BYTES / 2] = 1;
  return bytes;
}

export const readLevel = (values: Uint8Array): Level => (((values[0] ?? 0) & 1) === 1 ? 1 : 0);

/** The events in the first `lengthBytes` of what was read from a line. */
export function readEvents(bytes: Uint8Array, lengthBytes: number): LineEvent[] {
  const fields = view(bytes);
  const events: LineEvent[] = [];
  for (let at = 0; at + EVENT_BYTES <= lengthBytes; at += EVENT_BYTES) {
    events.push({
      level: fields.getUint32(at + eventOffset.id, true) === EVENT_RISING ? 1 : 0,
      atNs: fields.getBigUint64(at + eventOffset.timestamp, true),
      seqno: fields.getUint32(at + eventOffset.lineSeqno, true),
    });
  }
  return events;
}

function readName(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** The host's end of the loaders' protocol, for their tests. */
import { blockChecksum } from '../../../drivers/virtual/esp8266/rom/packets.js';

const HEADER_BYTES = 8;

export function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value >>> 0, true);
  return bytes;
}

export function request(operation: number, data: Uint8Array = new Uint8Array(0), checksum = 0): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(packet.buffer);
  packet[1] = operation;
  view.setUint16(2, data.length, true);
  view.setUint32(4, checksum >>> 0, true);
  packet.set(data, HEADER_BYTES);
  return packet;
}

/** A request that carries a block, with its checksum. */
export function blockRequest(operation: number, bytes: Uint8Array, sequence: number): Uint8Array {
  const data = Uint8Array.from([...words(bytes.length, sequence, 0, 0), ...bytes]);
  return request(operation, data, blockChecksum(bytes));
}

export interface ParsedAnswer {
  readonly operation: number;
  readonly value: number;
  readonly data: number[];
  readonly status: number[];
}

export function parseAnswer(packet: Uint8Array): ParsedAnswer {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return {
    operation: view.getUint8(1),
    value: view.getUint32(4, true),
    data: [...packet.subarray(HEADER_BYTES, packet.length - 2)],
    status: [...packet.subarray(packet.length - 2)],
  };
}

/** Packets on a serial line (RFC 1055): `0xc0` around each, `0xdb` before what stands for `0xc0` and `0xdb`. */

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

/** The largest block of the protocol is 16 KB, with 24 bytes of header; some more for what tools may try. */
export const PACKET_LIMIT_BYTES = 32 * 1024;

export function encodeSlip(packet: Uint8Array): Uint8Array {
  const encoded = [END];
  for (const byte of packet) {
    if (byte === END) encoded.push(ESCAPE, ESCAPED_END);
    else if (byte === ESCAPE) encoded.push(ESCAPE, ESCAPED_ESCAPE);
    else encoded.push(byte);
  }
  encoded.push(END);
  return Uint8Array.from(encoded);
}

/**
 * Finds packets in what arrives. Whatever is no packet, such as noise between two, an escape of nothing or a packet
 * that is too long, is dropped up to the next end.
 */
export class SlipDecoder {
  private packet: number[] = [];
  private state: 'outside' | 'inside' | 'escaped' | 'broken' = 'outside';

  /** Takes the next byte; the packet that it ends, if it ends one. */
  take(byte: number): Uint8Array | undefined {
    if (byte === END) return this.end();
    if (this.state === 'escaped') this.unescape(byte);
    else if (this.state === 'inside' && byte === ESCAPE) this.state = 'escaped';
    else if (this.state === 'inside') this.push(byte);
    return undefined;
  }

  /** An end is also a beginning: after noise, the packet that it seems to end is empty. */
  private end(): Uint8Array | undefined {
    const isWhole = this.state === 'inside' && this.packet.length > 0;
    const packet = isWhole ? Uint8Array.from(this.packet) : undefined;
    this.packet = [];
    this.state = isWhole ? 'outside' : 'inside';
    return packet;
  }

  private unescape(byte: number): void {
    this.state = 'inside';
    if (byte === ESCAPED_END) this.push(END);
    else if (byte === ESCAPED_ESCAPE) this.push(ESCAPE);
    else this.state = 'broken';
  }

  private push(byte: number): void {
    if (this.packet.length < PACKET_LIMIT_BYTES) this.packet.push(byte);
    else this.state = 'broken';
  }
}

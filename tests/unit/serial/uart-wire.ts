/**
 * What a UART receiver makes of bytes that were sent at another rate than it listens at: 8N1, least significant bit
 * first, sampled in the middle of each bit. Bytes whose stop bit is low are dropped, as a port with IGNPAR does.
 */
const BITS_PER_BYTE = 10;

export function receivedAt(receiverBaud: number, text: string, senderBaud: number): Uint8Array {
  const wire = levels(new TextEncoder().encode(text));
  const levelAt = (seconds: number): number => wire[Math.floor(seconds * senderBaud)] ?? 1;
  const bit = 1 / receiverBaud;
  const step = bit / 16;
  const end = wire.length / senderBaud;
  const received: number[] = [];
  let now = 0;
  while (now < end) {
    if (levelAt(now) === 1) {
      now += step;
      continue;
    }
    let byte = 0;
    for (let index = 0; index < 8; index += 1) byte |= levelAt(now + (1.5 + index) * bit) << index;
    now += 9.5 * bit;
    if (levelAt(now) === 1) received.push(byte);
    // The next byte begins with the next falling edge.
    while (now < end && levelAt(now) === 0) now += step;
  }
  return Uint8Array.from(received);
}

/** The wire's level for each bit: a start bit, eight of data, a stop bit. */
function levels(bytes: Uint8Array): number[] {
  const wire: number[] = [];
  for (const byte of bytes) {
    wire.push(0);
    for (let index = 0; index < BITS_PER_BYTE - 2; index += 1) wire.push((byte >> index) & 1);
    wire.push(1);
  }
  return wire;
}

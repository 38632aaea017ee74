/** Lines to the device that belong to no stream, such as one that is too long: sent once, and recognised if they arrive. */
import type { InstantUs } from '../time/units.js';
import { encodeMessage } from '../traffic/message.js';

/** Longer than anything that client or server would take. */
const MOST_BYTES = 1_000_000;
/** Names a stream that no scenario has, so that a part of a stray line that arrives is a damaged message. */
const STREAM = 'stray';

/** The text of a stray line: a test message with a checksum, so that no part of it passes for the whole. */
export const strayText = (number: number, lengthBytes: number): string =>
  encodeMessage(STREAM, number, lengthBytes, MOST_BYTES);

/** What has been seen of a stray line. */
export interface StrayLine {
  /** When the transport took it over. */
  acceptedUs: InstantUs | undefined;
  /** It arrived as it was sent. */
  arrived: boolean;
  /** A message that was sent after it has arrived: the transport keeps the order, so the device has read the line. */
  passed: boolean;
}

export class StrayLines {
  private readonly transmit: (text: string, onAccepted: (atUs: InstantUs) => void) => void;
  /** The line that is watched; one at a time. */
  private watched: { readonly text: string; readonly line: StrayLine } | undefined;
  private count = 0;

  /** `transmit` hands a line to the server, to be sent once. */
  constructor(transmit: (text: string, onAccepted: (atUs: InstantUs) => void) => void) {
    this.transmit = transmit;
  }

  /** Sends a line of so many bytes and watches what becomes of it, until the next one. Throws as the server's `send`. */
  send(lengthBytes: number): StrayLine {
    this.count += 1;
    const text = strayText(this.count, lengthBytes);
    const line: StrayLine = { acceptedUs: undefined, arrived: false, passed: false };
    this.watched = { text, line };
    this.transmit(text, (atUs) => {
      line.acceptedUs = atUs;
    });
    return line;
  }

  /** A line came from the device; true when it is the stray one. */
  arrived(text: string): boolean {
    if (this.watched?.text !== text || this.watched.line.arrived) return false;
    this.watched.line.arrived = true;
    return true;
  }

  /** A message of a stream to the device was delivered, which the transport had taken over at `acceptedUs`. */
  delivered(acceptedUs: InstantUs | undefined): void {
    const line = this.watched?.line;
    if (line?.acceptedUs === undefined || acceptedUs === undefined) return;
    if (acceptedUs > line.acceptedUs) line.passed = true;
  }
}

/** The application's lines between client and DUT (docs/protocol.md §4): pure codec. */
import { RigError } from '../errors.js';
import { MAX_PAYLOAD_BYTES } from './frame.js';

/** How a message is to be carried over WiFi. */
export interface Delivery {
  /** Sent again until the server has acknowledged it. */
  readonly qos: boolean;
  /** One such message at a time, so that order is kept. */
  readonly wait: boolean;
}

/** What the DUT reports about itself: how often it has connected, the report's number, its free heap in bytes. */
export type DeviceReport = readonly [connectCount: number, reportNumber: number, memFreeBytes: number];

/** Why the DUT has stopped at start-up: no WiFi, or the server refused it. */
export type StopReason = 'bad-wifi' | 'bad-server';

/** One line from the DUT. */
export type DutLine =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'server'; readonly up: boolean }
  | { readonly kind: 'report'; readonly report: DeviceReport }
  | { readonly kind: 'stopped'; readonly reason: StopReason }
  /** No header that the link knows, or one whose rest makes no sense. */
  | { readonly kind: 'unknown'; readonly line: string };

const encoder = new TextEncoder();
const HEADER_BASE = 0x30;
const QOS_SHIFT = 1;
/** Longest text of a message, in bytes of UTF-8: what a payload holds besides the header character and `\n`. */
export const MAX_TEXT_BYTES = MAX_PAYLOAD_BYTES - 2;

/**
 * The payload that carries one message to the DUT. Throws `USAGE` when `text` is empty (its mid alone
 * would be an ack to the server, so the DUT refuses it), has a newline, is no well-formed Unicode, or is longer
 * than `MAX_TEXT_BYTES`.
 */
export function encodeClientLine(text: string, { qos, wait }: Delivery): Uint8Array {
  if (text === '') throw new RigError('USAGE', 'A message has a text, but this one is empty.');
  if (text.includes('\n')) {
    throw new RigError('USAGE', `A message is one line, but this one has a newline inside: ${shown(text)}.`);
  }
  // A lone half of a surrogate pair has no UTF-8; the encoder would silently send something else.
  if (/\p{Surrogate}/u.test(text)) {
    throw new RigError('USAGE', `A message must be well-formed Unicode, this one is not: ${shown(text)}.`);
  }
  const header = String.fromCharCode(HEADER_BASE | (Number(qos) << QOS_SHIFT) | Number(wait));
  const bytes = encoder.encode(`${header}${text}\n`);
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new RigError(
      'USAGE',
      `A message has at most ${MAX_TEXT_BYTES} bytes of UTF-8, this one ${bytes.length - 2}: ${shown(text)}.`,
    );
  }
  return bytes;
}

/** Reads a line from the DUT, without its `\n`. Never throws: what makes no sense is `unknown`. */
export function decodeDutLine(line: string): DutLine {
  const rest = line.slice(1);
  switch (line[0]) {
    case 'n':
      return { kind: 'message', text: rest };
    case 'k':
      return { kind: 'keepalive' };
    case 'u':
      return { kind: 'server', up: true };
    case 'd':
      return { kind: 'server', up: false };
    case 'b':
      return { kind: 'stopped', reason: 'bad-wifi' };
    case 's':
      return { kind: 'stopped', reason: 'bad-server' };
    case 'r': {
      const report = parseReport(rest);
      return report === undefined ? { kind: 'unknown', line } : { kind: 'report', report };
    }
    default:
      return { kind: 'unknown', line };
  }
}

function parseReport(json: string): DeviceReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [connectCount, reportNumber, memFreeBytes]: unknown[] = value;
  return isInteger(connectCount) && isInteger(reportNumber) && isInteger(memFreeBytes)
    ? [connectCount, reportNumber, memFreeBytes]
    : undefined;
}

const isInteger = (value: unknown): value is number => Number.isInteger(value);

/** Enough of a text to recognise it by in an error message. */
const SHOWN_CHARACTERS = 40;
const shown = (text: string): string =>
  JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);

/**
 * The configuration line, the first that the client sends after every synchronisation (docs/protocol.md §4):
 * a JSON list `[id, port, server, timeoutMs, reportS, ssid, password, "cfg"]`.
 */
import { RigError } from '../errors.js';
import { MAX_PAYLOAD_BYTES } from './frame.js';

/** Defaults of the link's documentation (the seed; other documentation of the same link says 2,000 ms). */
export const CONFIG_DEFAULTS = { port: 8123, timeoutMs: 1_500, reportS: 0, ssid: '', password: '' } as const;

/** What the DUT is told at start-up; what is left out is as in `CONFIG_DEFAULTS`. */
export interface LinkConfig {
  /** Names this client to the server. No newline inside; one at the end is added when missing. */
  readonly id: string;
  /** The server's address as the DUT reaches it. */
  readonly server: string;
  readonly port?: number;
  /** Silence after which DUT and server call it an outage. Both must be told the same. */
  readonly timeoutMs?: number;
  /** Seconds between the DUT's reports; 0 for none. */
  readonly reportS?: number;
  /** Empty, with an empty password: the network that the DUT used last. */
  readonly ssid?: string;
  readonly password?: string;
}

export const LONGEST_TIMEOUT_MS = 600_000;
const LONGEST_REPORT_S = 86_400;
/** IEEE 802.11: an SSID has at most 32 bytes. */
export const LONGEST_SSID_BYTES = 32;
/** WPA: a passphrase of 8 to 63 characters, or 64 hexadecimal digits. */
const SHORTEST_PASSWORD_BYTES = 8;
const LONGEST_PASSWORD_BYTES = 64;
const MARK = 'cfg';

const encoder = new TextEncoder();
const sizeBytes = (text: string): number => encoder.encode(text).length;

/** A configuration with every field checked and the defaults filled in. Throws `USAGE`, naming the field. */
export function completeConfig(config: LinkConfig): Required<LinkConfig> {
  const complete = { ...CONFIG_DEFAULTS, ...config };
  checkText('id', withoutEnd(complete.id), true);
  checkText('server', complete.server, true);
  checkInteger('port', complete.port, 1, 65_535);
  checkInteger('timeoutMs', complete.timeoutMs, 1, LONGEST_TIMEOUT_MS);
  checkInteger('reportS', complete.reportS, 0, LONGEST_REPORT_S);
  checkText('ssid', complete.ssid, false);
  checkText('password', complete.password, false);
  checkCredentials(complete.ssid, complete.password);
  return { ...complete, id: complete.id.endsWith('\n') ? complete.id : `${complete.id}\n` };
}

/** The configuration line as a payload. Throws `USAGE` when a field is wrong or the line exceeds a payload. */
export function encodeConfigLine(config: LinkConfig): Uint8Array {
  const { id, port, server, timeoutMs, reportS, ssid, password } = completeConfig(config);
  const bytes = encoder.encode(
    `${JSON.stringify([id, port, server, timeoutMs, reportS, ssid, password, MARK])}\n`,
  );
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new RigError(
      'USAGE',
      `The link's configuration makes a line of ${bytes.length} bytes, at most ${MAX_PAYLOAD_BYTES} fit: ` +
        'shorten id, server, ssid or password.',
    );
  }
  return bytes;
}

/** The conventional end of an id is no part of its name; anything but a text is left for the check to refuse. */
const withoutEnd = (id: unknown): unknown => (typeof id === 'string' ? id.replace(/\n$/, '') : id);

function wrong(field: string, value: unknown, wanted: string): RigError {
  // The password itself stays out of messages and logs.
  const shown = field === 'password' ? 'not acceptable' : JSON.stringify(value);
  return new RigError('USAGE', `Link configuration: ${field} is ${shown}; it must be ${wanted}.`);
}

function checkInteger(field: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && Number(value) >= low && Number(value) <= high) return;
  throw wrong(field, value, `a whole number from ${low} to ${high}`);
}

function checkText(field: string, value: unknown, required: boolean): void {
  if (typeof value !== 'string') throw wrong(field, value, 'a text');
  if (required && value === '') throw wrong(field, value, 'a text that is not empty');
  // Cc: control characters, newline among them; Cs: half of a surrogate pair, which has no UTF-8.
  if (/[\p{Cc}\p{Cs}]/u.test(value))
    throw wrong(field, value, 'a text of one line without control characters');
}

function checkCredentials(ssid: string, password: string): void {
  if (sizeBytes(ssid) > LONGEST_SSID_BYTES) throw wrong('ssid', ssid, `at most ${LONGEST_SSID_BYTES} bytes`);
  if (password === '') return;
  if (ssid === '') throw wrong('ssid', ssid, 'given when there is a password');
  const size = sizeBytes(password);
  if (size < SHORTEST_PASSWORD_BYTES || size > LONGEST_PASSWORD_BYTES) {
    throw new RigError(
      'USAGE',
      `Link configuration: password has ${size} bytes; it must have ${SHORTEST_PASSWORD_BYTES} to ` +
        `${LONGEST_PASSWORD_BYTES}, or be empty.`,
    );
  }
}

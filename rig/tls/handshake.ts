/** Messages of the handshake of TLS 1.2, as far as RSA key exchange needs them (RFC 5246 §7.4). */
import { TLS_1_2 } from './records.js';

export const messageType = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  certificateRequest: 13,
  serverHelloDone: 14,
  clientKeyExchange: 16,
  finished: 20,
} as const;

export const alert = {
  closeNotify: 0,
  badRecordMac: 20,
  handshakeFailure: 40,
  decryptError: 51,
  protocolVersion: 70,
} as const;

const FATAL = 2;
const WARNING = 1;

export const alertOf = (description: number): Uint8Array =>
  Uint8Array.of(description === alert.closeNotify ? WARNING : FATAL, description);

export interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
  /** With its header, as it counts for the digest at the end. */
  readonly raw: Buffer;
}

export function messageOf(type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt8(type, 0);
  header.writeUIntBE(body.length, 1, 3);
  return Buffer.concat([header, body]);
}

/** Takes the contents of records, and gives whole messages. */
export class MessageReader {
  private buffered = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    this.buffered = Buffer.concat([this.buffered, bytes]);
  }

  next(): HandshakeMessage | undefined {
    if (this.buffered.length < 4) return undefined;
    const end = 4 + this.buffered.readUIntBE(1, 3);
    if (this.buffered.length < end) return undefined;
    const raw = this.buffered.subarray(0, end);
    this.buffered = this.buffered.subarray(end);
    return { type: raw.readUInt8(0), body: raw.subarray(4), raw };
  }
}

const version = Uint8Array.of(TLS_1_2 >> 8, TLS_1_2 & 0xff);
const NO_COMPRESSION = 0;

const withLength = (lengthBytes: 1 | 2 | 3, content: Uint8Array): Buffer => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
};

const u16 = (value: number): number[] => [value >> 8, value & 0xff];

/** Extension `signature_algorithms` with RSA and SHA-256 or SHA-1: without it some servers refuse. */
const SIGNATURES = Uint8Array.of(...u16(13), ...u16(6), ...u16(4), 4, 1, 2, 1);

/** Without a session to resume. */
export const clientHello = (random: Uint8Array, suites: readonly number[]): Buffer =>
  messageOf(
    messageType.clientHello,
    Buffer.concat([
      version,
      random,
      Uint8Array.of(0),
      withLength(2, Uint8Array.from(suites.flatMap(u16))),
      Uint8Array.of(1, NO_COMPRESSION),
      withLength(2, SIGNATURES),
    ]),
  );

export interface ClientHello {
  readonly version: number;
  readonly random: Buffer;
  /** True when it wants to go on with an earlier session. */
  readonly wantsSession: boolean;
  readonly suites: readonly number[];
  /** It says so by a number among the suites or, as OpenSSL from 3.5 on, by an extension (RFC 5746 §3.4). */
  readonly knowsSafeRenegotiation: boolean;
}

/** Instead of an extension, among the suites (RFC 5746 §3.3). */
const SAFE_RENEGOTIATION_SUITE = 0x00ff;
const SAFE_RENEGOTIATION = 0xff01;
const SAFE_RENEGOTIATION_EXTENSION = Uint8Array.of(...u16(5), ...u16(SAFE_RENEGOTIATION), ...u16(1), 0);

/** Undefined for what is no greeting. */
export function parseClientHello(body: Buffer): ClientHello | undefined {
  const sessionBytes = body[34];
  if (sessionBytes === undefined || body.length < 37 + sessionBytes) return undefined;
  const from = 37 + sessionBytes;
  const listBytes = body.readUInt16BE(from - 2);
  if (body.length < from + listBytes) return undefined;
  const suites = Array.from({ length: listBytes >> 1 }, (_, index) => body.readUInt16BE(from + 2 * index));
  return {
    version: body.readUInt16BE(0),
    random: body.subarray(2, 34),
    wantsSession: sessionBytes > 0,
    suites,
    knowsSafeRenegotiation:
      suites.includes(SAFE_RENEGOTIATION_SUITE) ||
      extensionsIn(body, from + listBytes).includes(SAFE_RENEGOTIATION),
  };
}

/** The numbers of the extensions, which follow the list of compressions at `from`; of those that are cut off, none. */
function extensionsIn(body: Buffer, from: number): number[] {
  const found: number[] = [];
  let at = from + 1 + (body[from] ?? 0) + 2;
  while (at + 4 <= body.length) {
    const next = at + 4 + body.readUInt16BE(at + 2);
    if (next <= body.length) found.push(body.readUInt16BE(at));
    at = next;
  }
  return found;
}

/** `session`: what the client might resume later. */
export const serverHello = (
  random: Uint8Array,
  suite: number,
  session: Uint8Array,
  { knowsSafeRenegotiation }: Pick<ClientHello, 'knowsSafeRenegotiation'>,
): Buffer =>
  messageOf(
    messageType.serverHello,
    Buffer.concat([
      version,
      random,
      withLength(1, session),
      Uint8Array.of(...u16(suite), NO_COMPRESSION),
      ...(knowsSafeRenegotiation ? [SAFE_RENEGOTIATION_EXTENSION] : []),
    ]),
  );

/** The server's random numbers and the suite it chose. */
export function parseServerHello(
  body: Buffer,
): { readonly version: number; readonly random: Buffer; readonly suite: number } | undefined {
  const sessionBytes = body[34];
  if (sessionBytes === undefined || body.length < 37 + sessionBytes) return undefined;
  return {
    version: body.readUInt16BE(0),
    random: body.subarray(2, 34),
    suite: body.readUInt16BE(35 + sessionBytes),
  };
}

export const certificateMessage = (certificates: readonly Uint8Array[]): Buffer =>
  messageOf(
    messageType.certificate,
    withLength(3, Buffer.concat(certificates.map((each) => withLength(3, each)))),
  );

/** The first certificate of the list, in DER. */
export function firstCertificate(body: Buffer): Buffer | undefined {
  if (body.length < 6) return undefined;
  const end = 6 + body.readUIntBE(3, 3);
  return body.length < end ? undefined : body.subarray(6, end);
}

/** Wants a certificate with an RSA key, signed with SHA-256, from whomever. */
export const certificateRequest: Uint8Array = messageOf(
  messageType.certificateRequest,
  Uint8Array.of(1, 1, ...u16(2), 4, 1, ...u16(0)),
);

export const clientKeyExchange = (encrypted: Uint8Array): Buffer =>
  messageOf(messageType.clientKeyExchange, withLength(2, encrypted));

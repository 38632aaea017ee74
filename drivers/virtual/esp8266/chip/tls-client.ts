/**
 * TLS as the port's axTLS has it: a client of TLS 1.2 with RSA key exchange alone (no Diffie-Hellman, no elliptic curves),
 * without sessions, that looks at no certificate but for its key, and has one buffer of about 5 KB for whole records. It
 * really speaks TLS; what it cannot do, it fails at with axTLS's error numbers (ssl.h of axTLS 2.1).
 */
import { constants, type KeyObject, publicEncrypt, X509Certificate } from 'node:crypto';
import {
  alert,
  alertOf,
  clientHello,
  clientKeyExchange,
  firstCertificate,
  type HandshakeMessage,
  MessageReader,
  messageOf,
  messageType,
  parseServerHello,
} from '../../../../rig/tls/handshake.js';
import {
  connectionKeys,
  finishedBy,
  MASTER_BYTES,
  masterSecret,
  RANDOM_BYTES,
} from '../../../../rig/tls/keys.js';
import {
  contentType,
  RecordCipher,
  RecordReader,
  recordOf,
  TLS_1_2,
  type TlsRecord,
} from '../../../../rig/tls/records.js';
import { RSA_SUITES, type Suite, suiteById } from '../../../../rig/tls/suites.js';

/** Errors of axTLS. The alert of a server is its number, negative. */
export const tlsError = {
  recordOverflow: -257,
  invalidHandshake: -260,
  invalidHmac: -262,
  invalidVersion: -263,
  noCipher: -266,
  badCertificate: -268,
  invalidKey: -269,
  finishedInvalid: -271,
} as const;

/** "On the order of 5 KB" (the port's documentation): a record as it comes, its header aside. */
export const RECORD_LIMIT_BYTES = 5 * 1024;

export class TlsClient {
  private readonly randomBytes: (length: number) => Buffer;
  /** Called where the chip computes for long: RSA without optimisation. */
  private readonly onRsa: () => void;
  private readonly records = new RecordReader();
  private readonly messages = new MessageReader();
  private readonly said: Buffer[] = [];
  private readonly random: Buffer;
  private serverRandom: Buffer | undefined;
  private suite: Suite | undefined;
  private serverKey: KeyObject | undefined;
  private master: Buffer | undefined;
  private opens: RecordCipher | undefined;
  /** Once the server says that it has changed its keys. */
  private opensNext: RecordCipher | undefined;
  private seals: RecordCipher | undefined;
  private outgoing: Buffer[] = [];
  /** Of the record that is in the buffer: what the program has not read yet. */
  private unread = Buffer.alloc(0);
  private error = 0;
  private closed = false;
  isEstablished = false;

  constructor(randomBytes: (length: number) => Buffer, onRsa: () => void) {
    this.randomBytes = randomBytes;
    this.onRsa = onRsa;
    this.random = randomBytes(RANDOM_BYTES);
    this.say(
      clientHello(
        this.random,
        RSA_SUITES.map(({ id }) => id),
      ),
    );
  }

  /** Takes what came from the server. A negative number is an error, for good. */
  push(bytes: Uint8Array): number {
    this.records.push(bytes);
    while (this.error === 0 && !this.closed) {
      if ((this.records.announcedBytes() ?? 0) > RECORD_LIMIT_BYTES)
        return this.fail(tlsError.recordOverflow);
      // One buffer: the next record is looked at when this one has been read.
      if (this.unread.length > 0) break;
      const record = this.records.next();
      if (record === undefined) break;
      this.record(record);
    }
    return this.error;
  }

  /** What is to be sent, once. */
  takeOutgoing(): Buffer {
    const bytes = Buffer.concat(this.outgoing);
    this.outgoing = [];
    return bytes;
  }

  /** The next bytes for the program: undefined when there are none yet, empty once the server has closed. */
  read(most: number): Buffer | undefined {
    if (this.unread.length === 0) this.push(new Uint8Array(0));
    if (this.unread.length === 0) return this.closed ? this.unread : undefined;
    const bytes = this.unread.subarray(0, most);
    this.unread = this.unread.subarray(bytes.length);
    return bytes;
  }

  /** Half-duplex: it is put together in the buffer from which the program reads, and what it has not read is gone. */
  write(bytes: Uint8Array): number {
    if (this.error !== 0 || this.seals === undefined) return this.error || tlsError.invalidHandshake;
    this.unread = Buffer.alloc(0);
    this.outgoing.push(this.seals.seal(contentType.data, bytes));
    return bytes.length;
  }

  /** Says goodbye, in what is to be sent. */
  close(): void {
    if (this.error !== 0 || this.seals === undefined) return;
    this.outgoing.push(this.seals.seal(contentType.alert, alertOf(alert.closeNotify)));
  }

  private record(record: TlsRecord): void {
    if (record.type === contentType.changeCipherSpec) {
      this.opens = this.opensNext;
      return;
    }
    const content = this.opens === undefined ? record.fragment : this.opens.open(record);
    if (content === undefined) this.fail(tlsError.invalidHmac);
    else if (record.type === contentType.alert) this.alerted(content);
    else if (record.type === contentType.data && this.isEstablished) this.unread = Buffer.from(content);
    else if (record.type === contentType.handshake) this.handshake(content);
  }

  private handshake(content: Buffer): void {
    this.messages.push(content);
    for (
      let each = this.messages.next();
      each !== undefined && this.error === 0;
      each = this.messages.next()
    ) {
      this.message(each);
    }
  }

  private message(message: HandshakeMessage): void {
    const { type, body, raw } = message;
    if (type === messageType.finished) {
      this.finished(body);
      return;
    }
    this.said.push(raw);
    if (type === messageType.serverHello) this.chosen(body);
    else if (type === messageType.certificate) this.certificate(body);
    // A certificate of the client is not supported: the request is passed over.
    else if (type === messageType.serverHelloDone) this.exchangeKey();
    else if (type !== messageType.certificateRequest) this.fail(tlsError.invalidHandshake);
  }

  private chosen(body: Buffer): void {
    const hello = parseServerHello(body);
    if (hello === undefined) {
      this.fail(tlsError.invalidHandshake);
      return;
    }
    if (hello.version !== TLS_1_2) {
      this.fail(tlsError.invalidVersion);
      return;
    }
    this.serverRandom = Buffer.from(hello.random);
    this.suite = suiteById(hello.suite);
    if (this.suite === undefined) this.fail(tlsError.noCipher);
  }

  /** Neither its dates nor its name nor who signed it are looked at. */
  private certificate(body: Buffer): void {
    const der = firstCertificate(body);
    try {
      this.serverKey = der && new X509Certificate(der).publicKey;
    } catch {
      this.serverKey = undefined;
    }
    if (this.serverKey === undefined) this.fail(tlsError.badCertificate);
    else if (this.serverKey.asymmetricKeyType !== 'rsa') this.fail(tlsError.invalidKey);
  }

  private exchangeKey(): void {
    const { suite, serverKey, serverRandom, random } = this;
    if (suite === undefined || serverKey === undefined || serverRandom === undefined) {
      this.fail(tlsError.invalidHandshake);
      return;
    }
    const premaster = Buffer.concat([Uint8Array.of(TLS_1_2 >> 8, TLS_1_2 & 0xff), this.randomBytes(46)]);
    this.onRsa();
    const block = this.padded(premaster, (serverKey.asymmetricKeyDetails?.modulusLength ?? 0) >> 3);
    const encrypted = publicEncrypt({ key: serverKey, padding: constants.RSA_NO_PADDING }, block);
    this.say(clientKeyExchange(encrypted));
    this.master = masterSecret(premaster, { client: random, server: serverRandom });
    const keys = connectionKeys(this.master, { client: random, server: serverRandom }, suite);
    this.outgoing.push(recordOf(contentType.changeCipherSpec, Uint8Array.of(1)));
    this.seals = new RecordCipher(suite, keys.client, () => this.randomBytes(16));
    this.opensNext = new RecordCipher(suite, keys.server);
    const message = messageOf(messageType.finished, finishedBy('client', this.master, this.said));
    this.said.push(message);
    this.outgoing.push(this.seals.seal(contentType.handshake, message));
  }

  private finished(body: Buffer): void {
    const { master } = this;
    if (master === undefined) this.fail(tlsError.invalidHandshake);
    else if (finishedBy('server', master, this.said).equals(body)) this.isEstablished = true;
    else this.fail(tlsError.finishedInvalid);
  }

  /** PKCS #1 v1.5, with random bytes of the chip's: Node would take its own. */
  private padded(content: Buffer, blockBytes: number): Buffer {
    const padding = this.randomBytes(blockBytes - 3 - MASTER_BYTES).map((byte) => byte || 1);
    return Buffer.concat([Uint8Array.of(0, 2), padding, Uint8Array.of(0), content]);
  }

  private alerted(content: Buffer): void {
    const description = content[1] ?? alert.closeNotify;
    if (description === alert.closeNotify) this.closed = true;
    else this.fail(-description);
  }

  private say(message: Buffer): void {
    this.said.push(message);
    this.outgoing.push(recordOf(contentType.handshake, message));
  }

  private fail(error: number): number {
    this.error = error;
    return error;
  }
}

/**
 * A TLS 1.2 server for testing what a device's TLS can do. It really speaks TLS, with RSA key exchange; where it is told
 * to insist on something else, it refuses as such a server does, by the alert `handshake_failure`. It does no waiting and
 * no input or output: bytes come in, bytes go out.
 */
import { constants, createPrivateKey, type KeyObject, privateDecrypt, X509Certificate } from 'node:crypto';
import { EXPIRED_CERTIFICATE, TEST_KEY, VALID_CERTIFICATE } from './certificates.js';
import {
  alert,
  alertOf,
  type ClientHello,
  certificateMessage,
  certificateRequest,
  type HandshakeMessage,
  MessageReader,
  messageOf,
  messageType,
  parseClientHello,
  serverHello,
} from './handshake.js';
import {
  connectionKeys,
  finishedBy,
  MASTER_BYTES,
  masterSecret,
  RANDOM_BYTES,
  type Randoms,
} from './keys.js';
import { contentType, RecordCipher, RecordReader, recordOf, TLS_1_2, type TlsRecord } from './records.js';
import { DH_SUITES, ECC_SUITES, RSA_SUITES, type Suite } from './suites.js';

/** What a server insists on, and how it answers. */
export interface ServerProfile {
  readonly keyExchange: 'rsa' | 'ecc' | 'dh';
  readonly certificate: 'valid' | 'expired';
  /** Refuses a client without one. */
  readonly wantsClientCertificate: boolean;
  /** Application data in each record. */
  readonly recordBytes: number;
}

export interface TlsServerOptions {
  readonly profile: ServerProfile;
  /** What it answers to the first bytes of the application. */
  readonly answer: Uint8Array;
  /** So many bytes that nobody can foresee; of the seed, where a run is to be repeated. */
  readonly randomBytes: (length: number) => Uint8Array;
  readonly send: (bytes: Uint8Array) => void;
  /** The connection is to be closed once all is sent. */
  readonly end: () => void;
}

/** What it has seen of its client. */
export interface TlsSightings {
  hello: ClientHello | undefined;
  /** The handshake is complete: the client has the keys, and the server is who the certificate names. */
  isEstablished: boolean;
  /**
   * The client could have done what the server insists on: it offered such a suite, or has a certificate. This server
   * refuses it all the same, so that its error says nothing of what it cannot do.
   */
  couldHave: boolean;
  /** The alert that the client sent, if any. */
  clientAlert: number | undefined;
  received: number;
}

const SESSION_BYTES = 32;
/** Before a list of certificates (RFC 5246 §7.4.2). */
const LIST_LENGTH_BYTES = 3;
const INSISTED_ON = { ecc: ECC_SUITES, dh: DH_SUITES } as const;

export class TlsServer {
  readonly seen: TlsSightings = {
    hello: undefined,
    isEstablished: false,
    couldHave: false,
    clientAlert: undefined,
    received: 0,
  };
  private readonly options: TlsServerOptions;
  private readonly key: KeyObject = createPrivateKey(TEST_KEY);
  private readonly records = new RecordReader();
  private readonly messages = new MessageReader();
  private readonly said: Buffer[] = [];
  private randoms: Randoms | undefined;
  private suite: Suite | undefined;
  private master: Buffer | undefined;
  private opens: RecordCipher | undefined;
  private seals: RecordCipher | undefined;
  private hasAnswered = false;
  private isOver = false;

  constructor(options: TlsServerOptions) {
    this.options = options;
  }

  /** Takes what came from the client. */
  push(bytes: Uint8Array): void {
    this.records.push(bytes);
    for (
      let record = this.records.next();
      record !== undefined && !this.isOver;
      record = this.records.next()
    ) {
      this.record(record);
    }
  }

  private record(record: TlsRecord): void {
    if (record.type === contentType.changeCipherSpec) {
      this.changeKeys();
      return;
    }
    const content = this.opens === undefined ? record.fragment : this.opens.open(record);
    if (content === undefined) {
      this.refuse(alert.badRecordMac);
      return;
    }
    if (record.type === contentType.alert) {
      this.seen.clientAlert = content[1];
      this.finish();
    } else if (record.type === contentType.data) {
      this.data(content);
    } else if (record.type === contentType.handshake) {
      this.messages.push(content);
      for (let each = this.messages.next(); each !== undefined && !this.isOver; each = this.messages.next()) {
        this.message(each);
      }
    }
  }

  private message(message: HandshakeMessage): void {
    if (message.type === messageType.clientHello) this.greet(message);
    else if (message.type === messageType.clientKeyExchange) this.takeKey(message);
    else if (message.type === messageType.finished) this.finished(message);
    else if (message.type === messageType.certificate) this.takeCertificate(message);
    else this.refuse(alert.handshakeFailure);
  }

  private greet({ body, raw }: HandshakeMessage): void {
    const { profile, randomBytes } = this.options;
    const hello = parseClientHello(body);
    if (hello === undefined) {
      this.refuse(alert.handshakeFailure);
      return;
    }
    this.seen.hello = hello;
    this.seen.couldHave = offersWhatIsInsistedOn(profile.keyExchange, hello);
    if (hello.version < TLS_1_2) {
      this.refuse(alert.protocolVersion);
      return;
    }
    this.suite =
      profile.keyExchange === 'rsa' ? RSA_SUITES.find(({ id }) => hello.suites.includes(id)) : undefined;
    if (this.suite === undefined) {
      this.refuse(alert.handshakeFailure);
      return;
    }
    this.said.push(raw);
    this.randoms = { client: Buffer.from(hello.random), server: randomBytes(RANDOM_BYTES) };
    const certificate = profile.certificate === 'valid' ? VALID_CERTIFICATE : EXPIRED_CERTIFICATE;
    const flight = [
      serverHello(this.randoms.server, this.suite.id, randomBytes(SESSION_BYTES), hello),
      certificateMessage([new X509Certificate(certificate).raw]),
      ...(profile.wantsClientCertificate ? [Buffer.from(certificateRequest)] : []),
      messageOf(messageType.serverHelloDone, new Uint8Array(0)),
    ];
    this.said.push(...flight);
    for (const each of flight) this.options.send(recordOf(contentType.handshake, each));
  }

  /** A client that was asked for a certificate and has none sends an empty list, or nothing; refused is either. */
  private takeCertificate({ body }: HandshakeMessage): void {
    this.seen.couldHave ||= body.length > LIST_LENGTH_BYTES;
    this.refuse(alert.handshakeFailure);
  }

  private takeKey({ body, raw }: HandshakeMessage): void {
    if (this.options.profile.wantsClientCertificate) {
      this.refuse(alert.handshakeFailure);
      return;
    }
    this.said.push(raw);
    const premaster = decrypted(this.key, body.subarray(2));
    if (premaster === undefined || this.randoms === undefined) {
      this.refuse(alert.decryptError);
      return;
    }
    this.master = masterSecret(premaster, this.randoms);
  }

  private changeKeys(): void {
    const { suite, master, randoms } = this;
    if (suite === undefined || master === undefined || randoms === undefined) {
      this.refuse(alert.handshakeFailure);
      return;
    }
    const keys = connectionKeys(master, randoms, suite);
    this.opens = new RecordCipher(suite, keys.client);
    this.seals = new RecordCipher(suite, keys.server, () => this.options.randomBytes(16));
  }

  private finished({ body, raw }: HandshakeMessage): void {
    const { master, seals } = this;
    if (
      master === undefined ||
      seals === undefined ||
      !finishedBy('client', master, this.said).equals(body)
    ) {
      this.refuse(alert.decryptError);
      return;
    }
    this.said.push(raw);
    this.options.send(recordOf(contentType.changeCipherSpec, Uint8Array.of(1)));
    const message = messageOf(messageType.finished, finishedBy('server', master, this.said));
    this.options.send(seals.seal(contentType.handshake, message));
    this.seen.isEstablished = true;
  }

  private data(content: Buffer): void {
    const { answer, profile, send } = this.options;
    this.seen.received += content.length;
    if (this.hasAnswered || this.seals === undefined) return;
    this.hasAnswered = true;
    for (let from = 0; from < answer.length; from += profile.recordBytes) {
      send(this.seals.seal(contentType.data, answer.subarray(from, from + profile.recordBytes)));
    }
    send(this.seals.seal(contentType.alert, alertOf(alert.closeNotify)));
    this.finish();
  }

  private refuse(description: number): void {
    const content = alertOf(description);
    const { seals } = this;
    this.options.send(
      seals === undefined ? recordOf(contentType.alert, content) : seals.seal(contentType.alert, content),
    );
    this.finish();
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.options.end();
  }
}

const offersWhatIsInsistedOn = (keyExchange: ServerProfile['keyExchange'], hello: ClientHello): boolean =>
  keyExchange !== 'rsa' && hello.suites.some((id) => INSISTED_ON[keyExchange].includes(id));

/** PKCS #1 v1.5 by hand: Node refuses it where OpenSSL does not guard against Bleichenbacher's attack. */
function decrypted(key: KeyObject, bytes: Uint8Array): Buffer | undefined {
  try {
    const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes);
    const separator = block.indexOf(0, 2);
    const content = block.subarray(separator + 1);
    const isWellFormed =
      block[0] === 0 && block[1] === 2 && separator >= 10 && content.length === MASTER_BYTES;
    return isWellFormed ? content : undefined;
  } catch {
    return undefined;
  }
}

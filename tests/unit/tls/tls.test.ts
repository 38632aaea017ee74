/**
 * The rig's TLS server and the chip's TLS client, each against OpenSSL's other side and against each other: they speak real
 * TLS, and the client's limits are those of the port's axTLS.
 */
import { createServer as createTcpServer, type Socket, connect as tcpConnect } from 'node:net';
import { connect, createServer } from 'node:tls';
import test from 'ava';
import { RECORD_LIMIT_BYTES, TlsClient, tlsError } from '../../../drivers/virtual/esp8266/chip/tls-client.js';
import { createRandom } from '../../../rig/random.js';
import { TEST_KEY, VALID_CERTIFICATE } from '../../../rig/tls/certificates.js';
import { type ServerProfile, TlsServer, type TlsSightings } from '../../../rig/tls/server.js';

const random = createRandom(3);
const randomBytes = (length: number) => Buffer.from(Array.from({ length }, () => random.integer(0, 255)));

const profile: ServerProfile = {
  keyExchange: 'rsa',
  certificate: 'valid',
  wantsClientCertificate: false,
  recordBytes: 1_024,
};
const CIPHERS = ['AES128-SHA256', 'AES256-SHA256', 'AES128-SHA', 'AES256-SHA'];

async function listening<S extends { listen(port: number, host: string, then: () => void): unknown }>(
  server: S,
): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = 'address' in server && typeof server.address === 'function' ? server.address() : undefined;
  return Number(address?.port);
}

/** The chip's client on a real socket: asks, and resolves with what it reads to the end, or the error. */
function ask(port: number): Promise<string | number> {
  return new Promise((resolve) => {
    const client = new TlsClient(randomBytes, () => undefined);
    const socket: Socket = tcpConnect(port, '127.0.0.1');
    let text = '';
    let hasAsked = false;
    const turn = (bytes: Uint8Array) => {
      const error = client.push(bytes);
      if (client.isEstablished && !hasAsked) {
        hasAsked = true;
        client.write(Buffer.from('hello'));
      }
      socket.write(client.takeOutgoing());
      for (let part = hasAsked ? client.read(100) : undefined; part?.length; part = client.read(100))
        text += part;
      if (error < 0) {
        resolve(error);
        socket.destroy();
      }
    };
    socket.on('connect', () => turn(Buffer.alloc(0)));
    socket.on('data', turn);
    socket.on('close', () => resolve(text));
  });
}

test("the chip's client reads from OpenSSL's server, with each suite", async (t) => {
  for (const ciphers of CIPHERS) {
    const server = createServer(
      { key: TEST_KEY, cert: VALID_CERTIFICATE, ciphers, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
      (socket) => socket.once('data', (data) => socket.end(`${data} ${'x'.repeat(3_000)}`)),
    );
    t.is(await ask(await listening(server)), `hello ${'x'.repeat(3_000)}`, ciphers);
    server.close();
  }
});

test("OpenSSL's server that wants more refuses it, or sends more than it can hold", async (t) => {
  for (const [options, error] of [
    [{ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }, -40],
    [{ minVersion: 'TLSv1.3' }, -70],
  ] as const) {
    const server = createServer({ key: TEST_KEY, cert: VALID_CERTIFICATE, ...options });
    server.on('tlsClientError', () => undefined);
    t.is(await ask(await listening(server)), error);
    server.close();
  }
  const large = createServer(
    { key: TEST_KEY, cert: VALID_CERTIFICATE, ciphers: 'AES128-SHA256', maxVersion: 'TLSv1.2' },
    (socket) => socket.on('error', () => undefined).once('data', () => socket.end('x'.repeat(16_000))),
  );
  t.is(await ask(await listening(large)), tlsError.recordOverflow);
  large.close();
});

test("OpenSSL's client reads from the rig's server, with each suite, and refuses its expired certificate", async (t) => {
  let seen: TlsSightings | undefined;
  const fetch = async (options: object, changed: Partial<ServerProfile> = {}) => {
    const listener = createTcpServer((socket) => {
      const server = new TlsServer({
        profile: { ...profile, ...changed },
        answer: Buffer.from('y'.repeat(5_000)),
        randomBytes,
        send: (bytes) => socket.write(bytes),
        end: () => socket.end(),
      });
      seen = server.seen;
      socket.on('data', (bytes) => server.push(bytes)).on('error', () => undefined);
    });
    const port = await listening(listener);
    return await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(
        { host: '127.0.0.1', port, servername: 'rig', ca: VALID_CERTIFICATE, ...options },
        () => socket.write('hello'),
      );
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.on('close', () => {
        listener.close();
        resolve(text);
      });
    });
  };
  for (const ciphers of CIPHERS) {
    t.is(
      await fetch({ ciphers, maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined }),
      'y'.repeat(5_000),
      ciphers,
    );
  }
  t.regex(
    await fetch({ ciphers: CIPHERS[0], maxVersion: 'TLSv1.2' }, { certificate: 'expired' }),
    /CERT|SELF_SIGNED/,
  );
  t.regex(
    await fetch({ ciphers: CIPHERS[0], maxVersion: 'TLSv1.2' }, { keyExchange: 'ecc' }),
    /_ALERT_HANDSHAKE_FAILURE$/,
  );
  t.false(seen?.couldHave);
  const owned = { key: TEST_KEY, cert: VALID_CERTIFICATE, checkServerIdentity: () => undefined };
  for (const [options, wanted] of [
    [{}, { keyExchange: 'ecc' }],
    [{ ciphers: 'DHE-RSA-AES128-SHA' }, { keyExchange: 'dh' }],
    [{ ciphers: CIPHERS[0], ...owned }, { wantsClientCertificate: true }],
  ] as const) {
    t.regex(await fetch({ ...options, maxVersion: 'TLSv1.2' }, wanted), /_ALERT_HANDSHAKE_FAILURE$/);
    t.true(seen?.couldHave, `refused though it could have: ${JSON.stringify(wanted)}`);
  }
});

/** Both sides, without a network. */
function together(changed: Partial<ServerProfile>, answerBytes = 3_000) {
  const client = new TlsClient(randomBytes, () => undefined);
  const toClient: Uint8Array[] = [];
  const server = new TlsServer({
    profile: { ...profile, ...changed },
    answer: new Uint8Array(answerBytes).fill(7),
    randomBytes,
    send: (bytes) => toClient.push(bytes),
    end: () => undefined,
  });
  const settle = () => {
    server.push(client.takeOutgoing());
    return client.push(Buffer.concat(toClient.splice(0)));
  };
  return { client, server, settle };
}

test('it offers RSA key exchange alone, wants no session, and a certificate of its own is what it has not', (t) => {
  const { client, server, settle } = together({ wantsClientCertificate: true });
  t.is(settle(), 0);
  t.false(server.seen.hello?.wantsSession);
  t.is(settle(), -40);
  t.false(client.isEstablished);
  t.false(server.seen.couldHave);
  for (const keyExchange of ['ecc', 'dh'] as const) {
    const other = together({ keyExchange });
    other.settle();
    t.truthy(other.server.seen.hello);
    t.false(other.server.seen.couldHave, keyExchange);
  }
});

test('one buffer: what was not read is gone when something is written', (t) => {
  const { client, settle } = together({ recordBytes: 1_000 });
  settle();
  settle();
  t.true(client.isEstablished);
  client.write(Buffer.from('hello'));
  settle();
  t.is(client.read(100)?.length, 100);
  client.write(Buffer.from('more'));
  let rest = 0;
  for (let part = client.read(4_000); part?.length; part = client.read(4_000)) rest += part.length;
  t.is(rest, 2_000, 'of 3,000 the last 900 of the first record are lost');
});

test('a record up to the size of the buffer is read, a longer one is an error for good', (t) => {
  // What a record of CBC and SHA-256 has beside its content: 16 + 32 bytes and at most 16 of padding.
  for (const [recordBytes, error] of [
    [RECORD_LIMIT_BYTES - 64, 0],
    [RECORD_LIMIT_BYTES, tlsError.recordOverflow],
  ] as const) {
    const { client, settle } = together({ recordBytes }, recordBytes);
    settle();
    settle();
    client.write(Buffer.from('hello'));
    t.is(settle(), error);
    t.is(client.push(Buffer.alloc(0)), error);
  }
});

/** The contract of `Network`, `Listener` and `Connection`, the same for every driver. */
import test, { type ExecutionContext } from 'ava';
import { isRigError } from '../../rig/errors.js';
import type { Connection, Network } from '../../rig/ports.js';
import { deferred } from './deferred.js';

/** How the peer's side ended. */
export type PeerEnd = 'ended' | 'reset';

/** The device's side of a connection, whatever it is made of. */
export interface Peer {
  /** Resolves when the bytes are on their way, waiting for room as long as it takes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when at least `lengthBytes` have arrived since the start, with all of them. */
  received(lengthBytes: number): Promise<Uint8Array>;
  /** Bytes arrived so far. */
  readonly receivedBytes: number;
  pauseReading(): void;
  resumeReading(): void;
  end(): void;
  reset(): void;
  /** Resolves when the other side has closed or reset the connection. */
  readonly over: Promise<PeerEnd>;
}

export interface NetworkBench {
  readonly network: Network;
  connect(port: number): Promise<Peer>;
  /** Lets things happen for a while. */
  settle(): Promise<void>;
}

/** Runs `body` with a fresh bench, and moves its time. */
export type WithBench = (body: (bench: NetworkBench) => Promise<void>) => Promise<void>;

const ANY_PORT = 0;
/** More than all buffers on the way hold, those of a real system included. */
const LARGE_BYTES = 8_000_000;

export function pattern(lengthBytes: number, step = 7): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, index) => (index * step + (index >> 8)) & 0xff);
}

export async function readBytes(connection: Connection, lengthBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < lengthBytes) {
    const chunk = await connection.read();
    if (chunk === undefined) break;
    chunks.push(chunk);
    length += chunk.length;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Opens one connection and gives both its ends. */
async function openPair(bench: NetworkBench): Promise<{ connection: Connection; peer: Peer }> {
  const accepted = deferred<Connection>();
  const listener = await bench.network.listen(ANY_PORT, accepted.resolve);
  const peer = await bench.connect(listener.port);
  const connection = await accepted.promise;
  await listener.close();
  return { connection, peer };
}

async function rejectsWith(
  t: ExecutionContext,
  code: 'CLOSED' | 'BENCH',
  promise: Promise<unknown>,
): Promise<void> {
  const error = await t.throwsAsync(promise);
  t.true(isRigError(error, code), `expected ${code}, got: ${String(error)}`);
}

export function testNetwork(driver: string, withBench: WithBench): void {
  const contract = (
    name: string,
    body: (t: ExecutionContext, bench: NetworkBench) => Promise<void>,
  ): void => {
    test(`${driver}: ${name}`, async (t) => {
      await withBench((bench) => body(t, bench));
    });
  };

  contract('bytes travel both ways and arrive intact', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    t.regex(connection.remote, /^[\d.]+:\d+$/);
    await peer.write(pattern(100));
    t.deepEqual(await readBytes(connection, 100), pattern(100));
    await connection.write(pattern(200));
    t.deepEqual(await peer.received(200), pattern(200));
    connection.destroy();
  });

  contract('a large transfer waits while the peer does not read, and loses nothing', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    peer.pauseReading();
    let taken = 0;
    const piece = 30_000;
    const pieces = 200;
    const writing = (async () => {
      for (let index = 0; index < pieces; index += 1) {
        await connection.write(pattern(piece, index));
        taken += 1;
      }
    })();
    await bench.settle();
    t.true(taken < pieces, 'everything was taken over although nobody reads');
    peer.resumeReading();
    await writing;
    const expected = Buffer.concat(Array.from({ length: pieces }, (_, index) => pattern(piece, index)));
    t.true(expected.equals(await peer.received(expected.length)));
    connection.destroy();
  });

  contract('a large transfer from the peer waits while nobody reads, and loses nothing', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    let written = false;
    const writing = peer.write(pattern(LARGE_BYTES)).then(() => {
      written = true;
    });
    await bench.settle();
    t.false(written, 'everything was sent although nobody reads');
    const received = await readBytes(connection, LARGE_BYTES);
    await writing;
    t.true(Buffer.from(pattern(LARGE_BYTES)).equals(received));
    connection.destroy();
  });

  contract('when the peer ends, what it sent is read first, then undefined, for ever', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    await peer.write(pattern(50));
    peer.end();
    await bench.settle();
    t.deepEqual(await readBytes(connection, 50), pattern(50));
    t.is(await connection.read(), undefined);
    t.is(await connection.read(), undefined);
    connection.destroy();
  });

  contract('a read that waits when the peer ends resolves with undefined', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    const reading = connection.read();
    peer.end();
    t.is(await reading, undefined);
    connection.destroy();
  });

  contract('when the peer resets, the waiting read and later writes reject with CLOSED', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    const reading = connection.read();
    peer.reset();
    await rejectsWith(t, 'CLOSED', reading);
    await rejectsWith(t, 'CLOSED', connection.write(pattern(1)));
    await rejectsWith(t, 'CLOSED', connection.read());
  });

  contract('end delivers what was written, then the peer sees the end', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    await connection.write(pattern(5_000));
    await connection.end();
    t.deepEqual(await peer.received(5_000), pattern(5_000));
    t.is(await peer.over, 'ended');
    await rejectsWith(t, 'CLOSED', connection.write(pattern(1)));
    await rejectsWith(t, 'CLOSED', connection.end());
    connection.destroy();
  });

  contract('after end, the peer can still be read', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    await connection.end();
    await peer.over;
    await peer.write(pattern(40));
    t.deepEqual(await readBytes(connection, 40), pattern(40));
    peer.end();
    t.is(await connection.read(), undefined);
    connection.destroy();
  });

  contract(
    'destroy resets the peer, and rejects the waiting read and everything later with CLOSED',
    async (t, bench) => {
      const { connection, peer } = await openPair(bench);
      const reading = connection.read();
      connection.destroy();
      await rejectsWith(t, 'CLOSED', reading);
      t.is(await peer.over, 'reset');
      await rejectsWith(t, 'CLOSED', connection.read());
      await rejectsWith(t, 'CLOSED', connection.write(pattern(1)));
      await rejectsWith(t, 'CLOSED', connection.end());
      t.notThrows(() => connection.destroy());
    },
  );

  contract('destroy rejects a write that waits for room with CLOSED', async (t, bench) => {
    const { connection, peer } = await openPair(bench);
    peer.pauseReading();
    const writing = (async () => {
      for (;;) await connection.write(pattern(60_000));
    })();
    const outcome = rejectsWith(t, 'CLOSED', writing);
    await bench.settle();
    connection.destroy();
    await outcome;
  });

  contract('a port that is taken cannot be listened on: BENCH', async (t, bench) => {
    const listener = await bench.network.listen(ANY_PORT, () => undefined);
    await rejectsWith(
      t,
      'BENCH',
      bench.network.listen(listener.port, () => undefined),
    );
    await listener.close();
  });

  contract('a closed listener refuses, keeps its connections, and frees its port', async (t, bench) => {
    const accepted: Connection[] = [];
    const listener = await bench.network.listen(ANY_PORT, (connection) => accepted.push(connection));
    const peer = await bench.connect(listener.port);
    await bench.settle();
    await listener.close();
    await t.throwsAsync(bench.connect(listener.port));
    t.is(accepted.length, 1);
    const [connection] = accepted;
    await connection?.write(pattern(10));
    t.deepEqual(await peer.received(10), pattern(10));
    const again = await bench.network.listen(listener.port, () => undefined);
    t.is(again.port, listener.port);
    await again.close();
    connection?.destroy();
  });
}

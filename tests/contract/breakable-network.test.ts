/** The switch that breaks the server's end: whole, it is a network like any other; broken, the peer finds what it is to find. */
import test, { type ExecutionContext } from 'ava';
import { TcpNetwork } from '../../drivers/pi/tcp-network.js';
import { Radio } from '../../drivers/virtual/network/radio.js';
import { VirtualNetwork } from '../../drivers/virtual/network/virtual-network.js';
import { isRigError } from '../../rig/errors.js';
import type { Connection } from '../../rig/ports.js';
import { createRandom } from '../../rig/random.js';
import { BreakableNetwork, HELD_LIMIT, type ServerBreak } from '../../rig/server/breakable-network.js';
import { seconds } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { DevicePeer } from './device-peer.js';
import { type Peer, pattern, readBytes, testNetwork } from './network-suite.js';
import { SocketPeer } from './socket-peer.js';

interface Bench {
  readonly network: BreakableNetwork;
  /** Rejects when the connection is refused. */
  connect(port: number): Promise<Peer>;
  settle(): Promise<void>;
}

async function onVirtual(body: (bench: Bench) => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  const radio = new Radio({ clock, random: createRandom(1) });
  radio.associated = true;
  radio.interfaceUp = true;
  const virtual = new VirtualNetwork({ clock });
  const network = new BreakableNetwork(virtual);
  await clock.run(() =>
    body({
      network,
      connect: async (port) => {
        const peer = new DevicePeer({ clock, network: virtual, radio, address: '192.168.4.2' });
        await peer.connect(network.hostAddress, port);
        return peer;
      },
      settle: () => clock.sleep('settle', seconds(1)),
    }),
  );
}

async function onTcp(body: (bench: Bench) => Promise<void>): Promise<void> {
  const peers: SocketPeer[] = [];
  const network = new BreakableNetwork(new TcpNetwork({ address: '127.0.0.1' }));
  try {
    await body({
      network,
      connect: async (port) => {
        const peer = await SocketPeer.connect(network.hostAddress, port);
        peers.push(peer);
        return peer;
      },
      settle: () => new Promise((resolve) => setTimeout(resolve, 50)),
    });
  } finally {
    for (const peer of peers) peer.destroy();
  }
}

testNetwork('BreakableNetwork', onVirtual);

/** A server that has one connection and breaks so; then `body` looks, and the server is mended. */
async function broken(
  { network, connect, settle }: Bench,
  how: ServerBreak,
  body: (found: {
    first: Peer;
    connection: Connection;
    reading: Promise<unknown>;
    port: number;
  }) => Promise<void>,
): Promise<Connection[]> {
  const accepted: Connection[] = [];
  const { port, close } = await network.listen(0, (connection) => accepted.push(connection));
  const first = await connect(port);
  await first.write(pattern(3));
  // The peer knows of the connection before the server does.
  await settle();
  const [connection] = accepted;
  if (connection === undefined) throw new Error('Nothing was accepted.');
  await readBytes(connection, 3);
  const reading = connection.read().then(
    () => 'something',
    (error: unknown) => (isRigError(error, 'CLOSED') ? 'CLOSED' : error),
  );
  await network.break(how);
  await body({ first, connection, reading, port });
  await network.mend();
  const again = await connect(port);
  await again.write(pattern(5));
  await settle();
  const latest = accepted.at(-1);
  if (latest === undefined || latest === connection) throw new Error('A mended server accepts nothing.');
  await readBytes(latest, 5);
  latest.destroy();
  await close();
  return accepted;
}

for (const [driver, onBench] of [
  ['VirtualNetwork', onVirtual],
  ['TcpNetwork', onTcp],
] as const) {
  const breaks = (name: string, body: (t: ExecutionContext, bench: Bench) => Promise<unknown>) =>
    test(`${driver}: ${name}`, (t) => onBench(async (bench) => void (await body(t, bench))));

  breaks('stopped, connections are closed in good order, and the port is closed', (t, bench) =>
    broken(bench, 'stop', async ({ first, reading, port }) => {
      t.is(await first.over, 'ended');
      t.is(await reading, 'CLOSED');
      await t.throwsAsync(bench.connect(port));
    }),
  );

  breaks('refusing, connections are reset, and the port is closed', (t, bench) =>
    broken(bench, 'refuse', async ({ first, reading, port }) => {
      t.is(await first.over, 'reset');
      t.is(await reading, 'CLOSED');
      await t.throwsAsync(bench.connect(port));
    }),
  );

  breaks('resetting, connections are reset, those that come too', (t, bench) =>
    broken(bench, 'reset', async ({ first, port }) => {
      t.is(await first.over, 'reset');
      // The reset may be there before the peer knows that it is connected.
      const over = await bench.connect(port).then(
        ({ over }) => over,
        () => 'reset',
      );
      t.is(over, 'reset');
    }),
  );

  breaks('half-open, connections stand and come, and nothing is read or said', async (t, bench) => {
    let silent: { first: Peer; second: Peer } | undefined;
    const accepted = await broken(bench, 'half-open', async ({ first, connection, reading, port }) => {
      const second = await bench.connect(port);
      silent = { first, second };
      await first.write(pattern(9));
      await connection.write(pattern(50));
      connection.destroy();
      await bench.settle();
      t.is(first.receivedBytes + second.receivedBytes, 0);
      const isOver = await Promise.race([first.over, second.over, reading, bench.settle().then(() => 'no')]);
      t.is(isOver, 'no', 'neither end is told, whatever the owner does');
    });
    t.is(accepted.length, 2, 'the one that came meanwhile was not handed over');
    t.is(await silent?.first.over, 'reset');
    t.is(await silent?.second.over, 'reset');
  });
}

test('a half-open server holds on to a bounded number of connections', (t) =>
  onVirtual(async (bench) => {
    const { port } = await bench.network.listen(0, () => undefined);
    await bench.network.break('half-open');
    const peers: Peer[] = [];
    for (let count = 0; count <= HELD_LIMIT; count += 1) peers.push(await bench.connect(port));
    t.is(await peers[0]?.over, 'reset');
    t.is(await Promise.race([peers[1]?.over, bench.settle()]), undefined);
    await bench.network.mend();
  }));

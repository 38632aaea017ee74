/** One contract for the real network and the simulated one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TcpNetwork } from '../../drivers/pi/tcp-network.js';
import { Radio } from '../../drivers/virtual/network/radio.js';
import { VirtualNetwork } from '../../drivers/virtual/network/virtual-network.js';
import { createRandom } from '../../rig/random.js';
import { seconds } from '../../rig/time/units.js';
import { VirtualClock } from '../../rig/time/virtual-clock.js';
import { DevicePeer } from './device-peer.js';
import { testNetwork } from './network-suite.js';
import { SocketPeer } from './socket-peer.js';

const LOOPBACK = '127.0.0.1';
const SETTLE_MS = 150;

testNetwork('TcpNetwork', async (body) => {
  const peers: SocketPeer[] = [];
  try {
    await body({
      network: new TcpNetwork({ address: LOOPBACK }),
      connect: async (port) => {
        const peer = await SocketPeer.connect(LOOPBACK, port);
        peers.push(peer);
        return peer;
      },
      settle: () => sleep(SETTLE_MS),
    });
  } finally {
    for (const peer of peers) peer.destroy();
  }
});

testNetwork('VirtualNetwork', async (body) => {
  const clock = new VirtualClock();
  const radio = new Radio({ clock, random: createRandom(1) });
  radio.associated = true;
  radio.interfaceUp = true;
  const network = new VirtualNetwork({ clock });
  await clock.run(() =>
    body({
      network,
      connect: async (port) => {
        const peer = new DevicePeer({ clock, network, radio, address: '192.168.4.2' });
        await peer.connect(network.hostAddress, port);
        return peer;
      },
      settle: () => clock.sleep('settle', seconds(1)),
    }),
  );
});

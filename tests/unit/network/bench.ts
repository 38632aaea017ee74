/** A simulated network with one device on the air, in virtual time. */
import type { DeviceStackOptions } from '../../../drivers/virtual/network/device-stack.js';
import { Radio } from '../../../drivers/virtual/network/radio.js';
import { VirtualNetwork } from '../../../drivers/virtual/network/virtual-network.js';
import type { Connection, Listener } from '../../../rig/ports.js';
import { createRandom } from '../../../rig/random.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { deferred } from '../../contract/deferred.js';
import { DevicePeer } from '../../contract/device-peer.js';

export const PORT = 8_123;
export const DEVICE_ADDRESS = '192.168.4.2';

export interface AirBench {
  readonly clock: VirtualClock;
  readonly radio: Radio;
  readonly network: VirtualNetwork;
  readonly peerOptions: Omit<DeviceStackOptions, 'listener'>;
}

export function createBench(seed = 1): AirBench {
  const clock = new VirtualClock();
  const radio = new Radio({ clock, random: createRandom(seed) });
  radio.associated = true;
  radio.interfaceUp = true;
  const network = new VirtualNetwork({ clock });
  return { clock, radio, network, peerOptions: { clock, network, radio, address: DEVICE_ADDRESS } };
}

export interface Pair {
  readonly connection: Connection;
  readonly peer: DevicePeer;
  readonly listener: Listener;
}

export async function openPair(bench: AirBench): Promise<Pair> {
  const accepted = deferred<Connection>();
  const listener = await bench.network.listen(PORT, accepted.resolve);
  const peer = new DevicePeer(bench.peerOptions);
  await peer.connect(bench.network.hostAddress, PORT);
  return { connection: await accepted.promise, peer, listener };
}

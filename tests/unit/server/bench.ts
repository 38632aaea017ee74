/** The rig's server on the simulated network, in virtual time, with devices that follow a script. */
import { Radio } from '../../../drivers/virtual/network/radio.js';
import { VirtualNetwork } from '../../../drivers/virtual/network/virtual-network.js';
import { createRandom } from '../../../rig/random.js';
import type { ClientState } from '../../../rig/server/events.js';
import { LinkServer, type LinkServerOptions } from '../../../rig/server/server.js';
import { type InstantUs, instant, ms } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { DevicePeer } from '../../contract/device-peer.js';

export const TIMEOUT = ms(1_500);
const PORT = 8_123;
const DEVICE_ADDRESS = '192.168.4.2';

export interface ServerBench {
  readonly clock: VirtualClock;
  readonly radio: Radio;
  readonly server: LinkServer;
  /** Texts delivered to the application, as `client text`. */
  readonly delivered: string[];
  readonly states: { client: string; state: ClientState; detail: string; atUs: InstantUs }[];
  readonly malformed: string[];
  readonly suppressed: string[];
  heardCount(): number;
  /** A device that has opened a connection and sent nothing. */
  openDevice(): Promise<ScriptedDevice>;
  /** A device that has sent its id and, so that the server may talk, a keepalive. */
  joinDevice(id?: string): Promise<ScriptedDevice>;
}

/** Runs `body` with a server that listens, closes the server, and fails when a timer of it is left. */
export async function withServer(
  body: (bench: ServerBench) => Promise<void>,
  options: Partial<Pick<LinkServerOptions, 'spacingUs' | 'queueLimit' | 'events'>> = {},
): Promise<void> {
  const clock = new VirtualClock();
  const radio = new Radio({ clock, random: createRandom(7) });
  radio.associated = true;
  radio.interfaceUp = true;
  const network = new VirtualNetwork({ clock });
  const delivered: string[] = [];
  const states: ServerBench['states'] = [];
  const malformed: string[] = [];
  const suppressed: string[] = [];
  let heard = 0;
  const server = new LinkServer({
    clock,
    network,
    port: PORT,
    timeoutUs: TIMEOUT,
    events: {
      message: (client, text) => delivered.push(`${client} ${text}`),
      state: (client, state, detail) => states.push({ client, state, detail, atUs: clock.now() }),
      heard: () => {
        heard += 1;
      },
      malformed: (client, detail) => malformed.push(`${client ?? '?'} ${detail}`),
      duplicateSuppressed: (client, text) => suppressed.push(`${client} ${text}`),
    },
    ...options,
  });
  const openDevice = async () => {
    const device = new ScriptedDevice(
      clock,
      new DevicePeer({ clock, network, radio, address: DEVICE_ADDRESS }),
    );
    await device.peer.connect(network.hostAddress, PORT);
    return device;
  };
  const joinDevice = async (id = 'board') => {
    const device = await openDevice();
    device.send(id, '');
    return device;
  };
  await clock.run(async () => {
    await server.start();
    const heardCount = () => heard;
    await body({
      clock,
      radio,
      server,
      delivered,
      states,
      malformed,
      suppressed,
      heardCount,
      openDevice,
      joinDevice,
    });
    await server.close();
    const left = clock.pending().filter((name) => name.startsWith('server'));
    if (left.length > 0) throw new Error(`timers left by the server: ${left.join(', ')}`);
  });
}

export class ScriptedDevice {
  readonly peer: DevicePeer;
  private readonly clock: VirtualClock;
  private acknowledged = 0;
  private living = false;

  constructor(clock: VirtualClock, peer: DevicePeer) {
    this.clock = clock;
    this.peer = peer;
  }

  /** Sends lines. */
  send(...lines: string[]): void {
    this.sendBytes(new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')));
  }

  sendBytes(bytes: Uint8Array): void {
    // Whether it ever has room is for the test to find out by what arrives.
    void this.peer.write(bytes).catch(() => undefined);
  }

  /** Everything received, cut into lines. */
  get allLines(): string[] {
    return new TextDecoder().decode(this.peer.receivedSoFar).split('\n').slice(0, -1);
  }

  /** Received lines that are not keepalives. */
  get lines(): string[] {
    return this.allLines.filter((line) => line !== '');
  }

  /** Received lines that are messages. */
  get messages(): string[] {
    return this.lines.filter((line) => line.length > 2);
  }

  /** Sends a keepalive every quarter of the timeout, until it dies. */
  live(): void {
    if (this.living) return;
    this.living = true;
    const beat = () => {
      if (!this.living) return;
      this.send('');
      this.clock.at('device keepalive', later(this.clock), beat);
    };
    beat();
  }

  die(): void {
    this.living = false;
  }

  /** Sends an ack for every message that has arrived since the last call. */
  acknowledgeAll(): void {
    const fresh = this.messages.slice(this.acknowledged);
    this.acknowledged += fresh.length;
    if (fresh.length > 0) this.send(...fresh.map((line) => line.slice(0, 2)));
  }
}

const later = (clock: VirtualClock): InstantUs => instant(clock.now() + TIMEOUT / 4);

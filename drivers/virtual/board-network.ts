/** Joins the virtual board to the simulated WLAN: its commands go out, what happens on the air comes in. */

import type { Connection } from '../../rig/ports.js';
import type { Random } from '../../rig/random.js';
import type { Clock } from '../../rig/time/clock.js';
import { type DurationUs, later, seconds } from '../../rig/time/units.js';
import { errno } from './esp8266/chip/errno.js';
import { type BoardRecord, deviceRecord, hostRecord } from './esp8266/lockstep/records.js';
import type { VirtualAccessPoint } from './network/access-point.js';
import type { DeviceSocketEvent } from './network/device-sockets.js';
import { DeviceStack } from './network/device-stack.js';
import { dial } from './network/inbound.js';
import { Radio } from './network/radio.js';
import { DEFAULT_DEVICE_ADDRESS, DeviceStation } from './network/station.js';
import type { VirtualNetwork } from './network/virtual-network.js';

/** Gives the device a record. */
export type TellDevice = (kind: number, a?: number, b?: number, bytes?: Uint8Array) => void;

export interface BoardNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly accessPoint: VirtualAccessPoint;
  readonly network: VirtualNetwork;
  /** The board's MAC address, in lower case with colons. */
  readonly mac: string;
  readonly tell: TellDevice;
}

/** Thirteen channels, for 100 to 200 ms each: an estimate. */
const SCAN_TIME: DurationUs = seconds(2);

/** Where the host's own calls come from (RFC 6335: ephemeral ports). */
const FIRST_CALLING_PORT = 49_152;
const CALLING_PORTS = 16_384;

const connectErrors = {
  refused: errno.ECONNREFUSED,
  // lwIP aborts the connection; a time-out is only what a socket's own limit gives.
  timedOut: errno.ECONNABORTED,
  unreachable: errno.EHOSTUNREACH,
} as const;

export class BoardNetwork {
  readonly radio: Radio;
  private readonly station: DeviceStation;
  private readonly stack: DeviceStack;
  private readonly tell: TellDevice;
  private readonly options: BoardNetworkOptions;
  /** Counts stops of the chip: what was asked before must not be answered after. */
  private life = 0;

  constructor(options: BoardNetworkOptions) {
    const { clock, random, accessPoint, network, mac, tell } = options;
    this.options = options;
    this.tell = tell;
    this.radio = new Radio({ clock, random });
    this.station = new DeviceStation({
      clock,
      random,
      accessPoint,
      radio: this.radio,
      name: mac,
      listener: (status, address) =>
        tell(hostRecord.wifiStatus, status, 0, new TextEncoder().encode(address)),
    });
    this.stack = new DeviceStack({
      clock,
      network,
      radio: this.radio,
      address: DEFAULT_DEVICE_ADDRESS,
      listener: (event) => this.socketEvent(event),
    });
  }

  /** The chip starts, and its radio with it. */
  started(): void {
    this.station.boot();
  }

  /** The chip stopped: nothing of it is left on the air. */
  stopped(): void {
    this.life += 1;
    this.radio.deaf = false;
    this.stack.vanish();
    this.station.vanish();
  }

  /** A command of the device to its station or its sockets. */
  handle(record: BoardRecord): void {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    switch (record.kind) {
      case deviceRecord.wifiActive:
        this.station.setActive(record.a === 1);
        break;
      case deviceRecord.wifiConnect:
        this.station.connect(text(record.bytes.subarray(0, record.a)), text(record.bytes.subarray(record.a)));
        break;
      case deviceRecord.wifiDisconnect:
        this.station.disconnect();
        break;
      case deviceRecord.socketConnect:
        this.stack.connect(record.a, text(record.bytes), record.b);
        break;
      case deviceRecord.socketSend:
        this.stack.send(record.a, record.bytes);
        break;
      case deviceRecord.socketConsumed:
        this.stack.consumed(record.a, record.b);
        break;
      case deviceRecord.socketClose:
        this.stack.close(record.a);
        break;
      case deviceRecord.socketListen:
        this.stack.listen(record.a, record.b);
        break;
      case deviceRecord.socketAbort:
        this.stack.abort(record.a);
        break;
      case deviceRecord.wifiScan:
        this.scan();
        break;
      case deviceRecord.radioBlocked:
        this.radio.deaf = true;
        break;
    }
  }

  /** The host calls the device up. Rejects with `CLOSED` when nothing listens on `port`, or nothing answers. */
  dial(port: number): Promise<Connection> {
    const { clock, network } = this.options;
    const connection = network.nextConnection();
    return dial(port, {
      clock,
      radio: this.radio,
      device: this.stack,
      address: DEFAULT_DEVICE_ADDRESS,
      connection,
      remote: `${network.hostAddress}:${FIRST_CALLING_PORT + (connection % CALLING_PORTS)}`,
    });
  }

  private scan(): void {
    const { clock } = this.options;
    const { life } = this;
    clock.at('WiFi scan', later(clock.now(), SCAN_TIME), () => {
      if (life !== this.life) return;
      const names = this.station.visible().map((name) => `${name}\0`);
      this.tell(hostRecord.wifiScanned, 0, 0, new TextEncoder().encode(names.join('')));
    });
  }

  private socketEvent(event: DeviceSocketEvent): void {
    const { socket } = event;
    switch (event.kind) {
      case 'connected':
        this.tell(hostRecord.socketConnected, socket);
        break;
      case 'incoming':
        this.tell(hostRecord.socketIncoming, socket, event.child, new TextEncoder().encode(event.remote));
        break;
      case 'failed':
        this.tell(hostRecord.socketFailed, socket, connectErrors[event.error]);
        break;
      case 'data':
        this.tell(hostRecord.socketData, socket, 0, event.bytes);
        break;
      case 'acked':
        this.tell(hostRecord.socketAcked, socket, event.lengthBytes);
        break;
      case 'peerClosed':
        this.tell(hostRecord.socketPeerClosed, socket);
        break;
      case 'reset':
        this.tell(hostRecord.socketFailed, socket, event.byPeer ? errno.ECONNRESET : errno.ECONNABORTED);
        break;
    }
  }
}

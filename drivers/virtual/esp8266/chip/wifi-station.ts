/** `network.WLAN(STA_IF)` on the device's side: commands out, the station's status in. */
import { StationStatus } from '../../network/station.js';
import { type BoardRecord, deviceRecord, hostRecord } from '../lockstep/records.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import { RADIO_LOOKAHEAD_US } from './lookahead.js';

export class WifiStation {
  private status: number = StationStatus.idle;
  private address = '';
  private active = true;
  /** The network that the program last named in this life; empty when it named none. */
  ssid = '';
  /** What the last scan found. */
  private found: string | undefined;
  private readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  accept(record: BoardRecord): boolean {
    if (record.kind === hostRecord.wifiScanned) {
      this.found = new TextDecoder().decode(record.bytes);
      return true;
    }
    if (record.kind !== hostRecord.wifiStatus) return false;
    this.status = record.a;
    this.address = new TextDecoder().decode(record.bytes);
    return true;
  }

  isActive(): boolean {
    return this.active;
  }

  setActive(active: boolean): void {
    this.active = active;
    this.tellHost(deviceRecord.wifiActive, active ? 1 : 0);
  }

  /** Joins a network; without an SSID, the one whose credentials are stored. */
  connect(ssid: string | null, passphrase: string | null): void {
    if (ssid !== null) this.ssid = ssid;
    const name = new TextEncoder().encode(ssid ?? '');
    const secret = new TextEncoder().encode(passphrase ?? '');
    const both = new Uint8Array(name.length + secret.length);
    both.set(name);
    both.set(secret, name.length);
    this.tellHost(deviceRecord.wifiConnect, name.length, both);
  }

  disconnect(): void {
    this.tellHost(deviceRecord.wifiDisconnect, 0);
  }

  /** Blocks until the scan is over. The names of the networks, each ended by a zero; undefined when it was interrupted. */
  scan(): string | undefined {
    this.found = undefined;
    this.tellHost(deviceRecord.wifiScan, 0);
    while (this.found === undefined && !this.cpu.stopped && !this.cpu.interrupted) {
      this.cpu.waitForEvent(Number.POSITIVE_INFINITY);
    }
    return this.found;
  }

  currentStatus(): number {
    this.cpu.work(costs.socketCallUs);
    this.cpu.observed();
    return this.status;
  }

  /** Whether the radio works for a network; a look of the simulation, which costs the program nothing. */
  isOnAir(): boolean {
    return this.status === StationStatus.gotIp;
  }

  isConnected(): boolean {
    return this.currentStatus() === StationStatus.gotIp;
  }

  ipAddress(): string {
    return this.address === '' ? '0.0.0.0' : this.address;
  }

  private tellHost(kind: number, a: number, bytes?: Uint8Array): void {
    this.cpu.work(costs.socketCallUs);
    this.cpu.progress();
    const now = this.cpu.now();
    this.cpu.post(kind, now, now + RADIO_LOOKAHEAD_US, a, 0, bytes);
  }
}

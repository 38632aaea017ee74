/**
 * The simulated access point: a network name, a passphrase, a switch, the stations associated with it, and faults of
 * the air between them.
 */
import type { AccessPoint, Impairment } from '../../../rig/ports.js';

/** What is wrong with the air. Beacons are heard all the same, so stations stay associated. */
export interface AirFault {
  /** No packet passes. */
  readonly silent: boolean;
  readonly impairment: Impairment | undefined;
}

const CLEAR_AIR: AirFault = { silent: false, impairment: undefined };

export interface VirtualAccessPointOptions {
  readonly ssid: string;
  readonly passphrase: string;
}

export class VirtualAccessPoint implements AccessPoint {
  readonly ssid: string;
  readonly passphrase: string;
  private readonly associated = new Set<string>();
  private readonly switchListeners = new Set<(isOn: boolean) => void>();
  private readonly kickListeners = new Set<(station: string) => void>();
  private readonly faultListeners = new Set<(fault: AirFault) => void>();
  private powered = true;
  private fault = CLEAR_AIR;

  constructor(options: VirtualAccessPointOptions) {
    this.ssid = options.ssid;
    this.passphrase = options.passphrase;
  }

  get isOn(): boolean {
    return this.powered;
  }

  /** Off the air at once; it forgets its stations, which notice by themselves. */
  off(): Promise<void> {
    if (!this.powered) return Promise.resolve();
    this.powered = false;
    this.associated.clear();
    this.tellSwitched();
    return Promise.resolve();
  }

  on(): Promise<void> {
    if (this.fault !== CLEAR_AIR) this.setFault(CLEAR_AIR);
    if (this.powered) return Promise.resolve();
    this.powered = true;
    this.tellSwitched();
    return Promise.resolve();
  }

  /** Every station gets a deauthentication. */
  kick(): Promise<void> {
    for (const station of [...this.associated]) {
      this.associated.delete(station);
      for (const listener of this.kickListeners) listener(station);
    }
    return Promise.resolve();
  }

  silence(): Promise<void> {
    this.setFault({ ...this.fault, silent: true });
    return Promise.resolve();
  }

  degrade(impairment: Impairment): Promise<void> {
    this.setFault({ ...this.fault, impairment });
    return Promise.resolve();
  }

  stations(): Promise<readonly string[]> {
    return Promise.resolve([...this.associated]);
  }

  /** Calls `listener` when the access point goes off or on. Returns a function that stops that. */
  onSwitched(listener: (isOn: boolean) => void): () => void {
    this.switchListeners.add(listener);
    return () => this.switchListeners.delete(listener);
  }

  /** Calls `listener` with each station that is deauthenticated. Returns a function that stops that. */
  onKicked(listener: (station: string) => void): () => void {
    this.kickListeners.add(listener);
    return () => this.kickListeners.delete(listener);
  }

  /** Calls `listener` when the faults of the air change. Returns a function that stops that. */
  onFault(listener: (fault: AirFault) => void): () => void {
    this.faultListeners.add(listener);
    return () => this.faultListeners.delete(listener);
  }

  /** A station with the right passphrase joins. One that lost power and is back joins again. */
  associate(station: string): void {
    this.associated.add(station);
  }

  /** A station takes its leave. One that loses power does not. */
  disassociate(station: string): void {
    this.associated.delete(station);
  }

  private setFault(fault: AirFault): void {
    this.fault = fault;
    for (const listener of this.faultListeners) listener(fault);
  }

  private tellSwitched(): void {
    for (const listener of this.switchListeners) listener(this.powered);
  }
}

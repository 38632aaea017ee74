/**
 * The ESP8266's WiFi station: joins a network, keeps trying, notices when the access point is gone, and
 * remembers its credentials in flash. It goes on by itself, whatever the firmware does, as the SDK does.
 */
import type { Random } from '../../../rig/random.js';
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { type DurationUs, later, ms, seconds, us } from '../../../rig/time/units.js';
import type { AirFault, VirtualAccessPoint } from './access-point.js';
import type { Radio } from './radio.js';

/** The SDK's `wifi_station_get_connect_status`, which MicroPython hands on as it is. */
export const StationStatus = {
  idle: 0,
  connecting: 1,
  wrongPassword: 2,
  noAccessPointFound: 3,
  connectFail: 4,
  gotIp: 5,
} as const;
export type StationStatus = (typeof StationStatus)[keyof typeof StationStatus];

interface Range {
  readonly shortest: DurationUs;
  readonly longest: DurationUs;
}

/** Scan, association, key exchange and DHCP of an ESP8266 that knows the network. An estimate: no document states it. */
export const JOIN_TIME: Range = { shortest: seconds(1), longest: seconds(3) };

/** The station gives an access point up when its beacons (one each 102.4 ms) have failed to come for a while. How long is an assumption. */
export const BEACON_TIMEOUT: Range = { shortest: ms(500), longest: seconds(2) };

/** An access point that has restarted answers the first frame of a station it forgot with a deauthentication. An assumption. */
export const DEAUTHENTICATION_DELAY = ms(50);

/** A deauthentication travels no slower than any other frame. */
export const KICK_DELAY = ms(2);

/** A lease takes four packets: discover, offer, request, acknowledgement. */
const LEASE_PACKETS = 4;
/** lwIP repeats its DHCP discover after 2 s, 4 s and so on, and then every 60 s (dhcp_discover in its dhcp.c). */
const LEASE_RETRY = seconds(2);
const LONGEST_LEASE_RETRY = seconds(60);

/** Pause of the SDK between two attempts to join. An assumption. */
export const RETRY_PAUSE = ms(500);

/** A station that is not told its address. */
export const DEFAULT_STATION = '5c:cf:7f:00:00:01';
export const DEFAULT_DEVICE_ADDRESS = '192.168.4.2';
const NO_ADDRESS = '0.0.0.0';

export interface DeviceStationOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly accessPoint: VirtualAccessPoint;
  readonly radio: Radio;
  /** Its MAC address, in lower case with colons. */
  readonly name?: string;
  /** The address that DHCP gives it. */
  readonly address?: string;
  /** Called by a timer when status or address change by themselves, and at once when a call changes them. */
  readonly listener: (status: StationStatus, address: string) => void;
}

interface Credentials {
  readonly ssid: string;
  readonly passphrase: string;
}

export class DeviceStation {
  private readonly options: DeviceStationOptions;
  private readonly random: Random;
  private readonly name: string;
  private readonly leasedAddress: string;
  /** Kept in flash: survives `vanish`. */
  private stored: { credentials: Credentials | undefined; active: boolean } = {
    credentials: undefined,
    active: false,
  };
  private isActive = false;
  private currentStatus: StationStatus = StationStatus.idle;
  private currentAddress = NO_ADDRESS;
  /** The next step of its own: an attempt to join, or the loss being noticed. */
  private timer: Timer | undefined;

  constructor(options: DeviceStationOptions) {
    this.options = options;
    this.random = options.random.fork('station');
    this.name = options.name ?? DEFAULT_STATION;
    this.leasedAddress = options.address ?? DEFAULT_DEVICE_ADDRESS;
    options.accessPoint.onSwitched((isOn) => this.noteSwitched(isOn));
    options.accessPoint.onKicked((station) => this.noteKicked(station));
    options.accessPoint.onFault((fault) => this.noteFault(fault));
  }

  get status(): StationStatus {
    return this.currentStatus;
  }

  /** `0.0.0.0` without a lease. */
  get address(): string {
    return this.currentAddress;
  }

  get active(): boolean {
    return this.isActive;
  }

  /** Power or reset: the SDK joins the stored network by itself when the interface was active the last time. */
  boot(): void {
    this.isActive = this.stored.active;
    if (this.isActive && this.stored.credentials !== undefined) this.join();
  }

  /** Reset or power lost: off the air without a word; only the flash survives. */
  vanish(): void {
    this.cancelStep();
    this.options.radio.associated = false;
    this.options.radio.interfaceUp = false;
    this.currentStatus = StationStatus.idle;
    this.currentAddress = NO_ADDRESS;
    this.isActive = false;
  }

  setActive(active: boolean): void {
    this.stored.active = active;
    if (!active) this.disconnect();
    this.isActive = active;
  }

  /** Joins the network `ssid`, or without one (or with an empty one) the network that was used last. */
  connect(ssid = '', passphrase = ''): void {
    if (!this.isActive) return;
    if (ssid !== '') this.stored.credentials = { ssid, passphrase };
    this.leave();
    this.join();
  }

  /** Names of the networks in reach: none for a station that is not active, or that hears nothing. */
  visible(): readonly string[] {
    const { accessPoint, radio } = this.options;
    return this.isActive && accessPoint.isOn && !radio.deaf ? [accessPoint.ssid] : [];
  }

  /** Leaves the network, and stops trying to join one. */
  disconnect(): void {
    this.leave();
    this.change(StationStatus.idle);
  }

  private leave(): void {
    this.cancelStep();
    const { radio, accessPoint } = this.options;
    if (radio.associated) accessPoint.disassociate(this.name);
    radio.associated = false;
    radio.interfaceUp = false;
  }

  private join(): void {
    this.change(StationStatus.connecting);
    this.step('WiFi join', this.randomTime(JOIN_TIME), () => this.finishJoin());
  }

  private finishJoin(): void {
    const { accessPoint, radio } = this.options;
    const { credentials } = this.stored;
    const hearsIt = accessPoint.isOn && !radio.deaf;
    if (!hearsIt || credentials?.ssid !== accessPoint.ssid) {
      this.change(StationStatus.noAccessPointFound);
      this.step('WiFi retry', us(RETRY_PAUSE + this.randomTime(JOIN_TIME)), () => this.finishJoin());
      return;
    }
    if (credentials.passphrase !== accessPoint.passphrase) {
      this.change(StationStatus.wrongPassword);
      return;
    }
    radio.associated = true;
    accessPoint.associate(this.name);
    this.lease(LEASE_RETRY);
  }

  /** Associated, it asks for an address. Over good air that is part of the time that joining takes. */
  private lease(retry: DurationUs): void {
    const { radio } = this.options;
    if (radio.losesOneOf(LEASE_PACKETS)) {
      const next = us(Math.min(2 * retry, LONGEST_LEASE_RETRY));
      this.step('DHCP retry', retry, () => this.lease(next));
      return;
    }
    radio.interfaceUp = true;
    this.change(StationStatus.gotIp);
  }

  private noteSwitched(isOn: boolean): void {
    if (this.isOnNetwork) this.lose(isOn ? DEAUTHENTICATION_DELAY : this.randomTime(BEACON_TIMEOUT));
  }

  private noteKicked(station: string): void {
    if (station === this.name && this.isOnNetwork) this.lose(KICK_DELAY);
  }

  private noteFault({ silent, impairment }: AirFault): void {
    this.options.radio.silent = silent;
    this.options.radio.impairment = impairment;
  }

  /** It takes itself for associated, be it still without an address. */
  private get isOnNetwork(): boolean {
    const { associated, interfaceUp } = this.options.radio;
    return associated || interfaceUp;
  }

  /** The access point does not know it any more; it notices after `delay` and joins anew. */
  private lose(delay: DurationUs): void {
    const { radio } = this.options;
    radio.associated = false;
    this.step('WiFi loss noticed', delay, () => {
      radio.interfaceUp = false;
      this.join();
    });
  }

  private change(status: StationStatus): void {
    const address = status === StationStatus.gotIp ? this.leasedAddress : NO_ADDRESS;
    if (status === this.currentStatus && address === this.currentAddress) return;
    this.currentStatus = status;
    this.currentAddress = address;
    this.options.listener(status, address);
  }

  private step(name: string, after: DurationUs, action: () => void): void {
    this.cancelStep();
    const { clock } = this.options;
    this.timer = clock.at(name, later(clock.now(), after), () => {
      this.timer = undefined;
      action();
    });
  }

  private cancelStep(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private randomTime(range: Range): DurationUs {
    return us(this.random.integer(range.shortest, range.longest));
  }
}

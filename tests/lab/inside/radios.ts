/**
 * Two simulated radios (mac80211_hwsim) that hear one another: hostapd makes an access point of the first, with
 * WPA2; the second is a station with wpa_supplicant in a network namespace of its own, so that its packets really
 * travel over the air.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { must, Program, type ProgramEnd, tool } from './program.js';
import { until } from './wait.js';

export const AP_INTERFACE = 'wlan0';
export const STATION_INTERFACE = 'wlan1';
export const AP_ADDRESS = '192.168.50.1';
export const STATION_ADDRESS = '192.168.50.2';
export const CONTROL = '/run/hostapd';
export const SSID = 'rig-lab';
export const PASSPHRASE = 'only in the lab';
const NAMESPACE = 'station';
/** Where process 1 lives, for `iw`. */
const INITIAL_NAMESPACE = '1';

const hostapdSettings = `
interface=${AP_INTERFACE}
ctrl_interface=${CONTROL}
driver=nl80211
ssid=${SSID}
hw_mode=g
channel=1
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=${PASSPHRASE}
`;

const stationSettings = `
ctrl_interface=/run/wpa_supplicant
network={
  ssid="${SSID}"
  psk="${PASSPHRASE}"
  scan_freq=2412
}
`;

export class Radios {
  readonly stationMac: string;
  private readonly stationPhy: string;
  private hostapd: Program | undefined;
  private supplicant: Program | undefined;

  private constructor(stationMac: string, stationPhy: string) {
    this.stationMac = stationMac;
    this.stationPhy = stationPhy;
  }

  /** Access point on the air, station in its namespace but not yet started. */
  static async create(): Promise<Radios> {
    const mac = (await readFile(`/sys/class/net/${STATION_INTERFACE}/address`, 'utf8')).trim();
    const phy = (await readFile(`/sys/class/net/${STATION_INTERFACE}/phy80211/name`, 'utf8')).trim();
    await must('ip', 'netns', 'add', NAMESPACE);
    await must('iw', 'phy', phy, 'set', 'netns', 'name', NAMESPACE);
    await must('ip', '-n', NAMESPACE, 'link', 'set', 'lo', 'up');
    const radios = new Radios(mac, phy);
    await radios.startAccessPoint();
    await must('ip', 'address', 'add', `${AP_ADDRESS}/24`, 'dev', AP_INTERFACE);
    return radios;
  }

  async startAccessPoint(): Promise<void> {
    const settings = '/tmp/hostapd.conf';
    await writeFile(settings, hostapdSettings);
    this.hostapd = new Program('hostapd', [settings]);
    await this.hostapd.prints(/AP-ENABLED/);
  }

  async stopAccessPoint(): Promise<void> {
    await this.hostapd?.end('SIGTERM');
    this.hostapd = undefined;
  }

  /** Starts the station, which joins whenever it hears the access point. Resolves once it is associated. */
  async startStation(): Promise<void> {
    const settings = '/tmp/wpa_supplicant.conf';
    await writeFile(settings, stationSettings);
    this.supplicant = this.inStation('wpa_supplicant', '-i', STATION_INTERFACE, '-c', settings);
    await this.associated(true);
    await must(
      'ip',
      '-n',
      NAMESPACE,
      'address',
      'replace',
      `${STATION_ADDRESS}/24`,
      'dev',
      STATION_INTERFACE,
    );
  }

  /** Resolves when the station is associated and its keys are set, or when it is not. */
  async associated(wanted: boolean): Promise<void> {
    const what = `station ${wanted ? '' : 'dis'}associated`;
    await until(what, async () => (await this.isAssociated()) === wanted || undefined);
  }

  /** By the station's own account. */
  async isAssociated(): Promise<boolean> {
    const { output } = await this.station('wpa_cli', '-i', STATION_INTERFACE, 'status');
    return /^wpa_state=COMPLETED$/m.test(output);
  }

  /** How often the station has lost the network, by its own account. */
  losses(): number {
    return this.supplicant?.printed.match(/CTRL-EVENT-DISCONNECTED/g)?.length ?? 0;
  }

  /** Runs a tool in the station's network namespace. */
  station(name: string, ...parameters: readonly string[]): Promise<ProgramEnd> {
    return tool('ip', 'netns', 'exec', NAMESPACE, name, ...parameters);
  }

  /** Starts a program in the station's network namespace. */
  inStation(name: string, ...parameters: readonly string[]): Program {
    return new Program('ip', ['netns', 'exec', NAMESPACE, name, ...parameters]);
  }

  /** Sends `count` packets to the host and resolves with how many came back. */
  async pings(count: number): Promise<number> {
    const { output } = await this.station('ping', '-c', `${count}`, '-i', '0.1', '-W', '1', AP_ADDRESS);
    return Number(/(\d+) received/.exec(output)?.[1] ?? 0);
  }

  /**
   * Leaves the radios as they were. The station's is brought back by hand: it would come by itself only when the last
   * process in the namespace is gone, and one that is just being killed may take a minute.
   */
  async remove(): Promise<void> {
    await this.supplicant?.end('SIGTERM');
    await this.stopAccessPoint();
    await this.station('iw', 'phy', this.stationPhy, 'set', 'netns', INITIAL_NAMESPACE);
    const { output } = await tool('ip', 'netns', 'pids', NAMESPACE);
    for (const pid of output.split('\n').filter((line) => line !== '')) await tool('kill', '-9', pid);
    await tool('ip', 'netns', 'delete', NAMESPACE);
    await tool('ip', 'address', 'flush', 'dev', AP_INTERFACE);
    await until(STATION_INTERFACE, async () => {
      return (await tool('ip', 'link', 'show', STATION_INTERFACE)).status === 0 || undefined;
    });
  }
}

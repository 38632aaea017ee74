/** A bench file with every section, to be spoiled by tests; one key a line where places are tested. */
export const sample = `name: lab-3
board: {kind: esp8266, firmware: firmware/link}
link:
  role: target
  i2c: {driver: bsc, address: 0x12}
  syn: {driver: gpio, line: GPIO5}
  ack: {driver: gpio, line: GPIO6}
reset:
  driver: gpio
  line: GPIO13
  pulse: 200ms
  straps: {scl: {driver: gpio, line: GPIO19}, sda: {driver: gpio, line: GPIO18}}
power:
  driver: gpio-relay
  control: {driver: gpio, line: GPIO26}
  sense: {driver: ina219, bus: 1}
console: {driver: serial, path: /dev/ttyUSB0}
accessPoint:
  driver: hostapd
  interface: wlan0
  ssid: rig
  passphraseEnv: RIG_WIFI_PASSPHRASE
server:
  host: 192.168.50.1
  timeout: 1500ms
`;

/** The sample with one text replaced, which must be in it. */
export function spoiled(what: string | RegExp, by: string, text = sample): string {
  const changed = text.replace(what, by);
  if (changed === text) throw new Error(`${what} is not in the sample.`);
  return changed;
}

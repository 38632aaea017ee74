/** The sections of a physical bench's file: one schema for each port, one variant for each driver. */
import { z } from 'zod';
import { LONGEST_SSID_BYTES, LONGEST_TIMEOUT_MS } from '../link/config.js';
import { ms, seconds, us } from '../time/units.js';
import { command, duration, environmentVariable, i2cAddress, i2cBus, line, tcpPort, text } from './values.js';

/** The address at which the client answers, or finds the device, on the bus (docs/protocol.md §1). */
const LINK_ADDRESS = 0x12;

/** Shorter ones the link's firmware refuses: a keepalive is sent every quarter of it (firmware/link/link/config.py). */
const SHORTEST_TIMEOUT = ms(100);

/** At which the host has 7.2 ms to come back to the BSC's FIFOs of 16 bytes (docs/physical-bench.md). */
const BSC_BUS_HZ = 20_000;
/** At less, 200 bytes take longer than the second for which either side waits. */
const SLOWEST_BUS_HZ = 2_000;
/** I2C's Fast-mode (UM10204 §3.1). */
const FASTEST_BUS_HZ = 400_000;

const linkAddress = i2cAddress.default(LINK_ADDRESS);

export const bsc = z
  .strictObject({
    driver: z.literal('bsc').meta({ description: 'the BSC peripheral' }),
    address: linkAddress,
    hz: z.int().min(SLOWEST_BUS_HZ).max(FASTEST_BUS_HZ).default(BSC_BUS_HZ).meta({
      description: 'how fast the board is to clock the bus; "rig flash" tells it, as board.json',
    }),
    host: text('where pigpiod listens').default('localhost'),
    port: tcpPort.default(8_888).meta({ description: 'port of pigpiod' }),
  })
  .meta({ description: "the Pi's BSC peripheral as I2C target, by way of pigpiod; Pi 0 to 4" });

export const i2cDev = z
  .strictObject({
    driver: z.literal('i2c-dev').meta({ description: 'the driver of the kernel' }),
    bus: i2cBus,
    address: linkAddress,
  })
  .meta({ description: 'the host as I2C controller, by way of /dev/i2c-N' });

const wires = {
  syn: line.meta({ description: 'pin of the wire from the host to the device' }),
  ack: line.meta({ description: 'pin of the wire from the device to the host' }),
};

const role = <Name extends string>(name: Name, description: string) =>
  z.literal(name).meta({ description: `what the host is on the I2C bus; ${name}: ${description}` });

export const link = z
  .discriminatedUnion('role', [
    z.strictObject({ role: role('target', 'the device reads and writes it'), i2c: bsc, ...wires }),
    z.strictObject({ role: role('controller', 'it reads and writes the device'), i2c: i2cDev, ...wires }),
  ])
  .meta({ description: "the link's wires" });

export const reset = z
  .strictObject({
    ...line.shape,
    pulse: duration('how long a press lasts', { min: ms(1), max: seconds(10) }).prefault('200ms'),
    straps: z
      .strictObject({
        scl: line.meta({ description: 'scl, which is GPIO0 of an ESP8266' }),
        sda: line.meta({ description: 'sda, which is GPIO2 of an ESP8266' }),
      })
      .optional()
      .meta({ description: 'the bus lines as plain pins: reset is not released while one of them is low' }),
  })
  .meta({ description: "the device's reset pin, open drain" });

const sense = z
  .discriminatedUnion('driver', [
    z.strictObject({
      driver: z.enum(['ina219', 'ina226']),
      bus: i2cBus,
      address: i2cAddress.default(0x40),
    }),
    z.strictObject({
      driver: z.literal('comparator'),
      rail: line.meta({ description: 'an input that is high while the rail is up' }),
    }),
  ])
  .meta({ description: 'an instrument on the rail, other than the switch' });

const powerCommon = {
  sense: sense.optional(),
  /** How the rail is left at the end of a run. */
  leave: z.enum(['on', 'off']).default('on').meta({ description: 'the rail after a run' }),
  settle: duration('from the switch to a steady rail', { min: us(0), max: seconds(10) }).prefault('50ms'),
};

export const power = z
  .discriminatedUnion('driver', [
    z.strictObject({
      driver: z.literal('gpio-relay'),
      control: line.meta({ description: 'high: the device has power (activeLow turns that round)' }),
      ...powerCommon,
    }),
    z.strictObject({
      driver: z.literal('uhubctl'),
      hub: text("the hub's location as uhubctl prints it, such as 1-1"),
      port: z.int().min(1).max(64).meta({ description: 'port of the hub, from 1' }),
      ...powerCommon,
    }),
    z.strictObject({
      driver: z.literal('command'),
      on: command('switches the supply on'),
      off: command('switches the supply off'),
      sag: command('lowers the supply until "on", so that the device starts again and again').optional(),
      ...powerCommon,
    }),
  ])
  .meta({ description: "the device's supply" });

export const console = z
  .strictObject({
    driver: z.literal('serial').meta({ description: 'a serial port of this host' }),
    path: text('the serial port; a name under /dev/serial/by-id survives replugging'),
    baud: z.int().min(300).max(4_000_000).default(115_200).meta({ description: "the firmware's baud rate" }),
    romBaud: z.int().min(300).max(4_000_000).default(74_880).meta({ description: "the ROM's baud rate" }),
    modemLines: z
      .enum(['unconnected', 'dtr-rts'])
      .default('unconnected')
      .meta({ description: 'dtr-rts: DTR holds GPIO0 and RTS holds reset, as on NodeMCU boards' }),
  })
  .meta({ description: "the device's UART" });

const network = {
  ssid: text('name of the network, at most 32 bytes').refine(
    (name) => new TextEncoder().encode(name).length <= LONGEST_SSID_BYTES,
    `must have at most ${LONGEST_SSID_BYTES} bytes`,
  ),
  passphraseEnv: environmentVariable('environment variable that holds the passphrase'),
};

export const accessPoint = z
  .discriminatedUnion('driver', [
    z.strictObject({
      driver: z.literal('hostapd'),
      interface: text('wireless interface of the access point, such as wlan0'),
      ...network,
      control: text("hostapd's control directory").default('/var/run/hostapd'),
      station: z
        .string()
        .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'must be a MAC address such as 5c:cf:7f:00:00:01')
        .optional()
        .meta({ description: "the device's MAC address; faults then touch no other station" }),
    }),
    z.strictObject({
      driver: z.literal('commands'),
      ...network,
      on: command('puts the network on the air, whole'),
      off: command('takes the network off the air'),
      kick: command('disassociates the device').optional(),
      silence: command('loses every packet of the device until "on"').optional(),
      stations: command('prints the associated stations, one MAC address a line').optional(),
    }),
  ])
  .meta({ description: 'the access point that the device joins' });

export const server = z
  .strictObject({
    host: text('address of this host as the device reaches it; the server listens there and nowhere else'),
    port: tcpPort.default(8_123).meta({ description: 'TCP port of the server' }),
    timeout: duration('silence that counts as an outage', {
      min: SHORTEST_TIMEOUT,
      max: ms(LONGEST_TIMEOUT_MS),
    }).prefault('1500ms'),
  })
  .meta({ description: "the link's server, played by this host" });

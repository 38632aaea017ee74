/** What the schema cannot say about a physical bench's file: keys that do not go together. */
import { isIP, isIPv4 } from 'node:net';
import type { KeyPath } from '../yaml-file/document.js';
import type { LinkSection, PhysicalBenchFile, PowerSection } from './bench-file.js';
import { linesOf, pinOf } from './lines.js';

/** Something wrong with the value at `path`. */
export interface Mismatch {
  readonly path: KeyPath;
  readonly text: string;
}

/** Everything about `file` that cannot work on any bench. */
export function mismatchesOf(file: PhysicalBenchFile): Mismatch[] {
  return [
    ...linesUsedTwice(file),
    ...serverMismatches(file),
    ...strapMismatches(file),
    ...senseMismatches(file.link, file.power),
  ];
}

function linesUsedTwice(file: PhysicalBenchFile): Mismatch[] {
  const users = new Map<string, string>();
  return linesOf(file).flatMap(({ path, config }) => {
    const name = path.join('.');
    const pin = pinOf(config);
    const user = users.get(pin);
    users.set(pin, user ?? name);
    if (user === undefined) return [];
    return [{ path: [...path, 'line'], text: `${config.line} is the line of ${user} already.` }];
  });
}

function serverMismatches({ board, server }: PhysicalBenchFile): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const wrong = hostMistake(server.host, board.kind);
  if (wrong !== undefined) mismatches.push({ path: ['server', 'host'], text: wrong });
  if (server.timeout % 1_000 !== 0) {
    mismatches.push({
      path: ['server', 'timeout'],
      text: 'must be whole milliseconds: so it is told to the device.',
    });
  }
  return mismatches;
}

/** The device is told the address as it stands, and the server binds to it and to nothing else. */
function hostMistake(host: string, board: PhysicalBenchFile['board']['kind']): string | undefined {
  if (isIP(host) === 0) return `"${host}" is no address. Write this host's own, such as 192.168.50.1.`;
  if (['0.0.0.0', '::'].includes(host)) {
    return `${host} is no address that a device can reach. Write this host's own, such as 192.168.50.1.`;
  }
  if (board === 'esp8266' && !isIPv4(host)) return `${host}: the ESP8266 has only IPv4.`;
  return undefined;
}

function strapMismatches({ board, reset }: PhysicalBenchFile): Mismatch[] {
  if (reset?.straps === undefined || board.kind === 'esp8266') return [];
  const text =
    'only an ESP8266 has its boot straps on the bus lines; leave straps out, or set board.kind: esp8266.';
  return [{ path: ['reset', 'straps'], text }];
}

/** On one bus with the device under test, two targets at one address would answer at once. */
function senseMismatches(link: LinkSection, power: PowerSection | undefined): Mismatch[] {
  const sense = power?.sense;
  if (sense === undefined || sense.driver === 'comparator' || link.i2c.driver !== 'i2c-dev') return [];
  if (sense.bus !== link.i2c.bus || sense.address !== link.i2c.address) return [];
  const text = `the device under test has this address on bus ${sense.bus} already (link.i2c).`;
  return [{ path: ['power', 'sense', 'address'], text }];
}

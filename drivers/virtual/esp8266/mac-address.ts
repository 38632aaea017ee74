/** The board's MAC address: one of the chip's maker, the rest by the board's seed. */
import { createRandom } from '../../../rig/random.js';

/** A block of addresses of Espressif (IEEE MA-L 5C-CF-7F), which ESP8266 modules have. */
const MAKER = '5ccf7f';

/** Twelve hexadecimal digits. */
export function boardMac(seed: number): string {
  const { seed: own } = createRandom(seed).fork('mac');
  return `${MAKER}${(own & 0xffffff).toString(16).padStart(6, '0')}`;
}

/** `5c:cf:7f:…`, as access points write it. */
export const withColons = (mac: string): string => mac.match(/../g)?.join(':') ?? mac;

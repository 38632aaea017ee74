/** Reads what hostapd's control interface prints: its status, and its stations. */

export interface HostapdStatus {
  /** `ENABLED` on the air, `DISABLED` off it; anything else is on the way from one to the other, or a failure. */
  readonly state: string;
  readonly channel: string | undefined;
  /** Networks that it serves, by the name of their interface. */
  readonly ssids: ReadonlyMap<string, string>;
}

/** Reads the answer to `status`: `key=value` lines, in which networks are numbered (`bss[0]=wlan0`, `ssid[0]=rig`). */
export function parseStatus(printed: string): HostapdStatus {
  const values = new Map(
    printed.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
  const ssids = new Map<string, string>();
  for (const [key, name] of values) {
    const number = /^bss\[(\d+)\]$/.exec(key)?.[1];
    if (number !== undefined) ssids.set(name, decodeSsid(values.get(`ssid[${number}]`) ?? ''));
  }
  return { state: values.get('state') ?? 'unknown', channel: values.get('channel'), ssids };
}

/** `wpa_ssid_txt` escapes what is not printable ASCII as in C: `\n`, `\\`, `\x..` (hostap, src/utils/common.c). */
export function decodeSsid(printed: string): string {
  const bytes: number[] = [];
  const pattern = /\\x([0-9a-f]{2})|\\(.)|([^\\])/gisu;
  for (const [, hexadecimal, escaped, plain] of printed.matchAll(pattern)) {
    if (hexadecimal !== undefined) bytes.push(Number.parseInt(hexadecimal, 16));
    else if (escaped !== undefined) bytes.push(escapeCodes[escaped] ?? escaped.charCodeAt(0));
    else if (plain !== undefined) bytes.push(...new TextEncoder().encode(plain));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const escapeCodes: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, e: 0x1b };

export const STATION_PATTERN = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** Reads the answer to `all_sta`: for each station its address, then its values. Those that are associated, in lower case. */
export function parseAssociated(printed: string): string[] {
  const associated: string[] = [];
  let station: string | undefined;
  for (const line of printed.split('\n')) {
    if (STATION_PATTERN.test(line)) station = line.toLowerCase();
    else if (station !== undefined && /^flags=.*\[ASSOC\]/.test(line)) associated.push(station);
  }
  return associated;
}

/** The cipher suites of TLS 1.2 that this project knows by name (IANA's registry), and those that it can speak. */

export interface Suite {
  readonly id: number;
  readonly name: string;
  readonly keyBytes: number;
  readonly mac: 'sha1' | 'sha256';
  readonly macBytes: number;
}

const rsaSuite = (id: number, name: string, keyBytes: number, mac: Suite['mac']): Suite => ({
  id,
  name,
  keyBytes,
  mac,
  macBytes: mac === 'sha1' ? 20 : 32,
});

/** With RSA key exchange; in the order in which axTLS prefers them. */
export const RSA_SUITES: readonly Suite[] = [
  rsaSuite(0x003c, 'RSA_WITH_AES_128_CBC_SHA256', 16, 'sha256'),
  rsaSuite(0x003d, 'RSA_WITH_AES_256_CBC_SHA256', 32, 'sha256'),
  rsaSuite(0x002f, 'RSA_WITH_AES_128_CBC_SHA', 16, 'sha1'),
  rsaSuite(0x0035, 'RSA_WITH_AES_256_CBC_SHA', 32, 'sha1'),
];

/** Those of elliptic-curve Diffie-Hellman that servers commonly insist on, with those of TLS 1.3. */
export const ECC_SUITES: readonly number[] = [
  0x1301, 0x1302, 0x1303, 0xc02f, 0xc030, 0xc02b, 0xc02c, 0xcca8, 0xcca9, 0xc027, 0xc028, 0xc013, 0xc014,
];

/** Those of Diffie-Hellman over numbers. */
export const DH_SUITES: readonly number[] = [0x009e, 0x009f, 0xccaa, 0x0067, 0x006b, 0x0033, 0x0039];

export const suiteById = (id: number): Suite | undefined => RSA_SUITES.find((suite) => suite.id === id);

/** The secrets of a TLS 1.2 connection with RSA key exchange, derived as RFC 5246 §5, §6.3, §7.4.9 and §8.1 say. */
import { createHash, createHmac } from 'node:crypto';
import type { Suite } from './suites.js';

export type Side = 'client' | 'server';

export const RANDOM_BYTES = 32;
export const MASTER_BYTES = 48;
export const VERIFY_BYTES = 12;

const hmac = (secret: Uint8Array, data: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(data).digest();

/** The pseudo-random function of TLS 1.2. */
export function prf(secret: Uint8Array, label: string, seed: Uint8Array, lengthBytes: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'ascii'), seed]);
  const parts: Buffer[] = [];
  let a: Buffer = labelled;
  for (let length = 0; length < lengthBytes; length += 32) {
    a = hmac(secret, a);
    parts.push(hmac(secret, Buffer.concat([a, labelled])));
  }
  return Buffer.concat(parts).subarray(0, lengthBytes);
}

export interface Randoms {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

export const masterSecret = (premaster: Uint8Array, { client, server }: Randoms): Buffer =>
  prf(premaster, 'master secret', Buffer.concat([client, server]), MASTER_BYTES);

export interface DirectionKeys {
  readonly mac: Buffer;
  readonly key: Buffer;
}

/** What each side encrypts with. */
export function connectionKeys(
  master: Uint8Array,
  { client, server }: Randoms,
  { macBytes, keyBytes }: Suite,
): Readonly<Record<Side, DirectionKeys>> {
  const block = prf(master, 'key expansion', Buffer.concat([server, client]), 2 * (macBytes + keyBytes));
  let at = 0;
  const take = (length: number) => {
    at += length;
    return block.subarray(at - length, at);
  };
  const [clientMac, serverMac] = [take(macBytes), take(macBytes)];
  const [clientKey, serverKey] = [take(keyBytes), take(keyBytes)];
  return { client: { mac: clientMac, key: clientKey }, server: { mac: serverMac, key: serverKey } };
}

/** What a side says at the end of the handshake: a digest of all that was said. */
export const finishedBy = (side: Side, master: Uint8Array, said: readonly Uint8Array[]): Buffer =>
  prf(master, `${side} finished`, createHash('sha256').update(Buffer.concat(said)).digest(), VERIFY_BYTES);

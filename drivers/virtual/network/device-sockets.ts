/** The device's TCP as its firmware's `socket` module sees it: what the virtual board's code calls. */

/**
 * All calls take effect at the clock's present time; every event is delivered by a timer of the clock.
 * `socket` is a number of the caller's choice. It is free again after `close`, `abort` or `vanish`, and no more
 * events come for it; after `failed` and `reset` too.
 */
export interface DeviceSockets {
  /** Answered by `connected` or `failed`. */
  connect(socket: number, address: string, port: number): void;
  /** Every connection to `port` from now on is told as `incoming`, until `close`. */
  listen(socket: number, port: number): void;
  /** The caller keeps to the free space of the send buffer it knows from `acked`. */
  send(socket: number, bytes: Uint8Array): void;
  /** The application has read `lengthBytes`: the receive window opens again. */
  consumed(socket: number, lengthBytes: number): void;
  /** FIN after what was sent. */
  close(socket: number): void;
  /** RST. */
  abort(socket: number): void;
  /** The device was reset or lost power: everything vanishes without a word on the air. */
  vanish(): void;
}

export type DeviceSocketEvent =
  | { readonly kind: 'connected'; readonly socket: number }
  /** A connection to the listening `socket` stands; it is `child` from now on, and called from `remote`. */
  | {
      readonly kind: 'incoming';
      readonly socket: number;
      readonly child: number;
      readonly remote: string;
    }
  | {
      readonly kind: 'failed';
      readonly socket: number;
      /** `unreachable`: the interface has no address. */
      readonly error: 'refused' | 'timedOut' | 'unreachable';
    }
  | { readonly kind: 'data'; readonly socket: number; readonly bytes: Uint8Array }
  /** The peer has `lengthBytes` more: that much of the send buffer is free again. */
  | { readonly kind: 'acked'; readonly socket: number; readonly lengthBytes: number }
  | { readonly kind: 'peerClosed'; readonly socket: number }
  /** Reset by the peer, or else given up after too many retransmissions. */
  | { readonly kind: 'reset'; readonly socket: number; readonly byPeer: boolean };

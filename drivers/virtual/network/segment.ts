/**
 * What travels through the simulated air: a TCP segment (RFC 9293), as far as the simulation needs it. Sequence
 * numbers count payload bytes from 0 and never wrap; SYN takes no number, FIN takes one after the last byte.
 */
export interface Segment {
  /** The connection it belongs to: stands for both addresses and ports. Never used twice. */
  readonly connection: number;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** Asks for an acknowledgement without carrying anything: the window probe. */
  readonly probe: boolean;
  /** Number of the first payload byte. */
  readonly sequence: number;
  /** The next number expected; undefined in the first SYN. */
  readonly ack: number | undefined;
  /** Bytes the sender can receive from `ack` on. */
  readonly windowBytes: number;
  readonly payload: Uint8Array;
}

export const NO_PAYLOAD = new Uint8Array(0);

/** A reset for `connection`; nothing else in it matters. */
export function resetSegment(connection: number): Segment {
  return {
    connection,
    syn: false,
    fin: false,
    rst: true,
    probe: false,
    sequence: 0,
    ack: undefined,
    windowBytes: 0,
    payload: NO_PAYLOAD,
  };
}

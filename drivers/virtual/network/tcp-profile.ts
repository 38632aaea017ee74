/** How the two TCP implementations differ: lwIP as the ESP8266's SDK builds it, and the host's. */
import { type DurationUs, ms, seconds, us } from '../../../rig/time/units.js';

export interface TcpProfile {
  readonly sendBufferBytes: number;
  readonly receiveWindowBytes: number;
  /** Holds a small segment back while others are unacknowledged (RFC 896). */
  readonly nagle: boolean;
  /** An acknowledgement waits this long for data to travel with; every second segment is acknowledged at once. */
  readonly delayedAckUs: DurationUs;
  /** The SYN, or the answer to it, is repeated after this time. */
  readonly synTimeoutUs: DurationUs;
  readonly synRetries: number;
  /** Wait before retransmission number `retry`, counted from 0. */
  readonly retransmitAfterUs: (retry: number) => DurationUs;
  readonly retries: number;
}

/** The largest payload of a segment: lwIP's TCP_MSS in the ESP8266's SDK. */
export const SEGMENT_LIMIT_BYTES = 536;

/**
 * lwIP waits 3 s for its first acknowledgement (TCP's slow timer ticks every 500 ms); on a network as fast as a
 * WLAN its integer smoothing of the round-trip time then settles at three ticks.
 */
const LWIP_RTO = ms(1_500);

/** lwIP's `tcp_backoff` table: the exponent of the wait after each retransmission. */
const LWIP_LARGEST_BACKOFF = 7;

export const DEVICE_TCP: TcpProfile = {
  // TCP_SND_BUF and TCP_WND of the SDK's lwIP.
  sendBufferBytes: 2 * SEGMENT_LIMIT_BYTES,
  receiveWindowBytes: 4 * SEGMENT_LIMIT_BYTES,
  nagle: true,
  // TCP_FAST_INTERVAL.
  delayedAckUs: ms(250),
  // A SYN's timer is not backed off; TCP_SYNMAXRTX: 21 s until a connect gives up.
  synTimeoutUs: seconds(3),
  synRetries: 6,
  retransmitAfterUs: (retry) => us(LWIP_RTO * 2 ** Math.min(retry, LWIP_LARGEST_BACKOFF)),
  // TCP_MAXRTX.
  retries: 12,
};

/** Linux adds at least 200 ms to the round-trip time; the device's delayed acknowledgements make that up to 250 ms. */
const HOST_RTO = ms(450);

/** TCP_RTO_MAX. */
const HOST_LONGEST_RTO = seconds(120);

export const HOST_TCP: TcpProfile = {
  sendBufferBytes: 64 * 1_024,
  receiveWindowBytes: 64 * 1_024,
  // The server switches Nagle's algorithm off, as on real sockets.
  nagle: false,
  delayedAckUs: ms(40),
  synTimeoutUs: seconds(1),
  // tcp_synack_retries.
  synRetries: 5,
  retransmitAfterUs: (retry) => us(Math.min(HOST_RTO * 2 ** retry, HOST_LONGEST_RTO)),
  // tcp_retries2.
  retries: 15,
};

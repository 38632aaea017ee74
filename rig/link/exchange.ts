/**
 * One exchange of the link as two pure state machines, one for each role (docs/protocol.md §3, the table).
 * They are generators: they yield what to do next and are resumed with its answer. They know neither I/O nor
 * time; whoever runs them bounds the waits.
 */
import { RigError } from '../errors.js';
import type { Level } from '../ports.js';
import { type DurationUs, us } from '../time/units.js';
import { decodeHeader, encodeHeader, HEADER_BYTES, MAX_PAYLOAD_BYTES, MIN_PAYLOAD_BYTES } from './frame.js';

/** Time the Responder gives the Initiator's target from the edge that says it is armed (docs/protocol.md §3). */
export const RESPONDER_DELAY: DurationUs = us(20);

/** Rows of the table in docs/protocol.md §3, for messages. */
export type ExchangeStep = 1 | 2 | 3 | 4 | 5 | 6;

export interface DriveOwnLine {
  readonly kind: 'drive';
  readonly level: Level;
}

/** Wait for the next edge of the peer's line, which must be one to `level`. */
export interface AwaitPeerEdge {
  readonly kind: 'awaitPeer';
  readonly level: Level;
  readonly step: ExchangeStep;
}

/**
 * How far the own payload has come: `kept` until it is offered, `offered` once the peer may have it at any
 * moment, `taken` when the peer has confirmed that it has it.
 */
export type PayloadFate = 'kept' | 'offered' | 'taken';

/** What both roles do. */
export type CommonAction =
  | DriveOwnLine
  | AwaitPeerEdge
  /** For the record; needs no answer. */
  | { readonly kind: 'payload'; readonly fate: PayloadFate };

/** What the Initiator does on the bus, as I2C target. */
export type TargetAction =
  | { readonly kind: 'armTransmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'armReceive'; readonly lengthBytes: number }
  /** Answered with the bytes that the peer wrote since `armReceive`. */
  | { readonly kind: 'fetch' };

/** What the Responder does on the bus, as I2C controller. */
export type ControllerAction =
  /** Wait until `duration` has passed since the peer's last edge. */
  | { readonly kind: 'delay'; readonly duration: DurationUs }
  /** Answered with the bytes read. */
  | { readonly kind: 'read'; readonly lengthBytes: number }
  | { readonly kind: 'write'; readonly bytes: Uint8Array };

export type BusAction = TargetAction | ControllerAction;

/** Bytes for `fetch` and `read`, nothing for all other actions. */
export type ActionAnswer = Uint8Array | undefined;

/** One side of an exchange: what it does, on the lines and on the bus. */
export type ExchangeMachine<OnBus extends BusAction> = Generator<
  CommonAction | OnBus,
  ExchangeResult,
  ActionAnswer
>;

/** Tells what both roles do from what one of them does on the bus. */
export const isCommon = <OnBus extends BusAction>(action: CommonAction | OnBus): action is CommonAction =>
  action.kind === 'drive' || action.kind === 'awaitPeer' || action.kind === 'payload';

export interface InitiatorRequest {
  /** What to send, 1 to 200 bytes. */
  readonly payload?: Uint8Array | undefined;
  /** The own receive buffer still holds the last payload: tell the peer not to send one. */
  readonly holdOff: boolean;
  /** What the last exchange said; true for the first one after synchronisation. */
  readonly peerCanAccept: boolean;
}

export interface ResponderRequest extends Omit<InitiatorRequest, 'peerCanAccept'> {
  /**
   * A payload that arrives does not fill the receive buffer, so the own header that follows it need not hold off the
   * next one. Without it the buffer holds one payload.
   */
  readonly readsAtOnce?: boolean;
}

export interface ExchangeResult {
  /** Whether the own payload went out; if not, it is to be offered again in a later exchange. */
  readonly payloadSent: boolean;
  readonly received: Uint8Array | undefined;
  /** Whether the peer will take a payload in the next exchange. */
  readonly peerCanAccept: boolean;
}

const RAISE: DriveOwnLine = Object.freeze({ kind: 'drive', level: 1 });
const LOWER: DriveOwnLine = Object.freeze({ kind: 'drive', level: 0 });
const FETCH = Object.freeze({ kind: 'fetch' } as const);
const OFFERED = Object.freeze({ kind: 'payload', fate: 'offered' } as const);
const TAKEN = Object.freeze({ kind: 'payload', fate: 'taken' } as const);
const DELAY = Object.freeze({ kind: 'delay', duration: RESPONDER_DELAY } as const);
const rise = (step: ExchangeStep): AwaitPeerEdge => ({ kind: 'awaitPeer', level: 1, step });
const fall = (step: ExchangeStep): AwaitPeerEdge => ({ kind: 'awaitPeer', level: 0, step });

/**
 * The side that starts the exchange and is I2C target. Throws `USAGE` for a payload of a length
 * that does not fit, `PROTOCOL` when the peer announces one that does not fit or was told to hold back.
 */
export function* initiatorExchange(request: InitiatorRequest): ExchangeMachine<TargetAction> {
  // The header must not announce what the peer cannot take: it would wait for the payload (step 3).
  const ready = checkedPayload(request.payload);
  const payload = request.peerCanAccept ? ready : undefined;

  yield { kind: 'armTransmit', bytes: headerFor(payload, request.holdOff) };
  yield RAISE;
  yield rise(2);
  yield LOWER;
  yield fall(2);

  if (payload !== undefined) {
    yield OFFERED;
    yield { kind: 'armTransmit', bytes: payload };
    yield RAISE;
    yield rise(3);
    yield TAKEN;
    yield LOWER;
    yield fall(3);
  }

  yield rise(4);
  yield { kind: 'armReceive', lengthBytes: HEADER_BYTES };
  yield RAISE;
  yield fall(5);
  yield LOWER;
  const header = decodeHeader(expectBytes(yield FETCH, HEADER_BYTES));

  let received: Uint8Array | undefined;
  if (header.lengthBytes > 0) {
    refuseIfHeldOff(request.holdOff, header.lengthBytes);
    yield rise(6);
    yield { kind: 'armReceive', lengthBytes: header.lengthBytes };
    yield RAISE;
    yield fall(6);
    yield LOWER;
    received = expectBytes(yield FETCH, header.lengthBytes);
  }
  return { payloadSent: payload !== undefined, received, peerCanAccept: !header.holdOff };
}

/**
 * The side that answers and is I2C controller. It starts when the peer's line has risen (step 1). Throws as
 * `initiatorExchange` does.
 */
export function* responderExchange(request: ResponderRequest): ExchangeMachine<ControllerAction> {
  const ready = checkedPayload(request.payload);
  yield DELAY;
  const header = decodeHeader(expectBytes(yield { kind: 'read', lengthBytes: HEADER_BYTES }, HEADER_BYTES));
  yield RAISE;
  yield fall(2);
  yield LOWER;

  let received: Uint8Array | undefined;
  if (header.lengthBytes > 0) {
    refuseIfHeldOff(request.holdOff, header.lengthBytes);
    yield rise(3);
    yield DELAY;
    received = expectBytes(yield { kind: 'read', lengthBytes: header.lengthBytes }, header.lengthBytes);
    yield RAISE;
    yield fall(3);
    yield LOWER;
  }

  const payload = header.holdOff ? undefined : ready;
  const bufferFilled = received !== undefined && request.readsAtOnce !== true;
  const holdOff = request.holdOff || bufferFilled;
  yield RAISE;
  yield rise(4);
  yield DELAY;
  yield { kind: 'write', bytes: headerFor(payload, holdOff) };
  yield LOWER;
  yield fall(5);

  if (payload !== undefined) {
    yield RAISE;
    yield rise(6);
    yield DELAY;
    yield OFFERED;
    yield { kind: 'write', bytes: payload };
    yield LOWER;
    yield fall(6);
    yield TAKEN;
  }
  return { payloadSent: payload !== undefined, received, peerCanAccept: !header.holdOff };
}

const headerFor = (payload: Uint8Array | undefined, holdOff: boolean): Uint8Array =>
  encodeHeader({ lengthBytes: payload?.length ?? 0, holdOff });

function checkedPayload(payload: Uint8Array | undefined): Uint8Array | undefined {
  if (payload === undefined) return undefined;
  if (payload.length < MIN_PAYLOAD_BYTES || payload.length > MAX_PAYLOAD_BYTES) {
    throw new RigError(
      'USAGE',
      `A payload has ${MIN_PAYLOAD_BYTES} to ${MAX_PAYLOAD_BYTES} bytes, this one ${payload.length}.`,
    );
  }
  return payload;
}

function refuseIfHeldOff(holdOff: boolean, lengthBytes: number): void {
  if (!holdOff) return;
  throw new RigError('PROTOCOL', `The peer announces ${lengthBytes} bytes although it was told to hold off.`);
}

function expectBytes(answer: ActionAnswer, lengthBytes: number): Uint8Array {
  if (answer?.length === lengthBytes) return answer;
  throw new RigError(
    'INVALID',
    `The bus driver handed over ${answer?.length ?? 'no'} bytes where ${lengthBytes} were due.`,
  );
}

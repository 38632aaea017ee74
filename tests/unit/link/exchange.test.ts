/** The two machines of the exchange, connected back to back over lines that keep levels and edge queues. */
import test from 'ava';
import fc from 'fast-check';
import { initiatorExchange, responderExchange } from '../../../rig/link/exchange.js';
import { MAX_PAYLOAD_BYTES } from '../../../rig/link/frame.js';
import { type Action, connect, type Machine } from '../../fixtures/link/back-to-back.js';

const payloads = fc.option(fc.uint8Array({ minLength: 1, maxLength: MAX_PAYLOAD_BYTES }), { nil: undefined });

test('whatever the payloads, flags and interleaving, what is sent arrives and what is held back is kept', (t) => {
  const inputs = fc.record({
    up: payloads,
    down: payloads,
    initiatorHolds: fc.boolean(),
    responderHolds: fc.boolean(),
    // Turns of the scheduler, then alternating, so that no side starves.
    turns: fc.array(fc.boolean(), { maxLength: 120 }),
  });
  fc.assert(
    fc.property(inputs, ({ up, down, initiatorHolds, responderHolds, turns }) => {
      let turn = 0;
      const result = connect(
        {
          initiator: initiatorExchange({
            payload: up,
            holdOff: initiatorHolds,
            peerCanAccept: !responderHolds,
          }),
          responder: responderExchange({ payload: down, holdOff: responderHolds }),
        },
        () => {
          turn += 1;
          return turns[turn] ?? turn % 2 === 0;
        },
      );
      const upGoes = up !== undefined && !responderHolds;
      const downGoes = down !== undefined && !initiatorHolds;
      t.deepEqual(result.initiator, {
        payloadSent: upGoes,
        received: downGoes ? down : undefined,
        peerCanAccept: !responderHolds && !upGoes,
      });
      t.deepEqual(result.responder, {
        payloadSent: downGoes,
        received: upGoes ? up : undefined,
        peerCanAccept: !initiatorHolds,
      });
      t.deepEqual(result.levels, [0, 0]);
      t.is(result.edgesLeft, 0);
    }),
    { numRuns: 300 },
  );
});

test('a stream of payloads both ways arrives complete and in order, with buffers of one payload each', (t) => {
  const stream = fc.array(fc.uint8Array({ minLength: 1, maxLength: 8 }), { maxLength: 12 });
  const reads = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      stream,
      stream,
      reads,
      reads,
      fc.array(fc.boolean()),
      (up, down, readsUp, readsDown, turns) => {
        const upQueue = [...up];
        const downQueue = [...down];
        const gotUp: Uint8Array[] = [];
        const gotDown: Uint8Array[] = [];
        let bufferUp: Uint8Array | undefined;
        let bufferDown: Uint8Array | undefined;
        let peerCanAccept = true;
        let turn = 0;
        for (let round = 0; round < 100; round += 1) {
          const result = connect(
            {
              initiator: initiatorExchange({
                payload: upQueue[0],
                holdOff: bufferDown !== undefined,
                peerCanAccept,
              }),
              responder: responderExchange({ payload: downQueue[0], holdOff: bufferUp !== undefined }),
            },
            () => {
              turn += 1;
              return turns[turn] ?? turn % 2 === 0;
            },
          );
          const { initiator, responder } = result;
          if (initiator === undefined || responder === undefined) return t.fail('the exchange did not end');
          if (initiator.payloadSent) upQueue.shift();
          if (responder.payloadSent) downQueue.shift();
          peerCanAccept = initiator.peerCanAccept;
          bufferUp ??= responder.received;
          bufferDown ??= initiator.received;
          // Each application reads its buffer when it pleases, and always in the end.
          if (bufferUp !== undefined && (round > 40 || readsUp[round % readsUp.length] === true)) {
            gotUp.push(bufferUp);
            bufferUp = undefined;
          }
          if (bufferDown !== undefined && (round > 40 || readsDown[round % readsDown.length] === true)) {
            gotDown.push(bufferDown);
            bufferDown = undefined;
          }
        }
        t.deepEqual(gotUp, up);
        t.deepEqual(gotDown, down);
      },
    ),
    { numRuns: 30 },
  );
});

/** Resumes a machine with nothing until it asks for bytes, then answers with these in turn. */
function answerBytes(machine: Machine, answers: readonly Uint8Array[]): Action[] {
  const seen: Action[] = [];
  const left = [...answers];
  let next = machine.next();
  while (next.done !== true) {
    seen.push(next.value);
    const wantsBytes = next.value.kind === 'fetch' || next.value.kind === 'read';
    next = machine.next(wantsBytes ? left.shift() : undefined);
  }
  return seen;
}

test('the Initiator follows the table: payload both ways', (t) => {
  const up = Uint8Array.of(7);
  const down = Uint8Array.of(8, 9);
  const seen = answerBytes(initiatorExchange({ payload: up, holdOff: false, peerCanAccept: true }), [
    Uint8Array.of(2, 0x80),
    down,
  ]);
  const short = seen.map((action) => {
    if (action.kind === 'drive') return action.level === 1 ? 'syn up' : 'syn down';
    if (action.kind === 'awaitPeer') return `${action.level === 1 ? 'ack up' : 'ack down'} ${action.step}`;
    if (action.kind === 'armTransmit') return `send ${action.bytes}`;
    if (action.kind === 'armReceive') return `expect ${action.lengthBytes}`;
    return action.kind === 'payload' ? action.fate : action.kind;
  });
  t.deepEqual(short, [
    ...['send 1,0', 'syn up', 'ack up 2', 'syn down', 'ack down 2'],
    ...['offered', 'send 7', 'syn up', 'ack up 3', 'taken', 'syn down', 'ack down 3'],
    ...['ack up 4', 'expect 2', 'syn up', 'ack down 5', 'syn down', 'fetch'],
    ...['ack up 6', 'expect 2', 'syn up', 'ack down 6', 'syn down', 'fetch'],
  ]);
});

const initiator = () => initiatorExchange({ holdOff: false, peerCanAccept: true });
const responder = () => responderExchange({ holdOff: false });

test('a peer that announces more than 200 bytes breaks the protocol, whichever side it is', (t) => {
  t.throws(() => answerBytes(initiator(), [Uint8Array.of(201, 0)]), { code: 'PROTOCOL' });
  t.throws(() => answerBytes(responder(), [Uint8Array.of(0, 1)]), { code: 'PROTOCOL' });
});

test('a peer that sends although it was told to hold off breaks the protocol', (t) => {
  const holding = initiatorExchange({ holdOff: true, peerCanAccept: true });
  t.throws(() => answerBytes(holding, [Uint8Array.of(1, 0)]), { code: 'PROTOCOL' });
  t.throws(() => answerBytes(responderExchange({ holdOff: true }), [Uint8Array.of(1, 0)]), {
    code: 'PROTOCOL',
  });
});

test('a bus driver that hands over other bytes than announced is not blamed on the peer', (t) => {
  t.throws(() => answerBytes(initiator(), [Uint8Array.of(3, 0), Uint8Array.of(1)]), { code: 'INVALID' });
  t.throws(() => answerBytes(responder(), []), { code: 'INVALID' });
});

test('an own payload that is empty or too long is refused before anything moves', (t) => {
  for (const size of [0, MAX_PAYLOAD_BYTES + 1]) {
    const payload = new Uint8Array(size);
    t.throws(() => initiatorExchange({ payload, holdOff: false, peerCanAccept: false }).next(), {
      code: 'USAGE',
    });
    t.throws(() => responderExchange({ payload, holdOff: false }).next(), { code: 'USAGE' });
  }
});

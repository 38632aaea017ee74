/**
 * Whole exchanges, step by step (docs/protocol.md §3): the machines of the rig and both ends of the firmware play the same
 * vectors, so that any two of them understand each other.
 */
import test, { type ExecutionContext } from 'ava';
import {
  type ActionAnswer,
  type BusAction,
  type CommonAction,
  type ExchangeResult,
  initiatorExchange,
  responderExchange,
} from '../../../rig/link/exchange.js';
import { type ExchangeVector, exchanges, hex, unhex } from '../../fixtures/vectors/vectors.js';
import { loadFirmware } from './firmware-modules.js';

const call = await loadFirmware('exchange_checks');

type Machine = Generator<CommonAction | BusAction, ExchangeResult, ActionAnswer>;

/** Plays the steps to a machine of the rig: what the other side does is taken, what this one does must come next. */
function play(
  t: ExecutionContext,
  machine: Machine,
  own: 'I' | 'R',
  steps: readonly string[],
): ExchangeResult {
  const left = [...steps];
  const next = (expected: string) => t.is(expected, left.shift() ?? 'the end');
  let armed = new Uint8Array(0);
  let written = new Uint8Array(0);
  const transfers = () => {
    while (left[0]?.startsWith('r') || left[0]?.startsWith('w')) {
      const step = left.shift() ?? '';
      if (step.startsWith('r')) t.is(step, `r${hex(armed)}`);
      else written = Uint8Array.from(unhex(step.slice(1)));
    }
  };
  let answer: ActionAnswer;
  for (;;) {
    const step = machine.next(answer);
    answer = undefined;
    if (step.done === true) {
      t.deepEqual(left, []);
      return step.value;
    }
    const action = step.value;
    if (action.kind === 'drive') next(`${own}${action.level}`);
    if (action.kind === 'awaitPeer') {
      if (own === 'I') transfers();
      next(`${own === 'I' ? 'R' : 'I'}${action.level}`);
    }
    if (action.kind === 'armTransmit') armed = Uint8Array.from(action.bytes);
    if (action.kind === 'fetch') answer = written;
    if (action.kind === 'read') {
      const read = left.shift() ?? '';
      t.is(read.length, 1 + 2 * action.lengthBytes, read);
      answer = unhex(read.slice(1));
    }
    if (action.kind === 'write') next(`w${hex(action.bytes)}`);
  }
}

const payloadOf = (text: string): Uint8Array | undefined => (text === '' ? undefined : unhex(text));

/** What each side has at the end: whether its payload went out, and what it received. */
function expected({ initiator, responder }: ExchangeVector) {
  const up = initiator.peerCanAccept ? initiator.payload : '';
  const down = initiator.holdOff ? '' : responder.payload;
  return { up, down };
}

for (const vector of exchanges.exchanges) {
  const { name, initiator, responder, steps } = vector;
  const { up, down } = expected(vector);

  test(`${name}: the rig's machines`, (t) => {
    const first = initiatorExchange({ ...initiator, payload: payloadOf(initiator.payload) });
    t.deepEqual(play(t, first, 'I', steps), {
      payloadSent: up !== '',
      received: payloadOf(down),
      peerCanAccept: !responder.holdOff,
    });
    const second = responderExchange({
      ...responder,
      payload: payloadOf(responder.payload),
      readsAtOnce: true,
    });
    // It has been woken by the first step.
    t.deepEqual(play(t, second, 'R', steps.slice(1)), {
      payloadSent: down !== '',
      received: payloadOf(up),
      peerCanAccept: !initiator.holdOff,
    });
  });

  for (const eager of [false, true]) {
    const pace = eager ? 'as fast as it can' : 'step by step';
    test(`${name}: the firmware, with a client that acts ${pace}`, (t) => {
      const sentUp = initiator.payload === '' || up !== '';
      t.deepEqual(call('play_initiator', [vector, eager]), [0, sentUp, initiator.holdOff ? '' : down]);
      const sentDown = responder.payload === '' || down !== '';
      t.deepEqual(call('play_responder', [vector, eager]), [0, sentDown, responder.holdOff ? '' : up]);
    });
  }
}

test('wherever the client stops, the initiator gives up after one second, and says at what', (t) => {
  const vector = exchanges.exchanges.find(({ name }) => name === 'a payload each way');
  if (vector === undefined) return t.fail();
  const itsSteps = vector.steps.filter((step) => !step.startsWith('I')).length;
  const said = new Set<unknown>();
  for (let count = 0; count < itsSteps; count += 1) {
    const outcome = call('client_stops', [vector, count]);
    if (!Array.isArray(outcome)) return t.fail(`${count} steps: ${outcome}`);
    const [message, afterMs] = outcome;
    said.add(message);
    t.true(afterMs > 1_000 && afterMs < 1_050, `${count} steps: ${afterMs} ms`);
  }
  t.deepEqual([...said].sort(), ['it did not lower syn', 'it did not raise syn']);
});

test('a client that announces more than 200 bytes ends the initiator’s exchange', (t) => {
  t.is(call('too_long'), 'payload of more than 200 bytes announced');
});

test('an exchange of the initiator allocates nothing once a payload of that length has come', (t) => {
  t.deepEqual(call('initiator_allocates'), [[9, 9, 9], true]);
});

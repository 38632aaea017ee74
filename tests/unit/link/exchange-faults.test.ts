/** The two machines of the exchange against each other while something goes wrong between them. */
import test from 'ava';
import fc from 'fast-check';
import { initiatorExchange, responderExchange } from '../../../rig/link/exchange.js';
import { connect, type Fault } from '../../fixtures/link/back-to-back.js';

const payload = fc.option(fc.uint8Array({ minLength: 1, maxLength: 4 }), { nil: undefined });

const CLEAN: readonly Fault['kind'][] = ['initiator stops', 'responder stops', 'no acknowledgement'];
const DIRTY: readonly Fault['kind'][] = [
  'edge of syn lost',
  'edge of ack lost',
  'spike on syn',
  'spike on ack',
];

const faulty = (kinds: readonly Fault['kind'][]) =>
  fc.record({
    up: payload,
    down: payload,
    readsAtOnce: fc.boolean(),
    turns: fc.array(fc.boolean(), { maxLength: 120 }),
    // An exchange with a payload each way has 49 actions, both sides' together.
    fault: fc.record({ atAction: fc.integer({ min: 1, max: 50 }), kind: fc.constantFrom(...kinds) }),
  });

type Faulty = ReturnType<typeof faulty> extends fc.Arbitrary<infer Inputs> ? Inputs : never;

function run({ up, down, readsAtOnce, turns, fault }: Faulty) {
  const initiator = initiatorExchange({ payload: up, holdOff: false, peerCanAccept: true });
  const responder = responderExchange({ payload: down, holdOff: false, readsAtOnce });
  let turn = 0;
  const pick = () => {
    turn += 1;
    return turns[turn] ?? turn % 2 === 0;
  };
  return connect({ initiator, responder }, pick, fault);
}

/** Both directions of a run, each as: who sent what, how far it came for the sender, and what the other made of it. */
function directions({ up, down, ...inputs }: Faulty) {
  const { initiator, responder, fates, transfers } = run({ up, down, ...inputs });
  const crossed = (sent: Uint8Array | undefined) => sent !== undefined && transfers.includes(sent);
  return [
    { sent: up, fate: fates.initiator, crossed: crossed(up), sender: initiator, receiver: responder },
    { sent: down, fate: fates.responder, crossed: crossed(down), sender: responder, receiver: initiator },
  ];
}

test('whatever goes wrong, a payload arrives whole or not at all, and what crossed the bus is never kept', (t) => {
  fc.assert(
    fc.property(faulty([...CLEAN, ...DIRTY]), (inputs) => {
      for (const { sent, fate, crossed, receiver } of directions(inputs)) {
        if (receiver?.received !== undefined) t.deepEqual(receiver.received, sent);
        if (crossed) t.not(fate, 'kept');
      }
    }),
    { numRuns: 3_000 },
  );
});

test('as long as nobody forges an edge, a payload counts as taken only when it has arrived', (t) => {
  fc.assert(
    fc.property(faulty(CLEAN), (inputs) => {
      for (const { sent, fate, crossed, sender, receiver } of directions(inputs)) {
        if (fate === 'taken') t.true(crossed);
        if (fate === 'taken' && receiver !== undefined) t.deepEqual(receiver.received, sent);
        if (sender?.payloadSent === true) t.is(fate, 'taken');
      }
    }),
    { numRuns: 3_000 },
  );
});

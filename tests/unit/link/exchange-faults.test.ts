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

test('whatever goes wrong, a payload arrives whole or not at all, and what arrived is never offered again', (t) => {
  fc.assert(
    fc.property(faulty([...CLEAN, ...DIRTY]), (inputs) => {
      const { initiator, responder, fates } = run(inputs);
      if (responder?.received !== undefined) {
        t.deepEqual(responder.received, inputs.up);
        t.not(fates.initiator, 'kept');
      }
      if (initiator?.received !== undefined) {
        t.deepEqual(initiator.received, inputs.down);
        t.not(fates.responder, 'kept');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('as long as nobody forges an edge, what was sent counts as taken only when it has arrived', (t) => {
  fc.assert(
    fc.property(faulty(CLEAN), (inputs) => {
      const { initiator, responder, fates } = run(inputs);
      // A side that stopped after it had the payload tells nobody; one that finished does.
      if (fates.initiator === 'taken' && responder !== undefined) t.deepEqual(responder.received, inputs.up);
      if (fates.responder === 'taken' && initiator !== undefined)
        t.deepEqual(initiator.received, inputs.down);
      if (initiator?.payloadSent === true) t.is(fates.initiator, 'taken');
      if (responder?.payloadSent === true) t.is(fates.responder, 'taken');
    }),
    { numRuns: 2_000 },
  );
});

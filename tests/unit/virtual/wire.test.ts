/** What level a wire has with several parties on it, and in which order its changes are told. */
import test from 'ava';
import fc from 'fast-check';
import { Wire } from '../../../drivers/virtual/wire.js';
import type { Level } from '../../../rig/ports.js';

const party = fc.constantFrom('host', 'board', 'probe');
const level = fc.constantFrom<Level | undefined>(0, 1, undefined);

test('anybody driving low makes it low; nobody driving leaves it high; each change is told once', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(party, level), { maxLength: 60 }), (drives) => {
      const wire = new Wire();
      const told: Level[] = [];
      wire.onChange((now) => told.push(now));
      const driven = new Map<string, Level | undefined>();
      const expected: Level[] = [];
      for (const [who, what] of drives) {
        const before = wire.level;
        wire.drive(who, what);
        driven.set(who, what);
        t.is(wire.level, [...driven.values()].includes(0) ? 0 : 1);
        if (wire.level !== before) expected.push(wire.level);
      }
      t.deepEqual(told, expected);
    }),
  );
});

test('a party that answers a change by driving the wire does not turn the order around for the others', (t) => {
  const wire = new Wire();
  wire.onChange((now) => {
    if (now === 0) wire.drive('pulse stretcher', undefined);
    if (now === 0) wire.drive('host', 1);
  });
  const told: Level[] = [];
  wire.onChange((now) => told.push(now));
  wire.drive('host', 0);
  t.deepEqual(told, [0, 1]);
  t.is(wire.level, 1);
});

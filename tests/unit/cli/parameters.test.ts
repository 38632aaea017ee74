import test from 'ava';
import fc from 'fast-check';
import { parameterValues, parseAssignments, rangeText, requireDeclared } from '../../../cli/parameters.js';
import { nearest } from '../../../rig/nearest.js';
import type { ParameterDeclarations } from '../../../rig/run/scenario.js';
import { formatDuration, parseDuration } from '../../../rig/time/duration-text.js';
import { ms, seconds, us } from '../../../rig/time/units.js';

const USAGE = { name: 'RigError', code: 'USAGE' };

test('a duration is a number with its unit', (t) => {
  t.is(parseDuration('8s', 'x'), seconds(8));
  t.is(parseDuration('1.5s', 'x'), ms(1_500));
  t.is(parseDuration('250ms', 'x'), ms(250));
  t.is(parseDuration('2min', 'x'), seconds(120));
  t.is(parseDuration('100us', 'x'), us(100));
  t.is(parseDuration('100µs', 'x'), us(100));
  t.is(parseDuration('1h', 'x'), seconds(3_600));
});

for (const text of [
  '',
  '8',
  's',
  '8 parsecs',
  '-8s',
  '8S',
  '1e3s',
  '8s8s',
  '1,5s',
  '.5s',
  'NaNs',
  '999999999999h',
]) {
  test(`"${text}" is no duration, and the message says where it stood`, (t) => {
    t.throws(() => parseDuration(text, '--set outage'), { ...USAGE, message: /^--set outage: / });
  });
}

test('a duration that was formatted reads back as the same', (t) => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (microseconds) => {
      const text = formatDuration(us(microseconds));
      if (microseconds < 1e15) t.is(parseDuration(text, 'x'), us(microseconds));
    }),
  );
  t.is(formatDuration(seconds(8)), '8s');
  t.is(formatDuration(ms(1_500)), '1.5s');
  t.is(formatDuration(seconds(120)), '2min');
  t.is(formatDuration(seconds(90)), '90s');
  t.is(formatDuration(us(0)), '0s');
});

const declarations: ParameterDeclarations = {
  outages: { kind: 'integer', description: '', default: 6, min: 1, max: 1_000 },
  outage: { kind: 'duration', description: '', default: seconds(8), min: seconds(1) },
  shuffle: { kind: 'boolean', description: '', default: true },
};
const values = (...settings: string[]) => parameterValues(declarations, parseAssignments(settings));

test('parameters have their defaults, and the values that are set', (t) => {
  t.deepEqual(values(), { outages: 6, outage: seconds(8), shuffle: true });
  t.deepEqual(values('outages=12', 'outage=2min', 'shuffle=no'), {
    outages: 12,
    outage: seconds(120),
    shuffle: false,
  });
});

test('an integer in range is taken, any other refused with the range', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -5_000, max: 5_000 }), (value) => {
      if (value >= 1 && value <= 1_000) t.like(values(`outages=${value}`), { outages: value });
      else
        t.throws(() => values(`outages=${value}`), {
          ...USAGE,
          message: /out of range, which is 1 to 1000\.$/,
        });
    }),
  );
});

test('no text crashes the parser: it is a value in range or a usage error', (t) => {
  fc.assert(
    fc.property(fc.constantFrom('outages', 'outage', 'shuffle'), fc.string(), (name, text) => {
      try {
        const value = values(`${name}=${text}`)[name];
        t.true(typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value)));
      } catch (error) {
        t.like(error, USAGE);
      }
    }),
  );
});

test('values of the wrong kind are refused by name', (t) => {
  t.throws(() => values('outages=2.5'), { ...USAGE, message: '--set outages: "2.5" is not a whole number.' });
  t.throws(() => values('shuffle=maybe'), { ...USAGE, message: /neither true nor false/ });
  t.throws(() => values('outage=500ms'), { ...USAGE, message: /out of range, which is at least 1s/ });
});

test('an assignment needs a name and an equals sign, and comes once', (t) => {
  for (const setting of ['outages', '=3', '']) t.throws(() => parseAssignments([setting]), USAGE);
  t.throws(() => parseAssignments(['a=1', 'a=2']), { ...USAGE, message: /given twice/ });
  t.deepEqual(parseAssignments(['a=b=c']), [{ name: 'a', text: 'b=c', where: '--set a' }]);
});

test('an unknown parameter is refused with the nearest that there are', (t) => {
  const scenario = { name: 'wifi-outage', parameters: declarations };
  t.throws(() => requireDeclared([{ name: 'outges', text: '1', where: '--set outges' }], [scenario]), {
    ...USAGE,
    message: '--set outges: wifi-outage has no such parameter. Did you mean "outages" or "outage"?',
  });
  t.throws(() => requireDeclared([{ name: 'zzzzzzzz', text: '1', where: '--set zzzzzzzz' }], [scenario]), {
    ...USAGE,
    message: /Known: outages, outage, shuffle\.$/,
  });
});

test('of several scenarios, one that knows the parameter is enough', (t) => {
  const scenarios = [
    { name: 'steady', parameters: {} },
    { name: 'wifi-outage', parameters: declarations },
  ];
  t.notThrows(() => requireDeclared([{ name: 'outages', text: '1', where: '--set outages' }], scenarios));
});

test('the nearest name is the one with a typing mistake', (t) => {
  t.deepEqual(nearest('wifi-outag', ['steady', 'wifi-outage']), ['wifi-outage']);
  t.deepEqual(nearest('xyz', ['steady', 'wifi-outage']), []);
});

test('ranges are told in the unit of the parameter', (t) => {
  t.is(
    rangeText({ kind: 'duration', description: '', default: seconds(8), max: seconds(60) }),
    'at most 1min',
  );
  t.is(rangeText({ kind: 'integer', description: '', default: 8 }), '');
});

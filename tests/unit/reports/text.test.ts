import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { columnsOf, cut, wrap } from '../../../reports/text/layout.js';
import { milliseconds, percent, speed, time } from '../../../reports/text/numbers.js';
import { escapeUnprintable, printable } from '../../../reports/text/printable.js';
import { colourStyle, plainStyle, styleFor } from '../../../reports/text/style.js';
import { type Column, table } from '../../../reports/text/table.js';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });

test('printable text holds no control characters, whatever the device printed', (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const safe of [printable(text), escapeUnprintable(text)]) {
        t.notRegex(safe, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }
    }),
  );
});

test('escape sequences of a device do not reach the terminal', (t) => {
  t.is(printable('\x1b[2J\x1b[31mred\x1b[0m \x07bell\r\nnext'), 'red \\x07bell next');
  t.is(escapeUnprintable('\x1b[2J'), '\\x1b[2J');
  t.is(printable('a\u202eb'), 'a\\u{202e}b');
  t.is(printable('Grüße · 温度 ✓'), 'Grüße · 温度 ✓');
});

test('wrapping keeps every word and the width', (t) => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 60 }), fc.integer({ min: 12, max: 100 }), (text, width) => {
      const lines = wrap(text, width);
      t.true(lines.every((line) => columnsOf(line) <= width));
      t.is(lines.join(' '), text.split(/\s+/).join(' '));
    }),
  );
  t.deepEqual(wrap('abcdefgh', 3), ['abc', 'def', 'gh']);
});

test('cutting says that something is missing', (t) => {
  t.is(cut('abcdef', 6), 'abcdef');
  t.is(cut('abcdef', 4), 'abc…');
  t.is(cut('abcdef', 0), '');
});

const columns: readonly Column[] = [
  { heading: 'n', align: 'right' },
  { heading: 'name', align: 'left', whenNarrow: 'cut' },
  { heading: 'what', align: 'left', whenNarrow: 'wrap' },
];
const rows = fc.array(
  fc.tuple(fc.nat(9_999).map(String), fc.string({ maxLength: 40 }), fc.lorem({ maxCount: 20 })),
  { minLength: 1, maxLength: 6 },
);

test('a table fits its width, and colours change nothing but colours', (t) => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 140 }), (cells, width) => {
      const plain = table(columns, cells, { width, style: plainStyle });
      t.true(plain.every((line) => columnsOf(line) <= width));
      const toned = cells.map(([n, ...rest]) => [{ text: n, tone: 'bad' as const }, ...rest]);
      const coloured = table(columns, toned, { width, style: colourStyle });
      t.deepEqual(coloured.map(stripVTControlCharacters), plain);
    }),
  );
});

test('a table aligns its columns, and leaves out those with nothing in them', (t) => {
  const lines = table(
    [
      { heading: 'n', align: 'right' },
      { heading: '', align: 'left' },
      { heading: 'name', align: 'left' },
    ],
    [
      ['1', '', 'up'],
      ['1,200', '', 'down'],
    ],
    { width: 80, style: plainStyle },
  );
  t.deepEqual(lines, ['      n  name', '      1  up', '  1,200  down']);
});

test('numbers have the digits that mean something, and their unit', (t) => {
  t.is(milliseconds(0.424), '0.42');
  t.is(milliseconds(12.34), '12.3');
  t.is(milliseconds(13_450.2), '13,450');
  t.is(time(0.84), '0.84 ms');
  t.is(time(1_512), '1.51 s');
  t.is(time(81_000), '81.0 s');
  t.is(time(7_500_000), '2 h 05 min');
  t.is(speed(320_000, 2_900), '110x');
  t.is(speed(1_000, 0), '1,000x');
});

test('a bound of a rate is rounded up, never down', (t) => {
  t.is(percent(0.00299), '0.3 %');
  t.is(percent(0.00301), '0.31 %');
  t.is(percent(1), '100 %');
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1, noNaN: true }), (rate) => {
      t.true(Number.parseFloat(percent(rate)) / 100 >= rate * (1 - 1e-8));
    }),
  );
});

test('colours are for terminals that want them', (t) => {
  t.is(styleFor(true, {}), colourStyle);
  t.is(styleFor(true, { NO_COLOR: '1' }), plainStyle);
  t.is(styleFor(true, { NO_COLOR: '' }), colourStyle);
  t.is(styleFor(true, { TERM: 'dumb' }), plainStyle);
  t.is(styleFor(false, {}), plainStyle);
});

/** What is read from a console, however its bytes arrive. */
import test from 'ava';
import fc from 'fast-check';
import {
  CONSOLE_LINE_LIMIT,
  ConsoleWatch,
  LAST_LINES_KEPT,
  parseRomMessage,
  type RomMessage,
} from '../../../rig/run/console-watch.js';
import { instant } from '../../../rig/time/units.js';

const ROM = 'ets Jan  8 2013,rst cause:2, boot mode:(3,6)';

function watch() {
  const lines: { text: string; atUs: number }[] = [];
  const roms: (RomMessage & { atUs: number })[] = [];
  const console = new ConsoleWatch({
    line: (text, atUs) => lines.push({ text, atUs }),
    rom: (message, atUs) => roms.push({ ...message, atUs }),
  });
  const accept = (bytes: string | readonly number[], atUs = 0) =>
    console.accept({
      bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : Uint8Array.from(bytes),
      atUs: instant(atUs),
      baud: 115_200,
    });
  return { console, accept, lines, roms, texts: () => lines.map(({ text }) => text) };
}

test('the ROM message is known in all its variants', (t) => {
  for (const [text, cause, mode] of [
    [ROM, 2, 3],
    [' ets Jan  8 2013,rst cause:1, boot mode:(1,7)', 1, 1],
    ['ets Jan  8 2013,rst cause 4, boot mode:(3,6)', 4, 3],
    ['ets Jan  8 2014,rst cause 2, boot mode (3,0)', 2, 3],
    ['\u{fffd}r$\u{fffd} ets Jan 18 2013,rst cause: 3, boot mode:(3,2)', 3, 3],
  ] as const) {
    t.deepEqual(parseRomMessage(text), { cause, mode }, text);
  }
  for (const text of [
    '',
    'rst cause:2',
    'ets Jan  8 2013,rst cause:, boot mode:(3,6)',
    'ets Jan  8 2013,rst cause:2',
    'wdt reset',
  ]) {
    t.is(parseRomMessage(text), undefined, text);
  }
});

test('chunks may be cut anywhere: lines, times and ROM messages are the same', (t) => {
  const text = `\r\n ${ROM}\r\n\r\nhé €\r\n\nlast line\r\n`;
  const bytes = new TextEncoder().encode(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const { accept, texts, roms } = watch();
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      for (const [index, from] of edges.entries())
        accept([...bytes.subarray(from, edges[index + 1] ?? from)]);
      t.deepEqual(texts(), [` ${ROM}`, 'hé €', 'last line']);
      t.deepEqual(roms, [{ cause: 2, mode: 3, atUs: 0 }]);
    }),
  );
});

test('a line has the time of its first character', (t) => {
  const { accept, lines } = watch();
  accept('one\r', 1);
  accept('\ntw', 2);
  accept('o\r\n\r', 3);
  accept('\nthree\n', 4);
  t.deepEqual(lines, [
    { text: 'one', atUs: 1 },
    { text: 'two', atUs: 2 },
    { text: 'three', atUs: 4 },
  ]);
});

test('a carriage return long before a line does not date it', (t) => {
  const { accept, lines } = watch();
  accept('\r', 1);
  accept('later\n', 9);
  t.deepEqual(lines, [{ text: 'later', atUs: 9 }]);
});

test('a ROM message behind a line that was never ended has its own time', (t) => {
  const { accept, roms } = watch();
  accept('>>> ', 1_000);
  accept([0x80, 0xff], 500_000);
  accept(`${ROM}\n`, 900_000);
  t.deepEqual(roms, [{ cause: 2, mode: 3, atUs: 900_000 }]);
});

test('bytes of a wrong baud rate do no harm', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
      const { accept, texts, console } = watch();
      for (const chunk of chunks) accept([...chunk]);
      accept(`\n${ROM}\n`);
      t.is(texts().at(-1), ROM);
      for (const line of texts()) t.true(line.length <= CONSOLE_LINE_LIMIT && line !== '');
      t.true(console.lastLines().length <= LAST_LINES_KEPT + 1);
    }),
  );
});

test('an endless line is cut, and what follows is a line of its own', (t) => {
  const { accept, texts } = watch();
  accept('x'.repeat(2 * CONSOLE_LINE_LIMIT));
  t.deepEqual(texts(), ['x'.repeat(CONSOLE_LINE_LIMIT), 'x'.repeat(CONSOLE_LINE_LIMIT)]);
  accept('\nnext\n');
  t.is(texts().at(-1), 'next');
  t.is(texts().length, 3);
});

test('the last lines are kept, the unfinished one included, until it is flushed', (t) => {
  const { accept, console, texts } = watch();
  for (let index = 0; index < LAST_LINES_KEPT + 5; index += 1) accept(`line ${index}\n`);
  accept('unfinished');
  t.is(console.lastLines().length, LAST_LINES_KEPT + 1);
  t.is(console.lastLines()[0], 'line 5');
  t.is(console.lastLines().at(-1), 'unfinished');
  t.false(texts().includes('unfinished'));
  console.flush();
  console.flush();
  t.is(texts().filter((text) => text === 'unfinished').length, 1);
  t.is(console.lastLines().at(-1), 'unfinished');
});

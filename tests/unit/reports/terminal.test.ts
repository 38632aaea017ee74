import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { fanOut } from '../../../reports/fan-out.js';
import { LiveProgress } from '../../../reports/terminal/live.js';
import { brokenRunLine, outcomeLine, suiteLine } from '../../../reports/terminal/outcome-line.js';
import { PlainProgress } from '../../../reports/terminal/plain.js';
import { summaryLines } from '../../../reports/terminal/summary.js';
import { columnsOf } from '../../../reports/text/layout.js';
import { colourStyle, plainStyle } from '../../../reports/text/style.js';
import type { RunEvent } from '../../../rig/run/events.js';
import { instant } from '../../../rig/time/units.js';
import { madeUpEvents, madeUpFailure, madeUpFault, madeUpResult } from './made-up-run.js';

const summary = (result = madeUpResult(), width = 80): string[] =>
  summaryLines(result, {
    width,
    style: plainStyle,
    folder: 'runs/x',
    repeat: 'rig run wifi-outage --seed 42',
  });

test('what was on its way when a run was cut short is told beside the losses', (t) => {
  const run = madeUpResult({ outcome: 'FAIL', reason: 'The device did not recover.' });
  const [first, ...others] = run.streams;
  const result = first === undefined ? run : { ...run, streams: [{ ...first, undecided: 338 }, ...others] };
  t.regex(
    outcomeLine(result, plainStyle),
    / · 0 of 2,400 lost · 338 undecided · The device did not recover\.$/,
  );
  t.regex(summary(result, 100).join('\n'), /unsent +undecided\n.* +338$/m);
});

test('the outcome line says it all on one line', (t) => {
  t.is(
    outcomeLine(madeUpResult(), plainStyle),
    'PASS wifi-outage seed 42 · 320.0 s of bench time in 2.9 s (110x) · 0 of 2,400 lost',
  );
  const failed = outcomeLine(madeUpResult({ outcome: 'FAIL', reason: 'two\nlines \x1b[31m' }), plainStyle);
  t.regex(failed, /^FAIL wifi-outage seed 42 · .* · two lines $/);
});

test('the console that a reason quotes keeps its lines in the summary, and stays out of the outcome line', (t) => {
  const reason = `The device did not come up within 120 s. The console's last lines:\n  | hi\n  | ${'x'.repeat(500)}`;
  const result = madeUpResult({ outcome: 'FAIL', reason });
  t.regex(outcomeLine(result, plainStyle), / · The device did not come up within 120 s\.$/);
  const lines = summary(result);
  const quoted = lines.slice(lines.indexOf('    | hi'));
  t.regex(quoted[1] ?? '', /^ {4}\| x{73}…$/);
  t.is(quoted[2], '');
});

test('a run in which nothing fell due says nothing of a loss rate', (t) => {
  const none = madeUpResult();
  const streams = none.streams.map((stream) => ({ ...stream, due: 0, delivered: 0, lossUpperBound95: 1 }));
  t.true(summary().some((line) => line.includes('loss rate')));
  t.false(summary({ ...none, streams }).some((line) => line.includes('loss rate')));
});

test('the outcome line names duplicates and other flaws where there are any', (t) => {
  t.regex(
    outcomeLine(madeUpFailure(), plainStyle),
    /14 of 3,600 lost · 2 duplicated · 3 reordered · 1 corrupted · 2 unsent/,
  );
});

test('a run without a result and a suite end in a line of the same kind', (t) => {
  t.is(
    brokenRunLine({ outcome: 'ERROR', scenario: 'steady', seed: 1, reason: 'no bench' }, plainStyle),
    'ERROR steady seed 1 · no bench',
  );
  t.is(
    suiteLine('FAIL', ['PASS', 'FAIL', 'PASS'], 4, plainStyle),
    'FAIL 4 runs · 2 PASS · 1 FAIL · 1 not run',
  );
});

test('the summary ends with the outcome line, and says where the run is and how to repeat it', (t) => {
  const lines = summary();
  t.is(lines.at(-1), outcomeLine(madeUpResult(), plainStyle));
  t.true(lines.includes('Run folder   runs/x'));
  t.true(lines.includes('Repeat with  rig run wifi-outage --seed 42'));
});

for (const width of [80, 100, 120]) {
  test(`the tables of a summary fit ${width} columns`, (t) => {
    for (const result of [madeUpResult(), madeUpFailure()]) {
      const lines = summary(result, width);
      const tables = lines.filter((line) => line.startsWith('  '));
      t.true(tables.length > 10);
      t.deepEqual(
        tables.filter((line) => columnsOf(line) > width),
        [],
      );
    }
  });
}

test('measurements are shown against their limits, and one never measured stands out', (t) => {
  const lines = summary(madeUpFailure());
  t.true(lines.some((line) => /^ {2}FAIL +qos messages lost +14 +messages +exactly 0$/.test(line)));
  t.true(lines.some((line) => /^ {2}UNSET +detection p99 +never measured +ms +at most 4,000$/.test(line)));
  t.true(lines.some((line) => /^ +recovery max +5,106 +ms +recorded, no limit$/.test(line)));
});

test('of many faults and losses the first are shown, and how many more there are', (t) => {
  const lines = summary(madeUpFailure(), 100);
  t.is(lines.filter((line) => /^ +\d+ {2}wifi-outage/.test(line)).length, 10);
  t.true(lines.includes('  … 3 more'));
  t.true(lines.includes('Faults 13 faults · 12 proved · 12 recovered · 12 lost in them'));
  t.true(lines.some((line) => /^ +3 {2}wifi-outage +155\.0 s +never +never +12 {2}NOT PROVED$/.test(line)));
  t.is(lines.filter((line) => /^ {2}up +#\d+/.test(line)).length, 8);
  t.true(lines.includes('  … 6 more'));
  t.true(lines.includes('Losses by last point reached: 5 offered · 9 accepted'));
});

test('boots are told apart by their cause', (t) => {
  t.true(
    summary(madeUpFailure()).includes('Boots        2 boots · 1 by power-on · 1 by watchdog · 1 unexpected'),
  );
});

test('what a device put into names and evidence does not reach the terminal as control characters', (t) => {
  const hostile = 'x\x1b[2J\x07\r\n\x9b31m';
  const result = madeUpResult({
    scenario: hostile,
    reason: hostile,
    outcome: 'FAIL',
    bench: { name: hostile, kind: 'virtual' },
    faults: [madeUpFault(1, { kind: hostile, evidence: hostile })],
  });
  for (const line of summary(result)) t.notRegex(line, /\p{Cc}/u);
});

test('a coloured summary is the plain one but for its colours', (t) => {
  const coloured = summaryLines(madeUpFailure(), { width: 80, style: colourStyle });
  t.true(coloured.join('').includes('\x1b['));
  t.deepEqual(
    coloured.map(stripVTControlCharacters),
    summaryLines(madeUpFailure(), { width: 80, style: plainStyle }),
  );
});

test('elsewhere than in a terminal, progress is plain lines: one a fault, one every 30 s', (t) => {
  let written = '';
  const progress = new PlainProgress((text) => {
    written += text;
  });
  for (const event of madeUpEvents()) progress.sink(event);
  progress.finish();
  t.deepEqual(written.trimEnd().split('\n'), [
    '     0.0 s  bring-up',
    '     3.0 s  traffic',
    '    25.5 s  fault 1 wifi-outage (access point off for 8.0 s) · proved · seen after 1.51 s · back 5.10 s after it ended',
    '    30.1 s  uplink 109 of 200 · downlink 108 of 200 · 0 lost · 1 fault',
    '    53.0 s  drain',
  ]);
});

test('a fault that never ends is told when the run does', (t) => {
  let written = '';
  const progress = new PlainProgress((text) => {
    written += text;
  });
  for (const event of madeUpEvents().filter(({ type }) => type !== 'fault.recovered')) progress.sink(event);
  t.notRegex(written, /NOT RECOVERED/);
  progress.finish();
  t.regex(written, /fault 1 wifi-outage .* NOT RECOVERED/);
});

test('a device that boots without end does not flood the log', (t) => {
  let lines = 0;
  const progress = new PlainProgress(() => {
    lines += 1;
  });
  for (let number = 1; number <= 10_000; number += 1) {
    progress.sink({ type: 'boot', atUs: instant(number), number, cause: 4, mode: 3, expected: false });
  }
  t.true(lines <= 21);
});

function live(columns: number): {
  feed: (event: RunEvent) => void;
  finish: () => void;
  written: () => string;
} {
  let written = '';
  let wallMs = 0;
  const progress = new LiveProgress({
    write: (text) => {
      written += text;
    },
    columns: () => columns,
    wallMs: () => {
      wallMs += 40;
      return wallMs;
    },
    style: plainStyle,
  });
  return { feed: progress.sink, finish: () => progress.finish(), written: () => written };
}

/** What is left on a screen: knows no more than what the live display uses. */
function screenAfter(written: string): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const [, up, text] of written.matchAll(/\r(?:\p{Cc}\[(\d+)A)?\p{Cc}\[J|((?:\P{Cc}|\n)+)/gu)) {
    if (text === undefined) {
      row -= Number(up ?? 0);
      rows.splice(row);
      rows.push('');
    } else {
      for (const [index, line] of text.split('\n').entries()) {
        if (index > 0) {
          row += 1;
          rows.push('');
        }
        rows[row] += line;
      }
    }
  }
  return rows;
}

test('in a terminal, progress is three lines redrawn in place, and gone at the end', (t) => {
  const display = live(80);
  const events = madeUpEvents();
  for (const event of events.slice(0, 100)) display.feed(event);
  const rows = screenAfter(display.written());
  t.is(rows.length, 4);
  t.regex(rows[0] ?? '', /^wifi-outage seed 42 {2}traffic/);
  t.regex(rows[1] ?? '', /^█+░+ +\d+ % {2}bench \d+\.\d s in \d+\.\d s \(\d+/);
  t.regex(rows[2] ?? '', /^uplink \d+ of 200 · downlink \d+ of 200 · 0 lost/);
  for (const event of events.slice(100)) display.feed(event);
  display.finish();
  t.deepEqual(screenAfter(display.written()), ['']);
});

test('the live lines never fill the last column', (t) => {
  const display = live(40);
  for (const event of madeUpEvents()) display.feed(event);
  for (const line of stripVTControlCharacters(display.written()).split(/[\r\n]/))
    t.true(columnsOf(line) < 40);
});

test('a reader that throws is counted and does not stop the others', (t) => {
  const seen: string[] = [];
  const fan = fanOut([
    {
      name: 'broken',
      sink: () => {
        throw new Error('no disk');
      },
    },
    { name: 'good', sink: (event) => seen.push(event.type) },
  ]);
  const events = madeUpEvents();
  for (const event of events) fan.sink(event);
  t.is(seen.length, events.length);
  t.deepEqual(
    fan.failures().map(({ name, count }) => ({ name, count })),
    [{ name: 'broken', count: events.length }],
  );
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { consoleLine, OutputPlace, timeStamp } from '../../../cli/run-folder.js';
import { instant } from '../../../rig/time/units.js';
import { madeUpEvents, madeUpResult } from '../reports/made-up-run.js';

const USAGE = { name: 'RigError', code: 'USAGE' };
const time = new Date(2026, 10, 20, 14, 30, 5);
const made: string[] = [];

function workingDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'rig-runs-'));
  made.push(path);
  return path;
}

test.after.always(() => {
  for (const path of made) rmSync(path, { recursive: true });
});

function opened(out: string | undefined, runs: number, directory = workingDirectory()) {
  const place = new OutputPlace({ out, runs, workingDirectory: directory });
  place.prepare();
  return { directory, place };
}

test('a time stamp sorts by time and is local', (t) => {
  t.is(timeStamp(time), '2026-11-20T14-30-05');
});

test('runs of the same second get folders of their own', (t) => {
  const { directory, place } = opened(undefined, 3);
  const shown = [1, 2, 3].map(() => {
    const folder = place.open('steady', time);
    folder.close();
    return folder.shown;
  });
  t.deepEqual(
    shown,
    ['', '-2', '-3'].map((suffix) => join('runs', `2026-11-20T14-30-05-steady${suffix}`)),
  );
  t.deepEqual(readdirSync(join(directory, 'runs')).length, 3);
});

test('--out is the folder of a single run, and holds a folder for each of several', (t) => {
  const single = opened('deep/er', 1);
  single.place.open('steady', time).close();
  t.deepEqual(readdirSync(join(single.directory, 'deep/er')).sort(), ['console.log', 'journal.jsonl']);
  const several = opened('out', 2);
  several.place.open('steady', time).close();
  several.place.open('steady', time).close();
  t.deepEqual(readdirSync(join(several.directory, 'out')).sort(), ['steady', 'steady-2']);
});

test('a folder that holds something is not written to', (t) => {
  const directory = workingDirectory();
  mkdirSync(join(directory, 'out'));
  t.notThrows(() => opened('out', 1, directory));
  writeFileSync(join(directory, 'out', 'precious'), '');
  t.throws(() => opened('out', 1, directory), { ...USAGE, message: /^--out out: it is not empty/ });
  t.deepEqual(readdirSync(join(directory, 'out')), ['precious']);
});

test('a place that takes no folder is refused by name', (t) => {
  const directory = workingDirectory();
  writeFileSync(join(directory, 'file'), '');
  t.throws(() => opened('file', 1, directory), { ...USAGE, message: /cannot be written to file/ });
  t.throws(() => opened('file/below', 1, directory), {
    ...USAGE,
    message: /cannot be written to file\/below/,
  });
  t.throws(() => opened('/proc/rig-was-here', 1, directory), { ...USAGE, message: /\/proc\/rig-was-here/ });
});

test('journal, console log and result of a run are in its folder', (t) => {
  const { directory, place } = opened('out', 1);
  const folder = place.open('steady', time);
  const events = madeUpEvents();
  for (const event of events) {
    folder.journalSink(event);
    folder.consoleSink(event);
  }
  folder.writeResult(madeUpResult());
  folder.close();
  const read = (name: string) => readFileSync(join(directory, 'out', name), 'utf8');
  t.is(read('journal.jsonl').trimEnd().split('\n').length, events.length);
  t.is(read('console.log'), '[    0.010000] ets Jan  8 2013,rst cause:1, boot mode:(3,0)\n');
  t.true(existsSync(join(directory, 'out', 'result.json')));
  t.is(folder.journalDefect(), undefined);
});

test('the console log shows what a terminal would obey instead of holding it', (t) => {
  const line = consoleLine({ type: 'console', atUs: instant(12_345_678), line: '\x1b[2Jhello\x07' });
  t.is(line, '[   12.345678] \\x1b[2Jhello\\x07');
});

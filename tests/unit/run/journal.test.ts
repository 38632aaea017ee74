import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { isRigError } from '../../../rig/errors.js';
import { formatEvent } from '../../../rig/run/event-json.js';
import type { RunEvent } from '../../../rig/run/events.js';
import {
  createJournalFile,
  FLUSH_AT,
  type JournalSink,
  JournalWriter,
  readJournal,
} from '../../../rig/run/journal.js';
import { instant } from '../../../rig/time/units.js';
import { sampleEvents } from './sample-events.js';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'rig-journal-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

function memorySink() {
  const writes: string[] = [];
  const sink: JournalSink = { write: (text) => writes.push(text), close: () => undefined };
  return { sink, writes };
}

function read(path: string): { events: RunEvent[]; warnings: string[] } {
  const events: RunEvent[] = [];
  const warnings: string[] = [];
  for (const event of readJournal(path, (warning) => warnings.push(warning))) events.push(event);
  return { events, warnings };
}

/** The kinds of event that the sample run does not have. */
const otherEvents: RunEvent[] = [
  { type: 'link', atUs: instant(1), state: 'down', reason: 'no keepalive' },
  { type: 'link', atUs: instant(2), state: 'configured' },
  { type: 'device.server', atUs: instant(3), up: false },
  { type: 'device.stopped', atUs: instant(4), reason: 'bad-wifi' },
  { type: 'server', atUs: instant(5), state: 'reconnected', client: '1' },
  { type: 'server', atUs: instant(6), state: 'refused', client: '1', detail: 'a second live connection' },
];
const consoleLine = (line: string): RunEvent => ({ type: 'console', atUs: instant(1), line });
const note = (text: string): RunEvent => ({ type: 'note', atUs: instant(2), text });

test('what is written is read back, event for event', (t) => {
  const path = join(folder(t), 'journal.jsonl');
  const writer = new JournalWriter(createJournalFile(path));
  const unusual = consoleLine('line\u2028end "quoted" \\ é 漢 \u0000');
  const all = [...sampleEvents, ...otherEvents, note('n'), unusual];
  for (const event of all) writer.append(event);
  writer.close();
  const { events, warnings } = read(path);
  t.deepEqual(events, all);
  t.deepEqual(warnings, []);
  t.is(writer.droppedEvents, 0);
});

test('type and time come first and the other keys in a fixed order, however the event was put together', (t) => {
  const [a, b]: RunEvent[] = [
    { type: 'fault.injected', atUs: instant(1), fault: 1, kind: 'k', detail: 'd' },
    { detail: 'd', kind: 'k', fault: 1, atUs: instant(1), type: 'fault.injected' },
  ];
  if (a === undefined || b === undefined) return t.fail();
  t.is(formatEvent(a), '{"type":"fault.injected","atUs":1,"fault":1,"kind":"k","detail":"d"}');
  t.is(formatEvent(b), formatEvent(a));
});

test('messages and console lines wait for company; anything else is handed over at once, in order', (t) => {
  const { sink, writes } = memorySink();
  const writer = new JournalWriter(sink);
  writer.append(consoleLine('a'));
  t.deepEqual(writes, []);
  writer.append(note('now'));
  t.is(writes.length, 1);
  t.is(writes[0], `${formatEvent(consoleLine('a'))}\n${formatEvent(note('now'))}\n`);
  const long = consoleLine('x'.repeat(1_000));
  for (let i = 0; i < 200; i += 1) writer.append(long);
  t.true(writes.length > 2);
  t.true(writes.slice(1).every((text) => text.length < FLUSH_AT + 2_000));
  writer.close();
  t.is(writes.join('').split('\n').length - 1, 202);
});

test('writes that fail are counted and remembered, never thrown, and later events do not join a torn line', (t) => {
  const written: string[] = [];
  let full = false;
  const sink: JournalSink = {
    write(text) {
      if (!full) {
        written.push(text);
        return;
      }
      written.push(text.slice(0, 7));
      throw new Error('ENOSPC: no space left on device');
    },
    close: () => undefined,
  };
  const writer = new JournalWriter(sink);
  writer.append(note('before'));
  full = true;
  writer.append(consoleLine('lost'));
  writer.append(note('lost too'));
  full = false;
  writer.append(note('after'));
  writer.close();
  writer.append(note('too late'));
  t.is(writer.droppedEvents, 3);
  t.is(writer.firstError, 'ENOSPC: no space left on device');
  t.is(written.join('').split('\n').at(-2), formatEvent(note('after')));
});

test('a journal cut off at any byte gives every whole event before the cut, and a warning for the torn one', async (t) => {
  const path = join(folder(t), 'journal.jsonl');
  const whole = Buffer.from(sampleEvents.map((event) => `${formatEvent(event)}\n`).join(''));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
      writeFileSync(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).toString().split('\n');
      const rest = lines.pop() ?? '';
      const lastIsWhole = rest !== '' && sampleEvents.some((event) => formatEvent(event) === rest);
      const { events, warnings } = read(path);
      t.deepEqual(events, sampleEvents.slice(0, lines.length + (lastIsWhole ? 1 : 0)));
      t.is(warnings.length, rest === '' || lastIsWhole ? 0 : 1);
      if (warnings.length > 0)
        t.regex(warnings[0] ?? '', new RegExp(`:${lines.length + 1}: the last line is torn`));
    }),
    { numRuns: 100 },
  );
});

test('lines that are damaged, unknown or from the future are skipped with a warning that names the line', (t) => {
  const path = join(folder(t), 'journal.jsonl');
  const started = sampleEvents[0];
  const lines = [
    JSON.stringify({ ...started, schemaVersion: 99 }),
    '{"type":"teleport","atUs":1}',
    'garbage',
    '[]',
    '{"atUs":1}',
    '{"type":"note","atUs":"soon","text":"x"}',
    '{"type":"note","atUs":1}',
    '{"type":"measured","atUs":1,"name":"x","value":null}',
    '{"type":"run.ended","atUs":1,"outcome":"FINE","wallMs":1}',
    '{"type":"toString","atUs":1}',
    '',
    '{"type":"note","atUs":1,"text":"kept","new":true}',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { events, warnings } = read(path);
  t.deepEqual(
    events.map(({ type }) => type),
    ['run.started', 'note'],
  );
  const starts = warnings.map((warning) => warning.slice(path.length));
  const expected = [
    ':1: written by a newer rig (format 99',
    ':2: unknown event type "teleport"',
    ':3: not JSON',
    ':4: not an event',
    ':5: not an event: it has no type',
    ':6: the event "note" has no valid "atUs"',
    ':7: the event "note" has no valid "text"',
    ':8: the event "measured" has no valid "value"',
    ':9: the event "run.ended" has no valid "outcome"',
    ':10: unknown event type "toString"',
  ];
  t.is(starts.length, expected.length);
  for (const [index, start] of expected.entries()) t.true(starts[index]?.startsWith(start), starts[index]);
});

test('a line without end does not fill the memory', (t) => {
  const path = join(folder(t), 'journal.jsonl');
  writeFileSync(path, `${'x'.repeat(5_000_000)}\n${formatEvent(note('after'))}\n`);
  const { events, warnings } = read(path);
  t.deepEqual(events, [note('after')]);
  t.is(warnings.length, 1);
  t.true((warnings[0]?.length ?? 0) < 500, 'the warning is short too');
});

test('a journal that is missing, or exists already, is an error that names the file', (t) => {
  const path = join(folder(t), 'journal.jsonl');
  const missing = t.throws(() => read(path), { message: new RegExp(path) });
  t.true(isRigError(missing, 'USAGE'));
  writeFileSync(path, 'precious');
  const exists = t.throws(() => createJournalFile(path), { message: new RegExp(path) });
  t.true(isRigError(exists, 'USAGE'));
  t.is(readFileSync(path, 'utf8'), 'precious');
});

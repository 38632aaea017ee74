/** No secret gets through, in whatever spelling, wherever text was cut; and nothing else is touched. */
import test from 'ava';
import fc from 'fast-check';
import { CONSOLE_LINE_LIMIT, ConsoleWatch } from '../../../rig/run/console-watch.js';
import type { RunEvent } from '../../../rig/run/events.js';
import { REDACTED, Redactor } from '../../../rig/run/redaction.js';
import { instant } from '../../../rig/time/units.js';

const SECRET = 'correct horse battery';
const redactor = new Redactor([SECRET]);

test('a secret is replaced, once or often, and the rest stays', (t) => {
  t.is(redactor.text(`cfg: ["rig", "${SECRET}"] ${SECRET}.`), `cfg: ["rig", "${REDACTED}"] ${REDACTED}.`);
  t.is(
    redactor.text('the correct horse\nis there'),
    'the correct horse\nis there'.replace('correct horse', REDACTED),
  );
  t.is(redactor.text('a horse, not a battery'), 'a horse, not a battery');
});

test('no secret, nothing redacted', (t) => {
  t.is(new Redactor([]).text('anything'), 'anything');
  t.is(new Redactor(['']).text('anything'), 'anything');
});

for (const [spelling, secret, text] of [
  ['JSON', 'say "hi"\\ now', JSON.stringify(['say "hi"\\ now'])],
  ['JSON in ASCII', 'grüße an alle', '"gr\\u00fc\\u00dfe an alle"'],
  ['a Python text', "it's \\ mine", "'it\\'s \\\\ mine'"],
  ['Python bytes', "grüße it's", "b'gr\\xc3\\xbc\\xc3\\x9fe it\\'s'"],
] as const) {
  test(`the spelling of ${spelling} is known`, (t) => {
    const redacted = new Redactor([secret]).text(`x ${text} y`);
    t.true(redacted.includes(REDACTED), redacted);
    t.notRegex(redacted, /hi|alle|mine|it/);
  });
}

test('a piece where text was cut is a leak too', (t) => {
  t.is(redactor.text('a line of the device: "x correct ho…"'), `a line of the device: "x ${REDACTED}…"`);
  t.is(redactor.text('the last bytes: correct ho'), `the last bytes: ${REDACTED}`);
  t.is(redactor.text('se battery, "cfg"]'), `${REDACTED}, "cfg"]`);
  t.is(redactor.text('first\nse battery, x'), `first\n${REDACTED}, x`);
});

/** What a watch makes of bytes that arrive in chunks of the given sizes. */
function printed(text: string, sizes: readonly number[]): string[] {
  const lines: string[] = [];
  const watch = new ConsoleWatch({ line: (line) => lines.push(line), rom: () => undefined }, redactor);
  const bytes = Buffer.from(text);
  for (let from = 0, index = 0; from < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    watch.accept({ bytes: bytes.subarray(from, from + size), atUs: instant(from), baud: 115_200 });
    const unfinished = watch.lastLines().join('\n');
    if (unfinished.includes(SECRET)) lines.push(`leaked: ${unfinished}`);
    from += size;
  }
  watch.flush();
  return lines;
}

test('on the console, a secret is caught however it is split over chunks and cut lines', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 * CONSOLE_LINE_LIMIT }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      (before, sizes) => {
        const lines = printed(`${'x'.repeat(before)}${SECRET}yy\n`, sizes);
        const all = lines.join('');
        return !/correct|horse|battery|leaked/.test(all) && all === `${'x'.repeat(before)}${REDACTED}yy`;
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('lines stay bounded, and times in order, where a cut is put off for a secret', (t) => {
  const text = `${'x'.repeat(CONSOLE_LINE_LIMIT - 3)}${'correct horse batter'.repeat(50)}\n`;
  t.true(printed(text, [7]).every((line) => line.length <= CONSOLE_LINE_LIMIT));
});

test('every free text of every event is redacted', (t) => {
  const atUs = instant(0);
  const leak = `x ${SECRET} y`;
  const events: readonly RunEvent[] = [
    { type: 'note', atUs, text: leak },
    { type: 'console', atUs, line: leak },
    { type: 'anomaly', atUs, kind: 'unexpected', text: leak },
    { type: 'link', atUs, state: 'down', reason: leak },
    { type: 'server', atUs, state: 'refused', client: leak, detail: leak },
    { type: 'fault.injected', atUs, fault: 1, kind: 'k', detail: leak },
    { type: 'fault.proved', atUs, fault: 1, evidence: leak },
    { type: 'run.ended', atUs, outcome: 'ERROR', reason: leak, wallMs: 0 },
  ];
  for (const event of events) {
    const redacted = JSON.stringify(redactor.event(event));
    t.true(redacted.includes(`x ${REDACTED} y`), redacted);
    t.notRegex(redacted, /horse/);
  }
});

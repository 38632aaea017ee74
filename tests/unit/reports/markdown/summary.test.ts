/** `summary.md`: short, outcome first, and no text of the device becomes markup. */
import test from 'ava';
import fc from 'fast-check';
import { code, literal } from '../../../../reports/markdown/markdown.js';
import { sparkline } from '../../../../reports/markdown/sparkline.js';
import { markdownSummary } from '../../../../reports/markdown/summary.js';
import { LatencyDensity } from '../../../../reports/model/latency-density.js';
import { RunModelBuilder } from '../../../../reports/model/run-model.js';
import { type MadeUpJournal, madeUpJournal } from '../made-up-journal.js';

function summary(options: MadeUpJournal, warnings: readonly string[] = []): string {
  const builder = new RunModelBuilder();
  for (const event of madeUpJournal(options)) builder.apply(event);
  return markdownSummary(builder.model(), warnings, 'rig run made-up --seed 7');
}

test('outcome and scenario come first, the command to repeat it last', (t) => {
  const lines = summary({}).trim().split('\n');
  t.is(lines[0], '## ✅ PASS made-up');
  t.is(lines.at(-1), 'The same again: `rig run made-up --seed 7`');
  t.true(lines.length < 40);
});

test('a run that failed shows its reason, its losses and the end of the console', (t) => {
  const text = summary({ outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30', consoleLine: 'Traceback' });
  t.regex(text, /^> lost is 30$/m);
  t.regex(text, /\| uplink \| 0 \| accepted \| none \|/);
  t.regex(text, /… and 20 more/);
  t.regex(text, /^ {4}Traceback$/m);
});

test('what the journal’s reader had to say is not kept back', (t) => {
  t.regex(
    summary({}, ['journal.jsonl:12: torn']),
    /> ⚠️ journal.jsonl&#58;12&#58; torn|> ⚠️ journal\.jsonl:12: torn/,
  );
});

test('no text makes markup', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      t.notRegex(literal(text), /[\\`*_{}[\]|~<>@]|&(?!#\d+;)|\n/);
    }),
  );
  t.is(literal('<img src=x onerror=alert(1)>').includes('<'), false);
});

test('a code span holds any text, backticks too', (t) => {
  t.is(code('a'), '`a`');
  t.is(code('a `b` ``c``'), '``` a `b` ``c`` ```');
});

test('the trend has a mark for each part of the run, the slowest the highest', (t) => {
  const density = new LatencyDensity();
  for (let second = 0; second < 100; second += 1)
    density.record(second * 1_000, second === 50 ? 10_000 : 100);
  const line = sparkline(density.density());
  t.true(line.length <= 40 && line.length > 20);
  t.is([...line].filter((mark) => mark === '█').length, 1);
  t.is(sparkline(undefined), '');
});

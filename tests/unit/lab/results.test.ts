/** What the lab makes of a job's output, of one that breaks off above all: it must never pass for a success. */
import test from 'ava';
import { Results } from '../../lab/results.js';

function resultsOf(lines: readonly string[]) {
  const told: string[] = [];
  const results = new Results((line) => told.push(line));
  for (const line of lines) results.take(line);
  return { ...results.counts(), told: told.join('\n') };
}

test('passed, failed and skipped tests are counted, and what a failed one says is told', (t) => {
  const { passed, failed, skipped, told } = resultsOf([
    'TAP version 13',
    'ok 1 - lines › SYN',
    'not ok 2 - bus › read',
    '  ---',
    '    message: no answer',
    '  ...',
    'ok 3 - radio # SKIP',
    '',
    '1..3',
    '# tests 3',
    '# exit 1',
  ]);
  t.deepEqual([passed, failed, skipped], [1, 1, 1]);
  t.regex(told, /✘ bus › read\n.*---\n.*no answer/);
  t.notRegex(told, /TAP version|1\.\.3|# exit/);
});

test('a job that ends without having tested anything is a failure', (t) => {
  t.is(resultsOf(['# exit 0']).failed, 1);
  t.is(resultsOf([]).failed, 1);
});

test('a job that breaks off, or fails without naming a test, is a failure', (t) => {
  t.deepEqual(pick(resultsOf(['ok 1 - one'])), [1, 1]);
  t.deepEqual(pick(resultsOf(['ok 1 - one', '# exit 1'])), [1, 1]);
  t.deepEqual(pick(resultsOf(['ok 1 - one', '# exit 0'])), [1, 0]);
});

const pick = ({ passed, failed }: { passed: number; failed: number }) => [passed, failed];

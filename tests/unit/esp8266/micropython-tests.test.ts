/** MicroPython's way of testing a board, on the virtual one: a few tests of our own, and the judge of their output. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { expectedOutput } from '../../micropython/expectation.js';
import { withTestBoard } from '../../micropython/test-board.js';
import { findTests, flashFor } from '../../micropython/test-files.js';
import { judge, type Trial } from '../../micropython/verdict.js';

const own = fileURLToPath(new URL('../../../../tests/micropython/own', import.meta.url));

test('our own tests pass on the board, through its raw REPL', async (t) => {
  const [folder] = findTests(own);
  if (folder === undefined) throw new Error('There are no tests.');
  await withTestBoard(flashFor(folder, undefined), async (board) => {
    for (const file of folder.tests) {
      const verdict = judge(await board.try(readFileSync(file.path, 'utf8')), () => expectedOutput(file));
      t.is(
        verdict.kind,
        file.name.endsWith('skipped.py') ? 'skipped' : 'passed',
        JSON.stringify(verdict, null, 1),
      );
    }
  });
});

const trial = (output: string, failure = ''): Trial => ({ output: `START TEST\n${output}`, failure });
const verdictOf = (made: Trial, expected: string) => judge(made, () => expected).kind;

test('output must be what is expected, to the letter', (t) => {
  t.is(verdictOf(trial('1\n'), '1\n'), 'passed');
  t.is(verdictOf(trial('1\n2\n'), '1\n'), 'failed');
  t.is(verdictOf(trial('1\n', 'ValueError: 2\n'), '1\n'), 'failed');
});

test('lines of eight marks stand for any lines, and make the others patterns', (t) => {
  const expected = '########\nstack: \\\\d\\+ out of (x)\n########\nend\n';
  t.is(verdictOf(trial('a\nb\nstack: 12 out of (x)\nc\nend\n'), expected), 'passed');
  t.is(verdictOf(trial('stack: 1 out of (x)\nend\n'), expected), 'passed');
  t.is(verdictOf(trial('a\nstack: no out of (x)\nend\n'), expected), 'failed');
});

test('what does not apply, does not fit or lacks unittest is skipped; a summary of unittest counts', (t) => {
  const unasked = () => {
    throw new Error('Nobody may ask what is expected.');
  };
  t.is(judge(trial('SKIP\n'), unasked).kind, 'skipped');
  t.is(judge({ output: '', failure: 'MemoryError: \n' }, unasked).kind, 'skipped');
  t.is(judge(trial('', "ImportError: no module named 'unittest'\n"), unasked).kind, 'skipped');
  const summary = (end: string) => trial(`...\n${'-'.repeat(70)}\nRan 3 tests\n\n${end}\n`);
  t.is(judge(summary('OK (skipped=1)'), unasked).kind, 'passed');
  t.is(judge(summary('FAILED (failures=1, errors=0)'), unasked).kind, 'failed');
});

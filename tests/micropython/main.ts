/**
 * `npm run test:micropython -- FOLDER`: runs MicroPython's own test files on the virtual board, through its REPL, as
 * upstream's run-tests.py runs them on a real one. Exit status 1 when one fails that is not a known difference.
 *
 * node dist/tests/micropython/main.js [--lib FOLDER] [--only PATTERN] [--show] FOLDER|FILE…
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { expectedOutput } from './expectation.js';
import { Tally } from './tally.js';
import { withTestBoard } from './test-board.js';
import { findTests, flashFor, type TestFile, type TestFolder } from './test-files.js';
import { judge, type Trial, type Verdict } from './verdict.js';

async function runFolder(folder: TestFolder, library: string | undefined, tally: Tally): Promise<void> {
  const waiting = [...folder.tests];
  while (waiting.length > 0) {
    await withTestBoard(flashFor(folder, library), async (board) => {
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
        const startMs = performance.now();
        const trial = await board.try(readFileSync(test.path, 'utf8'));
        tally.take(test.name, judgeTest(test, trial), performance.now() - startMs);
        if (board.isLost) return;
      }
    });
  }
}

function judgeTest(test: TestFile, trial: Trial): Verdict {
  return judge(trial, () => expectedOutput(test));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      lib: { type: 'string' },
      only: { type: 'string', default: '' },
      show: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) throw new Error("Give the folder of MicroPython's tests.");
  const only = new RegExp(values.only);
  const tally = new Tally(values.show);
  for (const path of positionals) {
    for (const folder of findTests(resolve(path))) {
      const tests = folder.tests.filter(({ name }) => only.test(name));
      await runFolder({ ...folder, tests }, values.lib && resolve(values.lib), tally);
    }
  }
  return tally.close();
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});

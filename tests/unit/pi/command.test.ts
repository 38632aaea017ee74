/** Programs run for drivers: real ones, and what is said of those that fail. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  createCommandRunner,
  OUTPUT_LIMIT_BYTES,
  outcomeOf,
  startError,
} from '../../../drivers/pi/command.js';
import { isRigError } from '../../../rig/errors.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { elapsed, ms, toMs } from '../../../rig/time/units.js';

const clock = new SystemClock();
const run = createCommandRunner({ clock });
/** A program that runs `source`. */
const node = (source: string, ...rest: string[]) => [process.execPath, '-e', source, ...rest];

test('what a program prints comes back, and no shell reads its arguments', async (t) => {
  const source = 'console.log(process.argv[1]); console.error("aside")';
  const { stdout, stderr } = await run(node(source, '$HOME; echo "x" *'));
  t.is(stdout, '$HOME; echo "x" *\n');
  t.is(stderr, 'aside\n');
});

test('a program that fails is told with its status, the first line it complained with, and the advice that fits', async (t) => {
  const source = 'console.error("Operation not permitted.\\nmore"); process.exit(3)';
  const advice = [
    { when: /no such/i, step: 'Look for it.' },
    { when: /not permitted/, step: 'Ask for permission.' },
  ];
  const error = await t.throwsAsync(run(node(source), { advice }));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, / failed with status 3: Operation not permitted\. Ask for permission\.$/);
  const quiet = await t.throwsAsync(run(node('process.exit(1)')));
  t.regex(quiet.message, / failed with status 1\.$/);
});

test('a program that is not there is told with the package that brings it, or where its name comes from', async (t) => {
  const error = await t.throwsAsync(run(['./no-such-program', '-x']));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /no program "\.\/no-such-program".*bench file/);
  const absent = Object.assign(new Error('spawn uhubctl ENOENT'), { code: 'ENOENT' });
  t.regex(startError(['uhubctl', '-v'], absent).message, /no program "uhubctl".*apt-get install uhubctl$/);
});

const temporary = () => mkdtempSync(join(tmpdir(), 'rig-command-'));

test('a program that may not be run is told so', async (t) => {
  const folder = temporary();
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/true\n', { mode: 0o644 });
  const error = await t.throwsAsync(run([program]));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /EACCES.*executable/);
  rmSync(folder, { recursive: true });
});

test('a program that takes too long is ended with all that it started', async (t) => {
  const folder = temporary();
  const beat = join(folder, 'beat');
  const startedUs = clock.now();
  // Its child writes on and on.
  const script = '(while :; do echo x >>"$0"; sleep 0.02; done) & wait';
  const error = await t.throwsAsync(run(['sh', '-c', script, beat], { limit: ms(900) }));
  t.true(isRigError(error, 'BENCH'));
  t.regex(error.message, /took more than 0\.9 s and was ended/);
  t.true(toMs(elapsed(startedUs, clock.now())) < 5_000);
  await clock.sleep('the order to end', ms(700));
  const written = readFileSync(beat).length;
  t.true(written > 0, 'its child has lived');
  await clock.sleep('more', ms(200));
  t.is(readFileSync(beat).length, written, 'and lives no more');
  rmSync(folder, { recursive: true });
});

test('a program that prints without end is ended', async (t) => {
  const source = 'const b = "x".repeat(65536); const f = () => process.stdout.write(b, f); f()';
  const error = await t.throwsAsync(run(node(source)));
  t.true(isRigError(error, 'BENCH'));
  t.true(error.message.includes(`printed more than ${OUTPUT_LIMIT_BYTES} bytes`));
});

test('a daemon that a program leaves behind with its output is not waited for', async (t) => {
  const startedUs = clock.now();
  const source =
    'require("child_process").spawn("sleep", ["4"], { stdio: "inherit", detached: true }).unref(); console.log("on")';
  t.is((await run(node(source))).stdout, 'on\n');
  t.true(toMs(elapsed(startedUs, clock.now())) < 3_500);
});

test('a program that a signal ended has not succeeded', (t) => {
  const error = t.throws(() => outcomeOf(['x'], { status: 'SIGSEGV', stdout: '', stderr: '' }));
  t.is(error.message, '"x" was ended by SIGSEGV.');
});

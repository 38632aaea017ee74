/**
 * `npm run test:lab`: builds the lab's virtual machine when it is not there yet, boots it, and runs the suites of
 * tests/lab/suites in it, on the kernel's real interfaces. Exit status: 0 all passed, 1 a test failed or the lab
 * broke, 77 the lab cannot run on this computer and nothing was tested.
 *
 * node dist/tests/lab/main.js [--verbose] [--again] [--job NAME] [SUITE…]
 *
 * --again: suites with a test that failed get a second chance, in a machine that has just been booted. The emulated
 * processor is slow enough for a program to miss a limit when the computer below it is busy. Both results are shown.
 */
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { command } from './command.js';
import { buildImage, type Image } from './image/build.js';
import { cacheFolder } from './image/cache.js';
import { consoleLog, runMachine } from './machine/machine.js';
import { missingRequirement } from './requirements.js';
import { Results } from './results.js';

/** What test runners take for "skipped" (GNU Automake's convention). */
const STATUS_SKIPPED = 77;
/** Longer than all suites take on two busy cores. */
const LIMIT_MS = 40 * 60_000;
const TOLD_CONSOLE_LINES = 30;

const repository = fileURLToPath(new URL('../../../', import.meta.url));
/** What the guest does not need, and what is large. */
const LEFT_OUT = [
  '.git',
  'runs',
  'node_modules/.cache',
  ...['@biomejs', 'binaryen', '@typescript', 'typescript'].map((name) => `node_modules/${name}`),
];

const startMs = performance.now();
const tell = (what: string) => {
  console.log(`[${((performance.now() - startMs) / 1_000).toFixed(0).padStart(3)} s] ${what}`);
};

/** Ctrl-C and the like end the machine, and with it everything else in good order. */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

async function packRepository(image: string): Promise<void> {
  // Uncompressed: packing and reading are both quicker.
  const plain = ['-noI', '-noD', '-noF', '-noX'];
  await command(
    'mksquashfs',
    ['.', image, ...plain, '-noappend', '-quiet', '-no-progress', '-e', ...LEFT_OUT],
    {
      cwd: repository,
    },
  );
}

interface Options {
  readonly verbose: boolean;
  readonly again: boolean;
  readonly job: string;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      verbose: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      job: { type: 'string', default: 'suites' },
    },
  });
  const reason = await missingRequirement(tell);
  if (reason !== undefined) {
    console.log(`Skipped, nothing was tested: ${reason}.`);
    console.log('0 passed, 0 failed, lab skipped');
    return STATUS_SKIPPED;
  }
  const image = await buildImage(tell);
  const work = await mkdtemp(join(tmpdir(), 'rig-lab-'));
  try {
    await packRepository(packed(work));
    return await runSuites(image, work, values, positionals);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const packed = (work: string): string => join(work, 'repository.squashfs');

/** Runs the suites, all of them when none is named, and prints the sum. Resolves with the exit status. */
async function runSuites(
  image: Image,
  work: string,
  options: Options,
  suites: readonly string[],
): Promise<number> {
  let { counts, isBad, failedSuites } = await boot(image, work, options, suites);
  if (isBad && options.again && !stop.signal.aborted) {
    const isAll = suites.length === 1 || failedSuites.length === 0;
    const named = isAll ? suites : failedSuites;
    console.log(
      `${counts.failed} failed. Once more: ${named.length === 0 ? 'everything' : named.join(', ')}`,
    );
    const second = await boot(image, work, options, named);
    // What passed at first in a suite that is run again counts once.
    const passed = isAll ? second.counts.passed : counts.passed + counts.failed - second.counts.failed;
    counts = { ...second.counts, passed };
    isBad = second.isBad;
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return isBad ? 1 : 0;
}

/** Boots a machine and runs suites in it. */
async function boot(image: Image, work: string, options: Options, suites: readonly string[]) {
  tell('booting');
  const results = new Results(tell);
  const end = await runMachine({
    image,
    repository: packed(work),
    work,
    words: { job: options.job, suites: suites.join(',') },
    onLine: (line) => results.take(line),
    limitMs: LIMIT_MS,
    signal: stop.signal,
  });
  const counts = results.counts();
  tell(`the machine ended: ${end.reason}`);
  const isBad = counts.failed > 0 || !end.finished || results.exitStatus !== 0;
  if (isBad || options.verbose) await showConsole(work, options.verbose);
  return { counts, isBad, failedSuites: end.finished ? results.failedSuites() : [] };
}

/** Shows the end of the machine's console, or all of it, and keeps it. */
async function showConsole(work: string, whole: boolean): Promise<void> {
  const kept = join(cacheFolder(), 'console.log');
  await copyFile(consoleLog(work), kept);
  const lines = (await readFile(kept, 'utf8')).trimEnd().split('\n');
  console.log(`The machine's console, also in ${kept}:`);
  for (const line of whole ? lines : lines.slice(-TOLD_CONSOLE_LINES)) console.log(`  | ${line.trimEnd()}`);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  return 1;
});

/** The command as a user runs it, twice with the same seed: the same result to the byte, but for the wall's clock. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { RunResult } from '../../rig/run/result.js';

const program = fileURLToPath(new URL('../../cli/rig.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rig-seed-'));

test.after.always(() => rmSync(folder, { recursive: true }));

function run(out: string, settings: readonly string[]): Promise<number | null> {
  const set = settings.flatMap((each) => ['--set', each]);
  const words = ['run', 'wifi-outage', ...set, '--seed', '42', '--out', out];
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, stdio: 'ignore' });
  return new Promise((resolve) => child.on('close', resolve));
}

const resultOf = (out: string): RunResult =>
  JSON.parse(readFileSync(join(folder, out, 'result.json'), 'utf8'));

/** The journal, without the two fields that tell of the wall's clock. */
const journalOf = (out: string) =>
  readFileSync(join(folder, out, 'journal.jsonl'), 'utf8').replaceAll(
    /"(startedAt":"[^"]*"|wallMs":\d+)/g,
    '',
  );

test('wifi-outage with its defaults passes', async (t) => {
  t.is(await run('defaults', []), 0);
  const { outcome, faults, streams } = resultOf('defaults');
  t.is(outcome, 'PASS');
  t.true(faults.length >= 5);
  t.true(streams.every(({ delivered }) => delivered >= 1_000));
});

test('wifi-outage twice with --seed 42 gives the same result.json', async (t) => {
  const short = ['messages=120', 'outages=1'];
  t.deepEqual(await Promise.all([run('one', short), run('two', short)]), [0, 0]);
  const [one, two] = [resultOf('one'), resultOf('two')];
  t.is(one.outcome, 'PASS');
  t.true(one.faults.length > 0);
  t.deepEqual({ ...two, startedAt: '', wallMs: 0 }, { ...one, startedAt: '', wallMs: 0 });
  t.true(journalOf('one') === journalOf('two'), 'the journals are the same too');
});

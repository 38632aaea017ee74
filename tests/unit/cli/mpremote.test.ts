/**
 * MicroPython's own remote-control tool, mpremote, unmodified, at the port of `rig board --tcp`. Skipped, with the
 * reason, where it is not installed: `pip install mpremote`, or Debian's `micropython-mpremote`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { BoardServer } from '../../../cli/board-server.js';
import { startLiveBoard } from '../../../drivers/virtual/live-board.js';

/** The board's clock against the wall's, so that waits of the board cost less. */
const SPEED = 4;
/** One run of the tool: Python starts, opens the port, interrupts, resets, works. */
const RUN_LIMIT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'rig-mpremote-'));
test.after.always(() => rmSync(folder, { recursive: true }));

/** How the tool is called here; undefined where it is not installed, or cannot be. */
function findTool(): readonly string[] | undefined {
  const ways = [['mpremote'], ['python3', '-m', 'mpremote'], ['/usr/bin/python3', '-m', 'mpremote']];
  return ways.find(([program = '', ...words]) => spawnSync(program, [...words, 'version']).status === 0);
}

type Run = (...words: string[]) => Promise<{ status: number | null; output: string }>;

/** A board at a port of this machine, and the tool connected to it. */
async function withTool(tool: readonly string[], use: (run: Run) => Promise<void>): Promise<string[]> {
  const notes: string[] = [];
  const board = startLiveBoard({ firmware: new Map(), seed: 1, speed: SPEED });
  const server = await BoardServer.start({ uart: board.uart, port: 0, note: (note) => notes.push(note) });
  const [program = '', ...before] = tool;
  try {
    await board.powerOn();
    await use(async (...words) => {
      const connect = ['connect', `rfc2217://127.0.0.1:${server.port}`];
      const child = spawn(program, [...before, ...connect, ...words], { cwd: folder, timeout: RUN_LIMIT_MS });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { status: await ended, output: (output + errors).replaceAll('\r\n', '\n') };
    });
  } finally {
    await server.close();
    await board.close();
  }
  return notes;
}

const native = '@micropython.native\ndef f():\n    return 7\n';
const blob = Uint8Array.from({ length: 700 }, (_none, index) => (index * 37) & 0xff);

function makeTree(): void {
  mkdirSync(join(folder, 'tree', 'sub', 'deep'), { recursive: true });
  mkdirSync(join(folder, 'back'));
  writeFileSync(join(folder, 'tree', 'a.py'), 'print("hello from a")\n');
  writeFileSync(join(folder, 'tree', 'sub', 'n.py'), native);
  writeFileSync(join(folder, 'tree', 'sub', 'deep', 'blob.bin'), blob);
}

const title = 'mpremote copies a tree to the board and back, lists, runs, mounts and resets';
const tool = findTool();
const reason = 'mpremote is not installed (pip install mpremote)';
if (tool === undefined && process.env.RIG_NEEDS_MPREMOTE !== undefined) {
  throw new Error(`RIG_NEEDS_MPREMOTE is set, and ${reason}`);
}
if (tool === undefined) test.skip(`${title}: ${reason}`, () => undefined);
else test(title, (t) => workTheBoard(t, tool));

async function workTheBoard(t: ExecutionContext, tool: readonly string[]): Promise<void> {
  makeTree();
  await withTool(tool, async (run) => {
    const copies = await run(...'cp -r tree : + ls :tree/sub + cp -r :tree back/ + run tree/a.py'.split(' '));
    t.is(copies.status, 0, copies.output);
    t.regex(copies.output, /ls :tree\/sub\n( +0 deep\/| +\d+ n\.py|\n)+cp/, copies.output);
    t.true(copies.output.endsWith('hello from a\n'), copies.output);
    t.is(readFileSync(join(folder, 'back', 'tree', 'sub', 'n.py'), 'utf8'), native);
    t.deepEqual(new Uint8Array(readFileSync(join(folder, 'back/tree/sub/deep/blob.bin'))), blob);

    const mounted = await run(
      'mount',
      'tree',
      'exec',
      'import os, a; print(os.getcwd(), sorted(os.listdir()))',
    );
    t.is(mounted.status, 0, mounted.output);
    t.regex(mounted.output, /hello from a\n\/remote ?\/? \['a\.py', 'sub'\]\n/);

    const reset = await run('rm', ':tree/a.py', '+', 'reset');
    t.is(reset.status, 0, reset.output);
    const after = await run(
      'eval',
      '(__import__("machine").reset_cause(), __import__("os").listdir("tree"))',
    );
    t.is(after.output, "(4, ['sub'])\n", 'started over by software, and the file is gone');
  });
}

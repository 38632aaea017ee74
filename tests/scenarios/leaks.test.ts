/** Firmware that prints the network's passphrase, as a line for debugging does: it is in nothing that a run leaves. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { pathOf } from '../unit/docs/markdown.js';

/** Pieces of the virtual bench's passphrase (drivers/virtual/bench.ts). */
const PASSPHRASE = /correct|horse|battery/;

const PRINTS = `
import sys
from link import app
Config = app.Config

def leaky(line):
    print("config:", line)
    print("x" * 437, line)
    for letter in str(line):
        sys.stdout.write(letter)
    print()
    return adapted(Config(line), line)
`;
const GOES_ON = 'def adapted(config, line):\n    return config\n';
/** The whole line as the name by which the server knows it, and as the last words of a crash. */
const SENDS = `
def adapted(config, line):
    config.id_line = (config.password + "\\n").encode()
    return config
`;
const RUNS = '\napp.Config = leaky\ntry:\n    app.run()\nfinally:\n    app.close()\n';

const folder = mkdtempSync(join(tmpdir(), 'rig-leaks-'));
test.after.always(() => rmSync(folder, { recursive: true }));

/** Runs `steady` with the link's firmware, its main program replaced; all that was written, by file. */
function runWith(name: string, main: string): { status: number | null; written: Map<string, string> } {
  const firmware = join(folder, name);
  cpSync(pathOf('firmware/link'), firmware, { recursive: true });
  writeFileSync(join(firmware, 'main.py'), main);
  const out = join(folder, `${name}-run`);
  const words = [
    'run',
    'steady',
    '--seed',
    '1',
    '--set',
    'messages=20',
    '--firmware',
    firmware,
    '--out',
    out,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [pathOf('dist/cli/rig.js'), ...words], {
    encoding: 'utf8',
  });
  const files = readdirSync(out).map((file): [string, string] => [
    file,
    readFileSync(join(out, file), 'utf8'),
  ]);
  return { status, written: new Map([...files, ['output', stdout], ['errors', stderr]]) };
}

test('printed whole, cut by the length of a line, and letter by letter', (t) => {
  const { status, written } = runWith('prints', PRINTS + GOES_ON + RUNS);
  t.is(status, 0, written.get('output'));
  t.regex(written.get('console.log') ?? '', /config: .*"rig","\[secret\]","cfg"/);
  for (const [file, text] of written) t.notRegex(text, PASSPHRASE, file);
});

test('sent to the server, in a run that fails', (t) => {
  const { status, written } = runWith('sends', PRINTS + SENDS + RUNS);
  t.is(status, 1, written.get('output'));
  t.regex(written.get('journal.jsonl') ?? '', /"type":"server".*"client":"\[secret\]"/);
  t.regex(written.get('output') ?? '', /FAIL steady/);
  for (const [file, text] of written) t.notRegex(text, PASSPHRASE, file);
});

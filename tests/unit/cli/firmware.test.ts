import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import test from 'ava';
import { loadFirmware } from '../../../cli/firmware.js';
import { FLASH_FILE_SYSTEM_BYTES } from '../../../drivers/virtual/esp8266/flash-limit.js';

const USAGE = { name: 'RigError', code: 'USAGE' };
const made: string[] = [];

function directory(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'rig-firmware-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test.after.always(() => {
  for (const root of made) rmSync(root, { recursive: true });
});

test('all files are read by path, without hidden ones and what Python leaves behind', (t) => {
  const root = directory({
    'main.py': 'print(1)',
    'lib/net.mpy': 'M',
    'lib/__pycache__/net.pyc': '',
    'old.pyc': '',
    '.git/config': '',
    '.hidden.py': '',
  });
  const { files } = loadFirmware(root);
  t.deepEqual([...files.keys()], ['lib/net.mpy', 'main.py']);
  t.is(Buffer.from(files.get('main.py') ?? []).toString(), 'print(1)');
});

test('a directory may lie over another one, whose files it hides where it has its own', (t) => {
  const under = directory({ 'main.py': 'one', 'lib/net.py': 'net', 'lib/old.py': 'old' });
  const over = directory({ 'main.py': 'two', 'lib/old.py': 'new' });
  const { files, name, sha256 } = loadFirmware(over, 'here', under);
  t.deepEqual(
    [...files].map(([path, bytes]) => `${path} ${Buffer.from(bytes)}`),
    ['lib/net.py net', 'lib/old.py new', 'main.py two'],
  );
  t.is(name, basename(over));
  const whole = directory({ 'main.py': 'two', 'lib/net.py': 'net', 'lib/old.py': 'new' });
  t.is(sha256, loadFirmware(whole).sha256);
});

test('the sum is that of paths and contents, wherever they lie', (t) => {
  const sum = (files: Readonly<Record<string, string>>) => loadFirmware(directory(files)).sha256;
  const first = sum({ 'main.py': 'a', 'b/c.py': 'd' });
  t.regex(first, /^[0-9a-f]{64}$/);
  t.is(sum({ 'b/c.py': 'd', 'main.py': 'a', '.hidden': 'x' }), first);
  t.not(sum({ 'main.py': 'a', 'b/c.py': 'e' }), first);
  t.not(sum({ 'main.py': 'a', 'b/d.py': 'd' }), first);
});

test('a directory that is missing, is none, or would never boot is refused', (t) => {
  const root = directory({ 'lib/main.py': '' });
  t.throws(() => loadFirmware(join(root, 'nothing')), { ...USAGE, message: /no such file or directory/ });
  t.throws(() => loadFirmware(join(root, 'lib/main.py')), { ...USAGE, message: /not a directory/ });
  t.throws(() => loadFirmware(root), { ...USAGE, message: /neither main\.py nor boot\.py/ });
  t.notThrows(() => loadFirmware(directory({ 'boot.py': '' })));
});

test('what does not fit into the flash is refused', (t) => {
  const root = directory({ 'main.py': '', 'big.bin': '' });
  truncateSync(join(root, 'big.bin'), FLASH_FILE_SYSTEM_BYTES + 1);
  t.throws(() => loadFirmware(root), { ...USAGE, message: /3,125,248 bytes of the flash/ });
});

test('links that lead back up and broken links are refused, and a pipe is not waited for', (t) => {
  const loop = directory({ 'main.py': '' });
  symlinkSync(loop, join(loop, 'again'));
  t.throws(() => loadFirmware(loop), USAGE);
  const broken = directory({ 'main.py': '' });
  symlinkSync('/nowhere', join(broken, 'gone.py'));
  t.throws(() => loadFirmware(broken), { ...USAGE, message: /gone\.py: there is no such file/ });
  const pipe = directory({ 'main.py': '' });
  execFileSync('mkfifo', [join(pipe, 'pipe.py')]);
  t.throws(() => loadFirmware(pipe), { ...USAGE, message: /pipe\.py is neither a file nor a directory/ });
});

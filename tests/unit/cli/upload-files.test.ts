/** What of a firmware directory is compiled, and that the bytecode is what MicroPython 1.27 loads. */
import { fileURLToPath } from 'node:url';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';
import test from 'ava';
import { loadFirmware } from '../../../cli/firmware.js';
import { uploadFilesOf } from '../../../cli/upload-files.js';
import { isRigError } from '../../../rig/errors.js';

const linkFirmware = fileURLToPath(new URL('../../../../firmware/link', import.meta.url));
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

test('the rig’s own firmware is compiled, except what is started by name', async (t) => {
  const { files } = loadFirmware(linkFirmware);
  const listeners = process.listenerCount('uncaughtException');
  const uploaded = await uploadFilesOf(files, false);
  t.is(uploaded.size, files.size);
  t.deepEqual(uploaded.get('main.py'), files.get('main.py'));
  for (const [path, bytes] of uploaded) {
    if (path === 'main.py') continue;
    t.true(path.startsWith('link/') && path.endsWith('.mpy'), path);
    // 'M', then the version; MicroPython checks both.
    t.deepEqual([...bytes.subarray(0, 2)], [0x4d, 6], path);
  }
  t.is(process.listenerCount('uncaughtException'), listeners, 'the compiler leaves this process alone');
});

test('MicroPython 1.27 loads what was compiled, and names the source where it fails', async (t) => {
  const uploaded = await uploadFilesOf(
    new Map([
      ['pack/__init__.py', text('')],
      ['pack/part.py', text('NAME = "ü€"\ndef fail():\n    return 1 // 0\n')],
    ]),
    false,
  );
  t.deepEqual([...uploaded.keys()], ['pack/__init__.mpy', 'pack/part.mpy']);
  const printed: string[] = [];
  const python = await loadMicroPython({
    stdout: (bytes) => printed.push(Buffer.from(bytes).toString()),
    linebuffer: true,
  });
  python.FS.mkdirTree('/pack');
  for (const [path, bytes] of uploaded) python.FS.writeFile(`/${path}`, bytes);
  python.FS.chdir('/');
  python.runPython('from pack import part\nprint(part.NAME)');
  t.is(printed.join('').trim(), 'ü€');
  const error = t.throws(() => python.runPython('part.fail()'));
  t.regex(error?.message ?? '', /pack\/part\.py", line 3, in fail/);
});

test('sources go as they are where that is asked for', async (t) => {
  const files = new Map([['a.py', text('def f(:')]]);
  t.is(await uploadFilesOf(files, true), files);
});

test('what cannot be compiled is named with its line', async (t) => {
  const error = await t.throwsAsync(
    uploadFilesOf(new Map([['link/app.py', text('x = 1\ndef f(:\n')]]), false),
  );
  t.true(isRigError(error, 'USAGE'));
  t.regex(error?.message ?? '', /^link\/app\.py: .*line 2.*SyntaxError/);
});

test('native code is refused with what to do', async (t) => {
  const native = text('@micropython.native\ndef f():\n    return 1\n');
  const error = await t.throwsAsync(uploadFilesOf(new Map([['fast.py', native]]), false));
  t.regex(error?.message ?? '', /^fast\.py: .*--source/);
});

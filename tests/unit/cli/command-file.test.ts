/** The file that `package.json` names as the command, as npm's links start it: by its name, without `node` before it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
  readonly bin: { readonly rig: string };
};

test('the built command may be executed', async (t) => {
  const file = fileURLToPath(new URL(`../../../../${manifest.bin.rig}`, import.meta.url));
  const { stdout } = await promisify(execFile)(file, ['--version']);
  t.is(stdout, `${manifest.version}\n`);
});

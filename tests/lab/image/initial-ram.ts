/** The initial RAM file system: busybox, the modules that mount the images, and the first program. */
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { command } from '../command.js';
import { type Kernel, moduleFiles } from './kernel.js';
import { BOOT_MODULES } from './recipe.js';

export async function makeInitialRam(
  kernel: Kernel,
  firstProgram: string,
  work: string,
  image: string,
): Promise<void> {
  const tree = join(work, 'initial-ram');
  for (const folder of ['bin', 'dev', 'modules', 'proc', 'sys']) {
    await mkdir(join(tree, folder), { recursive: true });
  }
  await copyFile('/bin/busybox', join(tree, 'bin/busybox'));
  await copyFile(firstProgram, join(tree, 'init'));
  await chmod(join(tree, 'init'), 0o755);
  const modules = await moduleFiles(kernel, BOOT_MODULES);
  for (const file of modules) await copyFile(file, join(tree, 'modules', basename(file)));
  await writeFile(join(tree, 'modules/order'), `${modules.map((file) => basename(file)).join('\n')}\n`);
  await command('sh', ['-c', 'find . | cpio -o -H newc --quiet | gzip -1 >"$0"', image], { cwd: tree });
}

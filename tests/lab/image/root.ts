/** The guest's root file system: a few Debian packages, the kernel's modules, Node, and the lab's own programs. */
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { command } from '../command.js';
import { type Kernel, moduleFiles } from './kernel.js';
import { GUEST_MODULES, GUEST_PACKAGES, RELEASE } from './recipe.js';

export interface RootParts {
  readonly kernel: Kernel;
  /** C sources of the lab's programs, by the name of the program. */
  readonly programs: ReadonlyMap<string, string>;
}

/** Makes the image `image` of the root file system, with `work` for what lies on the way. */
export async function makeRoot({ kernel, programs }: RootParts, work: string, image: string): Promise<void> {
  const root = join(work, 'root');
  const include = `--include=${GUEST_PACKAGES.join(',')}`;
  await command('mmdebstrap', ['--variant=essential', include, RELEASE, root]);
  await addModules(kernel, root);
  const binaries = join(root, 'usr/local/bin');
  // The host's own Node: Debian's is too old, and the packages in node_modules were built for this one.
  await copyFile(process.execPath, join(binaries, 'node'));
  for (const [name, source] of programs) await compile(source, join(binaries, name));
  await mkdir(join(root, 'rig'));
  await command('mksquashfs', [root, image, '-comp', 'lz4', '-noappend', '-quiet', '-no-progress']);
}

async function addModules(kernel: Kernel, root: string): Promise<void> {
  const from = join(kernel.folder, 'lib/modules', kernel.version);
  const to = join(root, 'usr/lib/modules', kernel.version);
  for (const file of await moduleFiles(kernel, GUEST_MODULES)) {
    const target = join(to, relative(from, file));
    await mkdir(dirname(target), { recursive: true });
    await cp(file, target);
  }
  for (const list of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    await cp(join(from, list), join(to, list));
  }
  await command('depmod', ['-b', root, kernel.version]);
}

async function compile(source: string, program: string): Promise<void> {
  const flags = (await command('pkg-config', ['--cflags', '--libs', 'fuse3'])).trim().split(/\s+/);
  await command('gcc', ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source, ...flags]);
}

/** The guest's kernel: Debian's, unpacked but not installed, with the GPIO simulator built for it. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { command } from '../command.js';
import { GPIO_SIM_SOURCES, KERNEL_SOURCES, KERNEL_SOURCES_FOLDER } from './recipe.js';

export interface Kernel {
  readonly version: string;
  /** What the package unpacks to: `boot/` and `lib/modules/`. */
  readonly folder: string;
}

/** Downloads and unpacks the kernel's package below `work`. */
export async function unpackKernel(version: string, work: string): Promise<Kernel> {
  const folder = join(work, 'kernel');
  await command('apt-get', ['download', '-q', `linux-image-${version}`], { cwd: work });
  const packages = await command('find', [work, '-maxdepth', '1', '-name', 'linux-image-*.deb']);
  await command('dpkg', ['-x', packages.trim(), folder]);
  return { version, folder };
}

/** Builds the GPIO simulator out of the kernel's own sources and puts it among the kernel's modules. */
export async function addGpioSim({ version, folder }: Kernel, patch: string, work: string): Promise<void> {
  const sources = join(work, 'gpio-sim');
  await mkdir(sources);
  const wanted = GPIO_SIM_SOURCES.map((path) => `${KERNEL_SOURCES_FOLDER}/${path}`);
  await command('tar', ['-xJf', KERNEL_SOURCES, '-C', work, ...wanted]);
  for (const path of wanted) await copyFile(join(work, path), join(sources, basename(path)));
  await command('patch', ['-p1', '--no-backup-if-mismatch', '-i', patch], { cwd: sources });
  await writeFile(join(sources, 'Makefile'), 'obj-m := gpio-sim.o irq_sim.o\n');
  const jobs = `-j${availableParallelism()}`;
  await command('make', [jobs, '-C', `/lib/modules/${version}/build`, `M=${sources}`, 'modules']);
  const extra = join(folder, 'lib/modules', version, 'extra');
  await mkdir(extra);
  for (const module of ['gpio-sim.ko', 'irq_sim.ko']) {
    await copyFile(join(sources, module), join(extra, module));
  }
  await command('depmod', ['-b', folder, version]);
}

/** The files of modules and of what they depend on, in the order in which they load. */
export async function moduleFiles(
  { version, folder }: Kernel,
  modules: readonly string[],
): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const module of modules) {
    const shown = await command('modprobe', ['-d', folder, '-S', version, '--show-depends', module]);
    for (const [, file] of shown.matchAll(/^insmod (\S+)/gm)) if (file !== undefined) files.add(file);
  }
  return [...files];
}

/** Builds the machine's image, or finds the one that was built before from the same recipe. */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, exists, keyOf, makeOnce } from './cache.js';
import { makeInitialRam } from './initial-ram.js';
import { addGpioSim, unpackKernel } from './kernel.js';
import { installPackages, kernelVersion, missingPackages, updateLists } from './packages.js';
import { PACKAGES_TO_BUILD } from './recipe.js';
import { makeRoot } from './root.js';

export interface Image {
  readonly kernel: string;
  readonly initialRam: string;
  readonly root: string;
}

/** Tells what the lab is doing now. */
export type Tell = (what: string) => void;

/** This file runs in dist/tests/lab/image; the guest's sources are not compiled, and stay where they are. */
const recipeFolder = fileURLToPath(new URL('.', import.meta.url));
const guestFolder = fileURLToPath(new URL('../../../../tests/lab/guest', import.meta.url));

async function key(): Promise<string> {
  const recipe = (await readdir(recipeFolder)).filter((name) => name.endsWith('.js'));
  const guest = (await readdir(guestFolder)).filter(
    (name) => /\.(c|patch)$/.test(name) || name === 'init.sh',
  );
  const files = [
    ...recipe.map((name) => join(recipeFolder, name)),
    ...guest.map((name) => join(guestFolder, name)),
  ];
  return keyOf(files, [process.version, process.arch]);
}

export async function imageIsBuilt(): Promise<boolean> {
  return exists(join(cacheFolder(), await key()));
}

export async function buildImage(tell: Tell): Promise<Image> {
  const folder = await makeOnce(await key(), (target) => build(target, tell));
  return {
    kernel: join(folder, 'vmlinuz'),
    initialRam: join(folder, 'initrd'),
    root: join(folder, 'root.squashfs'),
  };
}

async function build(target: string, tell: Tell): Promise<void> {
  tell('installing what the build needs');
  await updateLists();
  const version = await kernelVersion();
  const missing = await missingPackages([...PACKAGES_TO_BUILD, `linux-headers-${version}`]);
  if (missing.length > 0) await installPackages(missing);

  const work = join(target, 'work');
  await mkdir(work);
  tell(`unpacking kernel ${version}`);
  const kernel = await unpackKernel(version, work);
  tell('building the GPIO simulator');
  await addGpioSim(kernel, join(guestFolder, 'gpio-sim.patch'), work);
  tell('making the root file system');
  const programs = new Map(
    (await readdir(guestFolder))
      .filter((name) => name.endsWith('.c'))
      .map((name) => [basename(name, '.c'), join(guestFolder, name)]),
  );
  await makeRoot({ kernel, programs }, work, join(target, 'root.squashfs'));
  await makeInitialRam(kernel, join(guestFolder, 'init.sh'), work, join(target, 'initrd'));
  await copyFile(join(kernel.folder, 'boot', `vmlinuz-${version}`), join(target, 'vmlinuz'));
  await writeFile(
    join(target, 'made-of.json'),
    `${JSON.stringify({ kernel: version, node: process.version })}\n`,
  );
  await rm(work, { recursive: true });
}

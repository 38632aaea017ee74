/** The host's Debian packages: which are installed, and how the missing ones get there. */
import { command } from '../command.js';
import { KERNEL_PACKAGE } from './recipe.js';

/** Another apt may be at work; it is waited for. */
const LOCK_TIMEOUT_S = 300;

export async function missingPackages(names: readonly string[]): Promise<string[]> {
  const installed = await Promise.all(names.map(isInstalled));
  return names.filter((_, index) => installed[index] === false);
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    return /^Status: install ok installed$/m.test(await command('dpkg', ['--status', name]));
  } catch {
    return false;
  }
}

/** Brings the lists of packages up to date: an old list names files that the mirrors no longer have. */
export async function updateLists(): Promise<void> {
  await command('apt-get', ['update', '-q']);
}

export async function installPackages(names: readonly string[]): Promise<void> {
  const options = ['-y', '-q', '--no-install-recommends', '-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`];
  await command('apt-get', ['install', ...options, ...names], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** The version of the release's newest kernel, such as `6.1.0-56-amd64`. */
export async function kernelVersion(): Promise<string> {
  const depends = await command('apt-cache', ['depends', KERNEL_PACKAGE]);
  const version = /Depends: linux-image-(\d\S*)/.exec(depends)?.[1];
  if (version === undefined) {
    throw new Error(`apt-cache does not say on which kernel ${KERNEL_PACKAGE} depends:\n${depends}`);
  }
  return version;
}

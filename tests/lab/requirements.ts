/** Whether this computer can run the lab: installs what is missing where it may, or tells why it cannot. */
import { readFile } from 'node:fs/promises';
import { imageIsBuilt, type Tell } from './image/build.js';
import { installPackages, missingPackages, updateLists } from './image/packages.js';
import { PACKAGES_TO_RUN, RELEASE } from './image/recipe.js';

/** Resolves with the reason why the lab cannot run here, or undefined when all is there. */
export async function missingRequirement(tell: Tell): Promise<string | undefined> {
  const system = `${process.platform} on ${process.arch}`;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the lab's machine is made on Linux on x64, and this is ${system}`;
  }
  const release = await debianRelease();
  if (release !== RELEASE)
    return `the lab's machine is made from Debian 12's packages, and this is ${release}`;
  const missing = await missingPackages(PACKAGES_TO_RUN);
  const root = process.getuid?.() === 0;
  if (!root && missing.length > 0) {
    return `packages are missing, and only root may install them: apt-get install ${missing.join(' ')}`;
  }
  if (!root && !(await imageIsBuilt())) {
    return "only root can build the lab's machine; once it is built in the same cache folder, any user can run it";
  }
  if (missing.length > 0) {
    tell(`installing ${missing.join(' ')}`);
    await updateLists();
    await installPackages(missing);
  }
  return undefined;
}

async function debianRelease(): Promise<string> {
  try {
    const text = await readFile('/etc/os-release', 'utf8');
    return /^VERSION_CODENAME=(\S+)/m.exec(text)?.[1] ?? 'another system';
  } catch {
    return 'another system';
  }
}

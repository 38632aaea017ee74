/** Loads a user's own scenario file, TypeScript or JavaScript, wherever it lies. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../rig/errors.js';
import type { Scenario } from '../rig/run/scenario.js';
import { isScenario, scenarioDefects } from './scenario-shape.js';
import { usageError } from './usage.js';

/** How a scenario file calls this package. */
const PACKAGE_NAME = 'wifi-hil-rig';

/** True for what names a file, not a scenario that comes with the rig. */
export const isScenarioFile = (argument: string): boolean => /[/\\]|\.[cm]?[jt]s$/.test(argument);

/**
 * Loads the file's default export. Within it, `wifi-hil-rig` is this very program: `scenarioApi`, so that the
 * file needs no installation of its own and shares the rig's classes.
 * @throws USAGE when there is no such file, it cannot be loaded, or its default export is no scenario.
 */
export async function loadScenarioFile(
  argument: string,
  workingDirectory: string,
  scenarioApi: object,
): Promise<Scenario> {
  const path = resolve(workingDirectory, argument);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw usageError(`There is no scenario file ${argument}. Looked for ${path}.`);
  }
  const { createJiti } = await import('jiti');
  const jiti = createJiti(pathToFileURL(path).href, {
    fsCache: false,
    virtualModules: { [PACKAGE_NAME]: scenarioApi },
  });
  let loaded: unknown;
  try {
    loaded = await jiti.import(path, { default: true });
  } catch (error) {
    throw usageError(`${argument}: it cannot be loaded. ${firstLine(messageOf(error))}`, { cause: error });
  }
  if (!isScenario(loaded)) {
    throw usageError(
      `${argument}: its default export is no scenario: ${scenarioDefects(loaded).join('; ')}.`,
    );
  }
  return loaded;
}

const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? '';

/** The board's own Python modules, read from the package. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from './flash.js';

/** From the compiled file's folder to the sources of the package. */
const MODULES = fileURLToPath(new URL('../../../../drivers/virtual/esp8266/modules', import.meta.url));

export function loadBoardModules(): Files {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(MODULES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.py')) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(MODULES, path).split(sep).join('/'), readFileSync(path));
  }
  return files;
}

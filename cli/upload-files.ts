/** The files of a firmware directory as they go onto a board: sources compiled, except what MicroPython starts by name. */
import { STARTED_FILES } from '../rig/repl/upload-plan.js';
import { compileSources } from './mpy-cross.js';

/** Resolves with contents by path; `source` leaves everything as it is. Rejects as `compileSources` does. */
export async function uploadFilesOf(
  files: ReadonlyMap<string, Uint8Array>,
  source: boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (source) return files;
  const toCompile = [...files].filter(([path]) => path.endsWith('.py') && !STARTED_FILES.has(path));
  const compiled = await compileSources(
    toCompile.map(([path, bytes]) => ({ path, text: new TextDecoder().decode(bytes) })),
  );
  const named = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    const mpy = compiled.get(path);
    if (mpy === undefined) named.set(path, bytes);
    else named.set(`${path.slice(0, -'.py'.length)}.mpy`, mpy);
  }
  return named;
}

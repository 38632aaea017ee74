#!/usr/bin/env node
/** The `rig` command. */
import { readFileSync } from 'node:fs';
import { runCommandLine } from './program.js';
import { processSurroundings } from './surroundings.js';

const surroundings = processSurroundings();
const composition = async () => (await import('./compose.js')).composition;
process.exitCode = await runCommandLine(process.argv.slice(2), composition, packageVersion(), surroundings);

/** From `package.json`, two folders up from where this file is compiled to. */
function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

/** `rig report` on the journal that is named, with all formats; then what that took, as JSON. */
import { runCommandLine } from '../cli/program.js';
import { processSurroundings } from '../cli/surroundings.js';

const [journal = ''] = process.argv.slice(2);
const surroundings = processSurroundings();
const status = await runCommandLine(
  ['report', journal, '--format', 'html,junit,markdown'],
  async () => (await import('../cli/compose.js')).composition,
  '0.0.0',
  { ...surroundings, output: { ...surroundings.output, write: () => undefined } },
);
if (status !== 0) throw new Error(`rig report ended with ${status}.`);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const figures = {
  wallMs: performance.now(),
  cpuMs: (userCPUTime + systemCPUTime) / 1_000,
  maxRssBytes: maxRSS * 1_024,
};
process.stdout.write(JSON.stringify(figures));

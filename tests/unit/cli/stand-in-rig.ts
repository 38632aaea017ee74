/** The `rig` command over the stand-in; `RIG_STAND_IN` says how its bench behaves. */
import { runCommandLine } from '../../../cli/program.js';
import { processSurroundings } from '../../../cli/surroundings.js';
import { standIn } from './stand-in.js';

const { RIG_STAND_IN = 'pass', RIG_STAND_IN_FIRMWARE = 'firmware' } = process.env;
const composition = standIn(RIG_STAND_IN, RIG_STAND_IN_FIRMWARE);
process.exitCode = await runCommandLine(
  process.argv.slice(2),
  async () => composition,
  '0.0.0',
  processSurroundings(),
);

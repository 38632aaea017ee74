/**
 * The `rig` command on hardware that is not there. Every operation of its drivers is a line of the file that
 * RIG_FAKE_LOG names; RIG_FAKE_FAIL and RIG_FAKE_HANG name operations that do so, and RIG_FAKE_CRASH is thrown soon
 * after the access point is on, where nobody catches it.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { compose } from '../../../cli/compose.js';
import { runCommandLine } from '../../../cli/program.js';
import { processSurroundings } from '../../../cli/surroundings.js';
import { FakeBench } from '../../fixtures/pi/fake-drivers.js';

const { RIG_FAKE_LOG = '', RIG_FAKE_FAIL, RIG_FAKE_HANG, RIG_FAKE_CRASH } = process.env;
const fake = new FakeBench();
fake.onDone = (operation) => {
  if (RIG_FAKE_LOG !== '') appendFileSync(RIG_FAKE_LOG, `${operation}\n`);
  if (operation !== 'access point on' || RIG_FAKE_CRASH === undefined || crashes > 0) return;
  crashes += 1;
  setTimeout(() => {
    throw new Error(RIG_FAKE_CRASH);
  }, 20);
};
let crashes = 0;
if (RIG_FAKE_FAIL !== undefined) fake.failing.add(RIG_FAKE_FAIL);
if (RIG_FAKE_HANG !== undefined) fake.hanging.add(RIG_FAKE_HANG);

const here = process.cwd();
const folders = { state: join(here, 'state'), locks: here };
const composition = compose(async () => ({ drivers: fake.drivers, folders }));
process.exitCode = await runCommandLine(
  process.argv.slice(2),
  async () => composition,
  '0.0.0',
  processSurroundings(),
);

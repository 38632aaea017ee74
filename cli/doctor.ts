/** `rig doctor`: proves every wire and device of a bench, one line each, with the next step where one fails. */
import type { Command } from 'commander';
import { examineBench } from '../drivers/pi/examination.js';
import { createVirtualBench } from '../drivers/virtual/bench.js';
import { printable } from '../reports/text/printable.js';
import { type Style, styleFor, type Tone } from '../reports/text/style.js';
import { examine } from '../rig/doctor/examine.js';
import type { Finding, FindingStatus } from '../rig/doctor/finding.js';
import { isRigError, RigError } from '../rig/errors.js';
import { createRandom } from '../rig/random.js';
import { DEFAULT_SERVER } from '../rig/run/bench.js';
import { exitStatus } from '../rig/run/outcome.js';
import type { Redactor } from '../rig/run/redaction.js';
import { chooseBench, type VirtualChoice } from './bench-choice.js';
import { benchOption, findBenchFile } from './bench-file.js';
import { byHand, type HandTools } from './by-hand.js';
import { passphraseOf } from './passphrase.js';
import { usageError } from './usage.js';

interface DoctorOptions {
  readonly bench?: string;
  readonly loop?: boolean;
  readonly json?: boolean;
}

/** Any seed will do: the virtual bench is as healthy with each. */
const SEED = 1;

export function addDoctorCommand(program: Command, tools: HandTools, end: (status: number) => void): void {
  program
    .command('doctor')
    .summary('prove every wire and device of a bench')
    .description(
      'Proves every wire and device of a bench: one line each, with the next step where something is wrong. It cuts the ' +
        "device's supply, resets it and brings its link up. Ends with 0 when nothing failed, with 4 when something did.",
    )
    .option(benchOption.flags, `${benchOption.description}, else the built-in virtual bench)`)
    .option('--loop', 'only syn and ack, which a wire joins in place of the device: edges and their times')
    .option('--json', 'findings as JSON lines')
    .action(async (options: DoctorOptions) => {
      const tell = teller(options, tools);
      const failures = await examined(options, tools, tell);
      end(failures === 0 ? exitStatus.PASS : exitStatus.ERROR);
    });
}

type Tell = (finding: Finding) => void;

/** How many findings were failures. */
async function examined(options: DoctorOptions, tools: HandTools, tell: Tell): Promise<number> {
  const { surroundings, composition } = tools;
  let failures = 0;
  const count: Tell = (finding) => {
    if (finding.status === 'failed') failures += 1;
    tell(finding);
  };
  const found = findBenchFile(options.bench, surroundings);
  if (found?.file.kind === 'physical') await examinePhysical(options, tools, count);
  else {
    if (options.loop === true)
      throw usageError('--loop: a virtual bench has no wires to join. Name a bench of hardware.');
    const choice = chooseBench(
      { bench: options.bench, firmware: undefined },
      composition.linkFirmware,
      surroundings,
    );
    if (choice.kind === 'virtual') await examineVirtual(choice, count);
  }
  if (options.json !== true) conclude(failures, tools);
  return failures;
}

async function examinePhysical(
  { bench, loop = false }: DoctorOptions,
  tools: HandTools,
  tell: Tell,
): Promise<void> {
  const command = {
    bench,
    command: 'rig doctor',
    purpose: '"rig doctor" examines',
    require: () => undefined,
    passphrase: (found: Parameters<typeof passphraseOf>[0]) => passphraseOf(found, tools.surroundings),
  };
  const { drivers } = await tools.composition.hardware();
  await byHand(command, tools, async ({ file, clock, session, open, stop, redactor }) => {
    const { context } = session;
    // What was broken by hand would be taken for a fault of the bench.
    await session.undoLeftOver('accessPoint');
    await session.undoLeftOver('power');
    try {
      const findings = examineBench({
        file,
        clock,
        context,
        open,
        openLine: drivers.openOpenDrainLine,
        signal: stop,
        loop,
      });
      for await (const finding of findings) tell(withoutSecrets(finding, redactor));
    } catch (error) {
      if (!isRigError(error, 'CANCELLED')) throw error;
      tell({ device: 'doctor', status: 'skipped', text: 'stopped; the bench is left as its file says' });
      throw new RigError('CANCELLED', 'The doctor was stopped before everything was examined.');
    }
  });
}

const withoutSecrets = ({ text, next, ...finding }: Finding, redactor: Redactor): Finding => ({
  ...finding,
  text: redactor.text(text),
  ...(next !== undefined && { next: redactor.text(next) }),
});

async function examineVirtual({ firmware, role }: VirtualChoice, tell: Tell): Promise<void> {
  const bench = createVirtualBench({ random: createRandom(SEED), firmware, role });
  try {
    await bench.run(async () => {
      const findings = examine({
        clock: bench.clock,
        board: 'esp8266',
        ports: bench.ports,
        isBroken: () => false,
        server: DEFAULT_SERVER,
        signal: new AbortController().signal,
      });
      for await (const finding of findings) tell(finding);
    });
  } finally {
    await bench.close();
  }
}

const tones: Readonly<Record<FindingStatus, Tone>> = {
  ok: 'good',
  warning: 'warning',
  failed: 'bad',
  skipped: 'dim',
};
/** Wide enough for the longest word and the longest device. */
const STATUS_COLUMNS = 8;
const DEVICE_COLUMNS = 15;

function teller({ json }: DoctorOptions, { surroundings: { output, environment } }: HandTools): Tell {
  if (json === true) return (finding) => output.write(`${JSON.stringify(finding)}\n`);
  const style = styleFor(output.isTty, environment);
  return (finding) =>
    output.write(
      findingLines(finding, style)
        .map((line) => `${line}\n`)
        .join(''),
    );
}

/** One line; where something is wrong, the next step on one of its own. */
function findingLines({ device, status, text, next }: Finding, style: Style): string[] {
  const head = `${style(tones[status], status.padEnd(STATUS_COLUMNS))}${device.padEnd(DEVICE_COLUMNS)} ${printable(text)}`;
  if (next === undefined) return [head];
  return [
    head,
    `${' '.repeat(STATUS_COLUMNS + DEVICE_COLUMNS + 1)}${style('strong', '→')} ${printable(next)}`,
  ];
}

function conclude(failures: number, { surroundings: { output, environment } }: HandTools): void {
  const style = styleFor(output.isTty, environment);
  const text =
    failures === 0
      ? style('good', 'Nothing is wrong.')
      : style('bad', `${failures} of these must be put right first.`);
  output.write(`\n${text}\n`);
}

/** `rig run <scenario|suite|file>…`: runs on the bench, shows it, writes a run folder each. */
import type { Command } from 'commander';
import { brokenRunLine, suiteLine } from '../reports/terminal/outcome-line.js';
import { plainStyle, styleFor } from '../reports/text/style.js';
import { messageOf } from '../rig/errors.js';
import { exitStatus, type Outcome, worse } from '../rig/run/outcome.js';
import type { Composition } from './composition.js';
import { reportError } from './errors.js';
import { type Interrupt, listenForInterrupts } from './interrupt.js';
import type { RunFolder } from './run-folder.js';
import { runOne } from './run-one.js';
import { type PlannedRun, planRuns, type RunOptions, type RunPlan } from './run-plan.js';
import type { Surroundings } from './surroundings.js';

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function addRunCommand(
  program: Command,
  composition: Composition,
  surroundings: Surroundings,
  end: (status: number) => void,
): void {
  program
    .command('run')
    .summary('run scenarios on the bench')
    .description(
      'Runs scenarios on the bench and writes a folder for each run: journal.jsonl, result.json, console.log.',
    )
    .argument('<scenario...>', 'names of scenarios, "all" for every one, or files of your own')
    .option('--bench <file>', 'bench file (default: the built-in virtual bench)')
    .option(
      '--firmware <dir>',
      "what the virtual board boots as its flash (default: the rig's own link firmware)",
    )
    .option('--seed <n>', 'seed of every random choice (default: a new one, which is printed)')
    .option('--set <name=value>', 'scenario parameter; may be given several times', collect)
    .option('--repeat <n>', 'run everything n times, each time with the next seed')
    .option('--realtime', 'a second on the bench takes a second')
    .option('--out <dir>', 'folder of the run, new or empty (default: runs/<time>-<scenario>)')
    .option('--json', 'events as JSON lines on standard output')
    .addHelpText(
      'after',
      '\nExit status: 0 PASS, 1 FAIL, 2 wrong usage, 3 INVALID, 4 ERROR, 130 ABORTED; the worst of several runs.',
    )
    .action(async (names: readonly string[], options: RunOptions) => {
      const plan = await planRuns(names, options, composition, surroundings);
      end(exitStatus[await runAll(plan, composition, surroundings)]);
    });
}

/** Runs one after the other until somebody stops it. */
async function runAll(plan: RunPlan, composition: Composition, surroundings: Surroundings): Promise<Outcome> {
  let open: RunFolder | undefined;
  let current: PlannedRun | undefined;
  const interrupt = listenForInterrupts(surroundings, () => open?.close());
  const forgetCrashes = surroundings.onCrash((error) => {
    reportError(error, surroundings);
    open?.close();
    if (current !== undefined) sayCrashed(current, messageOf(error), plan, surroundings);
    surroundings.exitNow(exitStatus.ERROR);
  });
  const outcomes: Outcome[] = [];
  try {
    for (const [index, planned] of plan.runs.entries()) {
      if (interrupt.signal.aborted) break;
      open = plan.place.open(planned.scenario.name, surroundings.today());
      current = planned;
      announce(planned, index, plan, surroundings);
      outcomes.push(await runPlanned(planned, plan, open, interrupt, composition, surroundings));
    }
  } finally {
    interrupt.release();
    forgetCrashes();
  }
  const stopped = outcomes.length < plan.runs.length;
  const worst = outcomes.reduce<Outcome>(worse, stopped ? 'ABORTED' : 'PASS');
  if (plan.runs.length > 1) sumUp(worst, outcomes, plan, surroundings);
  return worst;
}

function runPlanned(
  planned: PlannedRun,
  plan: RunPlan,
  folder: RunFolder,
  interrupt: Interrupt,
  { runScenario }: Composition,
  surroundings: Surroundings,
): Promise<Outcome> {
  return runOne({ planned, plan, folder, interrupt, runScenario, surroundings });
}

/** The seed is said before anything can go wrong. */
function announce(
  { scenario, seed }: PlannedRun,
  index: number,
  plan: RunPlan,
  { output }: Surroundings,
): void {
  if (plan.json) return;
  const which = plan.runs.length > 1 ? `run ${index + 1} of ${plan.runs.length}: ` : '';
  output.write(
    `${index > 0 ? '\n' : ''}${which}${scenario.name}, seed ${seed}, firmware ${plan.firmware.name}\n`,
  );
}

/** The outcome line of a run that something crashed, for scripts. */
function sayCrashed(planned: PlannedRun, reason: string, plan: RunPlan, surroundings: Surroundings): void {
  const { output, errors } = surroundings;
  const run = { outcome: 'ERROR', scenario: planned.scenario.name, seed: planned.seed, reason } as const;
  (plan.json ? errors : output).write(`${brokenRunLine(run, plainStyle)}\n`);
}

function sumUp(
  worst: Outcome,
  outcomes: readonly Outcome[],
  plan: RunPlan,
  surroundings: Surroundings,
): void {
  const { output, errors, environment } = surroundings;
  const style = plan.json ? plainStyle : styleFor(output.isTty, environment);
  const line = suiteLine(worst, outcomes, plan.runs.length, style);
  if (plan.json) errors.write(`${line}\n`);
  else output.write(`\n${line}\n`);
}

/** `rig run <scenario|suite|file>…`: runs on the bench, shows it, writes a run folder each. */
import type { Command } from 'commander';
import type { BenchReservation } from '../drivers/pi/safety/bench-reservation.js';
import { brokenRunLine, suiteLine } from '../reports/terminal/outcome-line.js';
import { printable } from '../reports/text/printable.js';
import { plainStyle, styleFor } from '../reports/text/style.js';
import { messageOf } from '../rig/errors.js';
import { isExcused } from '../rig/run/labels.js';
import { exitStatus, type Outcome, worse } from '../rig/run/outcome.js';
import { Redactor } from '../rig/run/redaction.js';
import { benchOption } from './bench-file.js';
import type { Composition } from './composition.js';
import { listenForCrashes } from './crash.js';
import { HISTORY_FILE } from './history-file.js';
import { HURRY_LIMIT_MS, listenForInterrupts, NOT_SAFE, PHYSICAL_HURRY_LIMIT_MS } from './interrupt.js';
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
    .argument('<scenario...>', 'names of scenarios or suites, "all" for every scenario, or files of your own')
    .option(benchOption.flags, `${benchOption.description}, else the built-in virtual bench)`)
    .option(
      '--firmware <dir>',
      "what the virtual board boots as its flash (default: the rig's own link firmware)",
    )
    .option('--seed <n>', 'seed of every random choice (default: a new one, which is printed)')
    .option('--set <name=value>', 'scenario parameter; may be given several times', collect)
    .option('--limit <name=value>', 'other limit of a measurement; may be given several times', collect)
    .option('--repeat <n>', 'run everything n times, each time with the next seed')
    .option('--realtime', 'a second on the virtual bench takes a second, as it always does on a physical one')
    .option('--out <dir>', 'folder of the run, new or empty (default: runs/<time>-<scenario>)')
    .option(
      '--report <list>',
      'reports for each run: html, junit, markdown ("rig report" makes them later, too)',
    )
    .option('--history <file>', 'where the runs are entered', HISTORY_FILE)
    .option('--no-history', 'enters them nowhere')
    .option('--json', 'events as JSON lines on standard output')
    .addHelpText(
      'after',
      '\nExit status: 0 PASS, 1 FAIL, 2 wrong usage, 3 INVALID, 4 ERROR, 130 ABORTED; the worst of several runs.' +
        '\nA scenario that the bench cannot run is skipped; with none left to run, that is 2.',
    )
    .action(async (names: readonly string[], options: RunOptions) => {
      const plan = await planRuns(names, options, composition, surroundings);
      end(exitStatus[await runAll(plan, composition, surroundings)]);
    });
}

/** Keeps a physical bench from the first run that gets it to the last. */
async function reservationFor({ bench, command }: RunPlan): Promise<BenchReservation | undefined> {
  if (bench.kind !== 'physical') return undefined;
  const { BenchReservation } = await import('../drivers/pi/safety/bench-reservation.js');
  return new BenchReservation(command);
}

/** Runs one after the other until somebody stops it. */
async function runAll(plan: RunPlan, composition: Composition, surroundings: Surroundings): Promise<Outcome> {
  const reservation = await reservationFor(plan);
  let open: RunFolder | undefined;
  let current: PlannedRun | undefined;
  const isPhysical = plan.bench.kind === 'physical';
  const redactor = new Redactor(plan.bench.kind === 'physical' ? [plan.bench.passphrase ?? ''] : []);
  const interrupt = listenForInterrupts(surroundings, {
    hurryLimitMs: isPhysical ? PHYSICAL_HURRY_LIMIT_MS : HURRY_LIMIT_MS,
    lastWill: () => {
      open?.close();
      if (isPhysical) surroundings.errors.write(`rig: ${NOT_SAFE}\n`);
    },
  });
  const crash = listenForCrashes(surroundings, {
    isPhysical,
    redactor,
    lastWill: (error) => {
      open?.close();
      if (current !== undefined) sayCrashed(current, redactor.text(messageOf(error)), plan, surroundings);
    },
  });
  if (isPhysical && plan.realtime) {
    surroundings.errors.write('rig: --realtime changes nothing: time on a physical bench is real.\n');
  }
  saySkipped(plan, surroundings);
  const ended: EndedRun[] = [];
  try {
    for (const [index, planned] of plan.runs.entries()) {
      if (interrupt.signal.aborted || crash.signal.aborted) break;
      open = plan.place.open(planned.scenario.name, surroundings.today());
      current = planned;
      announce(planned, index, plan, surroundings);
      const { runScenario } = composition;
      const run = {
        planned,
        plan,
        folder: open,
        interrupt,
        crash: crash.signal,
        redactor,
        runScenario,
        reservation,
      };
      ended.push(judged(await runOne({ ...run, surroundings }), planned, plan, surroundings));
    }
  } finally {
    interrupt.release();
    crash.release();
    await reservation?.release();
  }
  const stopped = ended.length < plan.runs.length;
  const counting = ended.filter(({ isExcused }) => !isExcused).map(({ outcome }) => outcome);
  const worst = counting.reduce<Outcome>(worse, stopped ? 'ABORTED' : 'PASS');
  if (plan.runs.length + plan.skipped.length > 1) sumUp(worst, ended, plan, surroundings);
  // After an exception that nobody caught, nobody knows what else would keep the process from ending.
  if (crash.signal.aborted) surroundings.exitNow(exitStatus.ERROR);
  return worst;
}

interface EndedRun {
  readonly outcome: Outcome;
  /** It did not pass, and that does not count. */
  readonly isExcused: boolean;
}

/** Tells when it does not count. */
function judged(
  outcome: Outcome,
  { scenario, labels }: PlannedRun,
  { json }: RunPlan,
  { output, errors }: Surroundings,
): EndedRun {
  const ended = { ...labels, outcome };
  if (!isExcused(ended)) return { outcome, isExcused: false };
  const { reason, until } = ended.quarantine;
  const line = `QUARANTINED ${scenario.name} · its ${outcome} does not count until ${until} is over: ${reason}`;
  (json ? errors : output).write(`${printable(line)}\n`);
  return { outcome, isExcused: true };
}

/** Before the runs, so that nobody waits for what does not come. */
function saySkipped(plan: RunPlan, { output }: Surroundings): void {
  for (const { scenario, missing, reason } of plan.skipped) {
    const event = { type: 'run.skipped', scenario: scenario.name, missing, reason };
    output.write(
      plan.json ? `${JSON.stringify(event)}\n` : `SKIPPED ${printable(`${scenario.name} · ${reason}`)}\n`,
    );
  }
  if (plan.skipped.length > 0 && !plan.json) output.write('\n');
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
  const { bench } = plan;
  const where = plan.isBuiltInBench ? '' : ` on bench ${printable(bench.name)}`;
  output.write(
    `${index > 0 ? '\n' : ''}${which}${scenario.name}${where}, seed ${seed}, firmware ${printable(bench.firmware.name)}\n`,
  );
}

/** The outcome line of a run that something crashed, for scripts. */
function sayCrashed(planned: PlannedRun, reason: string, plan: RunPlan, surroundings: Surroundings): void {
  const { output, errors } = surroundings;
  const run = { outcome: 'ERROR', scenario: planned.scenario.name, seed: planned.seed, reason } as const;
  (plan.json ? errors : output).write(`${brokenRunLine(run, plainStyle)}\n`);
}

function sumUp(worst: Outcome, ended: readonly EndedRun[], plan: RunPlan, surroundings: Surroundings): void {
  const { output, errors, environment } = surroundings;
  const outcomes = ended.map(({ outcome }) => outcome);
  const quarantined = ended.filter(({ isExcused }) => isExcused).length;
  const style = plan.json ? plainStyle : styleFor(output.isTty, environment);
  const line = suiteLine(worst, outcomes, plan.runs.length, style, {
    skipped: plan.skipped.length,
    quarantined,
  });
  if (plan.json) errors.write(`${line}\n`);
  else output.write(`\n${line}\n`);
}

/** `rig power on|off|cycle`: the device's supply by hand. */
import { Argument, type Command } from 'commander';
import { GuardedSupply } from '../drivers/pi/power-guard.js';
import type { PhysicalBenchFile, PowerSection } from '../rig/bench-file/bench-file.js';
import { RigError } from '../rig/errors.js';
import { isRailOff } from '../rig/faults/rail.js';
import type { PowerSwitch, RailReading } from '../rig/ports.js';
import { formatDuration } from '../rig/time/duration-text.js';
import { type DurationUs, later, ms, seconds } from '../rig/time/units.js';
import { benchOption } from './bench-file.js';
import { byHand, durationOption, type Hand, type HandTools, requireSection, withPort } from './by-hand.js';

const actions = ['on', 'off', 'cycle'] as const;
type Action = (typeof actions)[number];

/** Off for as long as every capacitor of a small board needs to run empty. */
const CYCLE = '2s';
const LONGEST_CYCLE: DurationUs = seconds(3_600);
/** From the switch to a rail that shows it; a rail without load falls slowly. */
const RAIL_LIMIT: DurationUs = seconds(2);
const RAIL_POLL: DurationUs = ms(20);

interface PowerOptions {
  readonly bench?: string;
  readonly for: string;
}

export function addPowerCommand(program: Command, tools: HandTools): void {
  program
    .command('power')
    .summary('switch the supply of the device by hand')
    .description(
      'Switches the supply of the device, and says what the instrument on the rail shows. It stays as it is set, whatever ' +
        'power.leave says, until the next command. A relay is held only by a program: this one stays until Ctrl-C, where ' +
        'the relay would fall back.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(actions))
    .option(benchOption.flags, `${benchOption.description})`)
    .option('--for <duration>', 'how long a cycle keeps it off', CYCLE)
    .action(async (action: Action, options: PowerOptions) => {
      const offTime = durationOption(options.for, '--for', LONGEST_CYCLE);
      const command = {
        bench: options.bench,
        command: `rig power ${action}`,
        purpose: '"rig power" switches the supply',
        require: (found: Parameters<typeof requireSection>[0]) =>
          requireSection(found, 'power', 'power switch'),
      };
      await byHand(command, tools, (hand) => powerByHand(hand, action, offTime));
    });
}

async function powerByHand(hand: Hand, action: Action, offTime: DurationUs): Promise<void> {
  const { file, session, clock, stop, say } = hand;
  const { power: section } = file;
  if (section === undefined) return;
  await session.undoLeftOver('power');
  const wanted = action === 'off' ? 'off' : 'on';
  // The driver leaves the rail as its section says; by hand that is what was asked for.
  const isHeld = section.driver === 'gpio-relay' && section.leave !== wanted;
  const asked = isHeld ? file : leaving(file, section, wanted);
  await withSupply({ ...hand, file: asked }, action, async (power) => {
    if (action === 'cycle') {
      await power.off();
      say(`Supply off for ${formatDuration(offTime)}: ${await proved(hand, power, 'off')}.`);
      await clock.sleep('power cycle', offTime, stop).catch(() => undefined);
    }
    await (wanted === 'on' ? power.on() : power.off());
    say(`Supply ${wanted}: ${await proved(hand, power, wanted)}.`);
    if (action === 'cycle' && stop.aborted) throw new RigError('CANCELLED', 'The cycle was cut short.');
    if (isHeld) await hold(hand, wanted, section.leave);
  });
  if (isHeld) say(`The relay is at rest again: supply ${section.leave}, as power.leave says.`);
}

/**
 * The supply, and with it the reset pin where the bench has one: held while the rail comes up, so that the device starts
 * once, as in a run. A rail that is up already is left alone.
 */
async function withSupply(
  hand: Hand,
  action: Action,
  work: (power: PowerSwitch) => Promise<void>,
): Promise<void> {
  await withPort(hand, hand.open.power, async (power) => {
    if (action === 'off' || hand.file.reset === undefined) return work(power);
    const reading = await power.rail();
    const found = reading !== undefined && isRailOff(reading) ? 'off' : 'on';
    await withPort(hand, hand.open.reset, (reset) => work(new GuardedSupply(power, reset, found)));
  });
}

const leaving = (
  file: PhysicalBenchFile,
  section: PowerSection,
  leave: PowerSection['leave'],
): PhysicalBenchFile => ({
  ...file,
  power: { ...section, leave },
});

/** Nothing drives a relay once its program has ended. */
async function hold({ stop, say }: Hand, wanted: string, leave: string): Promise<void> {
  say(
    `A relay is held by the program that drives it: ${wanted} until you press Ctrl-C, then ${leave}, where it rests.`,
  );
  if (stop.aborted) return;
  await new Promise<void>((resolve) => {
    // The process waits for Ctrl-C alone.
    const alive = setInterval(() => undefined, 60_000);
    stop.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });
}

/** What the instrument on the rail says, within `RAIL_LIMIT` also after Ctrl-C. Rejects with `BENCH` when it contradicts the switch. */
async function proved({ clock }: Hand, power: PowerSwitch, wanted: 'on' | 'off'): Promise<string> {
  const deadlineUs = later(clock.now(), RAIL_LIMIT);
  for (;;) {
    const reading = await power.rail();
    if (reading === undefined) return 'nothing measures the rail, so nothing confirms it (power.sense)';
    if (isRailOff(reading) === (wanted === 'off')) return readingText(reading);
    if (clock.now() >= deadlineUs) throw contradicted(reading, wanted);
    await clock.sleep('rail', RAIL_POLL);
  }
}

function contradicted(reading: RailReading, wanted: 'on' | 'off'): RigError {
  const why =
    wanted === 'off'
      ? 'Does the switch really cut it? Or do signal lines or a USB socket feed the board?'
      : 'Check the supply, the switch (activeLow?), and where the instrument is connected.';
  return new RigError('BENCH', `The supply was switched ${wanted}, but ${readingText(reading)}. ${why}`);
}

function readingText(reading: RailReading): string {
  if (reading.kind === 'voltmeter') return `the rail shows ${reading.volts.toFixed(2)} V`;
  return `the comparator says that the rail is ${reading.isUp ? 'up' : 'down'}`;
}

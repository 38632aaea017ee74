/** `rig reset`: the device's reset button by hand. */
import type { Command } from 'commander';
import { RigError } from '../rig/errors.js';
import type { ResetButton } from '../rig/ports.js';
import { formatDuration } from '../rig/time/duration-text.js';
import { type DurationUs, seconds } from '../rig/time/units.js';
import { benchOption } from './bench-file.js';
import { byHand, durationOption, type HandTools, requireSection, withPort } from './by-hand.js';

const LONGEST_PULSE: DurationUs = seconds(600);

interface ResetOptions {
  readonly bench?: string;
  readonly pulse?: string;
}

export function addResetCommand(program: Command, tools: HandTools): void {
  program
    .command('reset')
    .summary('press the reset button of the device by hand')
    .description(
      'Presses the reset button of the device. It is not released while a bus line is low, where the bench file names the straps.',
    )
    .option(benchOption.flags, `${benchOption.description})`)
    .option('--pulse <duration>', 'how long it is pressed (default: reset.pulse of the bench file)')
    .action(async ({ bench, pulse: given }: ResetOptions) => {
      const pulse = given === undefined ? undefined : durationOption(given, '--pulse', LONGEST_PULSE);
      const command = {
        bench,
        command: 'rig reset',
        purpose: '"rig reset" presses the button',
        require: (found: Parameters<typeof requireSection>[0]) => requireSection(found, 'reset', 'reset pin'),
      };
      await byHand(command, tools, (hand) =>
        withPort(hand, hand.open.reset, async (reset) => {
          const lasts = pulse ?? hand.file.reset?.pulse;
          if (lasts === undefined) return;
          await pressUntil(hand.stop, reset, lasts);
          hand.say(`Reset was pressed for ${formatDuration(lasts)} and released: the device boots.`);
        }),
      );
    });
}

/** A press that Ctrl-C ends. Rejects with `CANCELLED` then, with reset let go of. */
async function pressUntil(stop: AbortSignal, reset: ResetButton, pulse: DurationUs): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
    if (stop.aborted) resolve();
  });
  await Promise.race([reset.press(pulse), stopped]);
  if (!stop.aborted) return;
  await reset.release();
  throw new RigError('CANCELLED', 'Reset was let go of before its time.');
}

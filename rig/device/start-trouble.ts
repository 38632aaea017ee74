/** Why a chip does not get as far as its program, or its program not to its work: named, with the next step. */
import { type DurationUs, toSeconds } from '../time/units.js';
import { describeBootMode } from './boot-mode.js';

/** Where a program was when it was interrupted: the file that the interpreter ran, and the line. */
export interface ProgramPlace {
  readonly file: string;
  readonly line: number;
}

export type StartTrouble =
  /** The rig resets the chip, and its ROM says nothing to that. */
  | { readonly kind: 'no start'; readonly resets: number }
  /** The straps stood so that the chip is not to run its firmware. */
  | { readonly kind: 'boot mode'; readonly mode: number }
  /** The chip starts again and again, and the rig has no part in it. */
  | {
      readonly kind: 'boot loop';
      readonly cause: number;
      readonly starts: number;
      readonly periodUs: DurationUs;
      readonly place?: ProgramPlace;
    }
  /** A program runs that does not end. */
  | { readonly kind: 'lock-up'; readonly place: ProgramPlace };

/** What starts a chip, as the ROM numbers it, where the rig did not. */
const causes: Readonly<Record<number, string>> = {
  1: 'rst cause 1, power-on: its supply gives way and comes back',
  2: 'rst cause 2, reset pin, which the rig did not press; some chips print that for a reset by software too',
  3: 'rst cause 3, software: its program resets it',
  4: 'rst cause 4, watchdog: its program hangs',
};

const CONNECTIONS =
  'Check the supply, the reset wire, the wire from the board\'s TX, and console.romBaud; "rig doctor" tries each.';
const RESCUE =
  'In "rig console", press Ctrl-C again and again while it starts, until ">>>" appears, then ' +
  '"import os; os.remove(\'boot.py\')", or upload a good one. Where Ctrl-C does not get through, erase the flash.';
const SUPPLY =
  'Measure the rail while it starts: the radio draws some 300 mA then (an ESP8266 wants a supply of 250 mA at least, and ' +
  'a capacitor beside it). Where the supply is good, look for a boot.py or main.py that resets the chip.';

/** One or two sentences for a person: the name of the trouble, what was seen, and what to do. */
export function describeTrouble(trouble: StartTrouble): string {
  switch (trouble.kind) {
    case 'no start':
      return (
        `No start: the rig has reset the chip ${trouble.resets} times, and its ROM, which prints a message at every start whatever ` +
        `the firmware is, printed none. What failed cannot be put down to the firmware. ${CONNECTIONS}`
      );
    case 'boot mode':
      return (
        `Wrong boot mode: the chip started with boot mode ${trouble.mode}: ${describeBootMode(trouble.mode)}. Free both bus ` +
        'lines (GPIO0, GPIO2), then reset it again.'
      );
    case 'boot loop': {
      const { cause, starts, periodUs, place } = trouble;
      const why = causes[cause] ?? `rst cause ${cause}`;
      return (
        `Boot loop: the chip started ${starts} times without the rig's doing, down to ${toSeconds(periodUs).toFixed(1)} s ` +
        `apart, and its program never came to anything (${why}).${placeText(place)} ${cause === 1 ? SUPPLY : `Suspect boot.py first, then main.py. ${RESCUE}`}`
      );
    }
    case 'lock-up':
      return `Lock-up: the program does not get to the link.${placeText(trouble.place)} ${RESCUE}`;
  }
}

const placeText = (place: ProgramPlace | undefined): string =>
  place === undefined ? '' : ` Ctrl-C found it in ${place.file}, line ${place.line}.`;

/**
 * Where the first KeyboardInterrupt in what a board printed struck: the outermost file of its traceback, which is the one
 * that the interpreter was told to run. (Interrupted in boot.py, it runs main.py next, where another Ctrl-C strikes.)
 */
export function interruptedPlace(printed: string): ProgramPlace | undefined {
  const traceback = printed
    .split('Traceback (most recent call last):')
    .slice(1)
    .find((text) => /^KeyboardInterrupt/m.test(text));
  const [, file, line] = /File "([^"]+)", line (\d+)/.exec(traceback ?? '') ?? [];
  return file === undefined ? undefined : { file, line: Number(line) };
}

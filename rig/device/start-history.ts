/**
 * The chip's starts since its program last worked, by what its ROM printed, and what they look like from outside: a chip
 * that is not to run its firmware, one that starts again and again, one whose program does not come to anything.
 */
import { type DurationUs, elapsed, type InstantUs, us } from '../time/units.js';
import { BOOT_FROM_FLASH } from './boot-mode.js';
import type { ProgramPlace, StartTrouble } from './start-trouble.js';

export interface Start {
  readonly atUs: InstantUs;
  readonly cause: number;
  readonly mode: number;
  /** The rig itself has reset the chip, or switched its supply. */
  readonly isOwn: boolean;
}

/** Starts that the rig did not make and that led to nothing: one may be a crash, two a coincidence. */
export const LOOP_STARTS = 3;
/** Resets without a word from the ROM: a line of the console may be spoiled, and the last reset may have been just now. */
export const UNANSWERED_RESETS = 3;
/** Starts that are kept; a loop of any length shows in them. */
const KEPT = 16;

export class StartHistory {
  private starts: Start[] = [];
  /** Starts of themselves since the program last worked. */
  private byItself = 0;
  private awaitsOwn = false;
  private place: ProgramPlace | undefined;
  private readonly romSpeaks: boolean;
  /** Resets of the rig's own since the chip last started or its program worked. */
  private unanswered = 0;

  /** `romSpeaks`: the ROM's message at each start can be seen. Without it that is known from the first message on. */
  constructor({ romSpeaks = false }: { readonly romSpeaks?: boolean } = {}) {
    this.romSpeaks = romSpeaks;
  }

  /** The rig is about to reset the chip, or to switch its supply on: the next start is its own doing. */
  expectOwn(): void {
    this.awaitsOwn = true;
    this.unanswered += 1;
  }

  sawRom(atUs: InstantUs, cause: number, mode: number): void {
    const isOwn = this.awaitsOwn;
    this.awaitsOwn = false;
    this.unanswered = 0;
    this.place = undefined;
    if (!isOwn) this.byItself += 1;
    this.starts.push({ atUs, cause, mode, isOwn });
    if (this.starts.length > KEPT) this.starts.shift();
  }

  /** The program that was started does what it is there for. */
  programWorked(): void {
    this.byItself = 0;
    this.unanswered = 0;
    this.starts = this.starts.slice(-1);
    this.place = undefined;
  }

  /** Where Ctrl-C found the program, so that it does not come to anything by itself. */
  interruptedAt(place: ProgramPlace): void {
    this.place ??= place;
  }

  get last(): Start | undefined {
    return this.starts.at(-1);
  }

  /** Starts after `sinceUs`, whoever made them; of very many, the latest. */
  since(sinceUs: InstantUs): readonly Start[] {
    return this.starts.filter(({ atUs }) => atUs > sinceUs);
  }

  /** What is wrong with the chip's start; undefined when nothing looks so. */
  trouble(): StartTrouble | undefined {
    const { last, place, unanswered } = this;
    if (unanswered >= UNANSWERED_RESETS && (this.romSpeaks || last !== undefined)) {
      return { kind: 'no start', resets: unanswered };
    }
    const at = place === undefined ? {} : { place };
    if (last !== undefined && last.mode !== BOOT_FROM_FLASH) return { kind: 'boot mode', mode: last.mode };
    const ofItself = this.starts.filter(({ isOwn }) => !isOwn);
    const latest = ofItself.at(-1);
    if (this.byItself >= LOOP_STARTS && latest !== undefined) {
      const periodUs = shortestGap(ofItself);
      return { kind: 'boot loop', cause: latest.cause, starts: this.byItself, periodUs, ...at };
    }
    return place === undefined ? undefined : { kind: 'lock-up', place };
  }
}

/** Of a loop, its period: a start that the rig made in between lengthens a gap, and nothing shortens one. */
function shortestGap(starts: readonly Start[]): DurationUs {
  const gaps = starts.slice(1).map(({ atUs }, index) => elapsed(starts[index]?.atUs ?? atUs, atUs));
  return gaps.length === 0 ? us(0) : us(Math.min(...gaps));
}

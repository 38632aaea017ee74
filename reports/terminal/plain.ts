/** Progress where there is no terminal (a CI job, a file): a line for each thing that happens, nothing redrawn. */
import type { RunEvent } from '../../rig/run/events.js';
import { type DurationUs, type InstantUs, ORIGIN, seconds, toMs } from '../../rig/time/units.js';
import { count, plural, sinceStart, time } from '../text/numbers.js';
import { printable } from '../text/printable.js';
import {
  detectionOf,
  type FaultProgress,
  type ProgressReporter,
  RunProgress,
  recoveryOf,
  type Traffic,
} from './progress.js';

/** Bench time between two lines of progress. */
const PROGRESS_EVERY: DurationUs = seconds(30);
/** The device may boot or complain without end; further lines of one kind are left to the journal. */
const LINES_OF_A_KIND = 20;

export class PlainProgress implements ProgressReporter {
  private readonly progress = new RunProgress();
  private readonly write: (text: string) => void;
  private nextProgressUs: number = ORIGIN + PROGRESS_EVERY;
  private readonly printed = new Map<string, number>();

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  readonly sink = (event: RunEvent): void => {
    this.progress.take(event);
    const text = this.lineFor(event);
    if (text !== undefined) this.line(event.atUs, text);
    if (event.atUs >= this.nextProgressUs) {
      this.line(event.atUs, this.trafficText());
      this.nextProgressUs = event.atUs - (event.atUs % PROGRESS_EVERY) + PROGRESS_EVERY;
    }
  };

  refresh(): void {}

  finish(): void {
    for (const fault of this.progress.unrecovered()) this.line(this.progress.nowUs, faultText(fault));
  }

  private lineFor(event: RunEvent): string | undefined {
    switch (event.type) {
      case 'run.part':
        return event.part;
      case 'fault.recovered':
        return this.recovered(event.fault);
      case 'boot':
        return event.expected
          ? undefined
          : this.limited('boot', `unexpected boot ${event.number}, cause ${event.cause}`);
      case 'device.stopped':
        return this.limited('stopped', `the device stopped: ${event.reason}`);
      case 'note':
        return this.limited('note', event.text);
      default:
        return undefined;
    }
  }

  /** Recovery follows injection one fault at a time, so it is the last one's, unless that was forgotten. */
  private recovered(number: number): string {
    const fault = this.progress.lastFault;
    return fault?.number === number ? faultText(fault) : `fault ${number} recovered`;
  }

  private limited(kind: string, text: string): string | undefined {
    const before = this.printed.get(kind) ?? 0;
    this.printed.set(kind, before + 1);
    if (before < LINES_OF_A_KIND) return text;
    return before === LINES_OF_A_KIND ? 'further lines like the last are in the journal only' : undefined;
  }

  private trafficText(): string {
    const { uplink, downlink, lost, faults } = this.progress;
    return [
      `uplink ${deliveredText(uplink)}`,
      `downlink ${deliveredText(downlink)}`,
      `${count(lost)} lost`,
      plural(faults, 'fault'),
    ].join(' · ');
  }

  private line(atUs: InstantUs, text: string): void {
    this.write(`${sinceStart(toMs(atUs)).padStart(10)}  ${printable(text)}\n`);
  }
}

/** `730 of 1,200`. */
export const deliveredText = (traffic: Traffic): string =>
  `${count(traffic.delivered)} of ${count(traffic.due)}`;

function faultText(fault: FaultProgress): string {
  const detection = detectionOf(fault);
  const recovery = recoveryOf(fault);
  return [
    `fault ${fault.number} ${fault.kind} (${fault.detail})`,
    fault.evidence === undefined ? 'NOT PROVED' : 'proved',
    detection === undefined ? 'not seen' : `seen after ${time(toMs(detection))}`,
    recovery === undefined ? 'NOT RECOVERED' : `back ${time(toMs(recovery))} after it ended`,
  ].join(' · ');
}

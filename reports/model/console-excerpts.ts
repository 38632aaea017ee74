/** The console around each fault: some lines before it, and what the device printed until it had recovered. */
import type { RunEvent } from '../../rig/run/events.js';

/** Lines kept from before a fault. */
const LINES_BEFORE = 8;
/** Lines kept of each fault in all. */
const LINES_OF_FAULT = 60;
/** Faults whose console is kept: the first ones. */
const FAULTS_KEPT = 200;
/** Lines kept of the end of the run. */
const LINES_AT_END = 40;

export interface ConsoleLine {
  readonly atMs: number;
  readonly text: string;
}

export interface ConsoleExcerpt {
  readonly fault: number;
  readonly lines: readonly ConsoleLine[];
  /** Lines of this fault that are not shown. */
  readonly notShown: number;
}

interface OpenExcerpt {
  readonly fault: number;
  readonly lines: ConsoleLine[];
  notShown: number;
}

export class ConsoleExcerpts {
  private readonly recent: ConsoleLine[] = [];
  private readonly excerpts: OpenExcerpt[] = [];
  private readonly open = new Map<number, OpenExcerpt>();

  apply(event: RunEvent, atMs: number): void {
    if (event.type === 'console') this.line({ atMs, text: event.line });
    if (event.type === 'fault.injected') this.begin(event.fault);
    if (event.type === 'fault.recovered') this.open.delete(event.fault);
  }

  /** Fault by fault. */
  all(): readonly ConsoleExcerpt[] {
    return this.excerpts;
  }

  /** The last lines of the run. */
  last(): readonly ConsoleLine[] {
    return this.recent.slice(-LINES_AT_END);
  }

  private begin(fault: number): void {
    if (this.excerpts.length >= FAULTS_KEPT) return;
    const excerpt: OpenExcerpt = { fault, lines: this.recent.slice(-LINES_BEFORE), notShown: 0 };
    this.excerpts.push(excerpt);
    this.open.set(fault, excerpt);
  }

  private line(line: ConsoleLine): void {
    this.recent.push(line);
    if (this.recent.length > LINES_AT_END) this.recent.shift();
    for (const excerpt of this.open.values()) {
      if (excerpt.lines.length < LINES_OF_FAULT) excerpt.lines.push(line);
      else excerpt.notShown += 1;
    }
  }
}

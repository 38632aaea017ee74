/** What of the chip acts at a time of its own, such as timers, the UART and watchdogs. */

export interface ChipEventSource {
  /** When it is due next; `Infinity` when never. */
  nextUs(): number;
  /** Called when that time has come. */
  fire(): void;
}

export class ChipEvents {
  private readonly sources: ChipEventSource[] = [];

  add(source: ChipEventSource): void {
    this.sources.push(source);
  }

  /** When the first of them is due; `Infinity` when none is. */
  nextUs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const source of this.sources) next = Math.min(next, source.nextUs());
    return next;
  }

  /** Lets everything happen that is due at `nowUs`. */
  fireDue(nowUs: () => number): void {
    for (const source of this.sources) {
      while (source.nextUs() <= nowUs()) source.fire();
    }
  }
}

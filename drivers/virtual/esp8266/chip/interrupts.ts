/** The handlers of pins, timers and the bus: which of them wait, and that as on the chip none interrupts another. */

export interface InterruptSource {
  /** True when a handler is to be run. */
  pending(): boolean;
  /** Runs one handler. */
  serve(): void;
}

export class Interrupts {
  /** `machine.disable_irq()` clears it. */
  enabled = true;
  private serving = false;
  private readonly sources: InterruptSource[] = [];

  add(source: InterruptSource): void {
    this.sources.push(source);
  }

  /** A handler runs. */
  get isServing(): boolean {
    return this.serving;
  }

  /** A handler waits that could be run now. */
  hasPending(): boolean {
    if (this.serving || !this.enabled) return false;
    return this.sources.some((source) => source.pending());
  }

  /**
   * Runs the handlers that wait, one at a time, and those that come to wait meanwhile, until `isOver`: `before` each of them
   * comes what it costs to get there, and `after` it whoever waits for an event is told.
   */
  serve(steps: {
    readonly isOver: () => boolean;
    readonly before: () => void;
    readonly after: () => void;
  }): void {
    if (this.serving || !this.enabled) return;
    for (const source of this.sources) {
      while (source.pending() && !steps.isOver()) {
        this.serving = true;
        try {
          steps.before();
          source.serve();
        } finally {
          this.serving = false;
        }
        steps.after();
      }
    }
  }
}

/**
 * The heap that the board presents. The interpreter's own is far larger and grows; object sizes are those of a
 * 32-bit target, so what the program has allocated since it started is what it would have allocated on a chip.
 * What a module takes when it is imported does not count: on a chip its code is frozen in flash,
 * though the objects that it makes are not, so that the figure is somewhat too good. Fragmentation is not modelled.
 */

/** MicroPython's heap on the ESP8266, by the port's build: 38 KB less what the interpreter takes at start. */
export const HEAP_BYTES = 36 * 1024;

export class Heap {
  private baseline = 0;
  private beforeLoading = 0;
  private readonly allocated: () => number;
  private readonly collect: () => void;

  /** `allocated`: bytes in use in the interpreter's own heap. `collect` frees what is garbage among them. */
  constructor(allocated: () => number, collect: () => void) {
    this.allocated = allocated;
    this.collect = collect;
  }

  /** What is in use now is the interpreter's, not the program's. */
  startProgram(): void {
    this.baseline = this.allocated();
  }

  /** A module is about to be imported. */
  codeLoading(): void {
    this.collect();
    this.beforeLoading = this.allocated();
  }

  /** It has been: what it took is in flash on a chip. */
  codeLoaded(): void {
    this.collect();
    this.baseline += this.allocated() - this.beforeLoading;
  }

  /** Bytes in use. A heap that is full of garbage would have been collected on the chip. */
  used(): number {
    if (this.allocated() - this.baseline > HEAP_BYTES) this.collect();
    return Math.min(Math.max(this.allocated() - this.baseline, 0), HEAP_BYTES);
  }
}

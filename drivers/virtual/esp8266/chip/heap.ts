/**
 * The heap that the board presents. The interpreter's own is far larger and grows; object sizes are those of a
 * 32-bit target, so what the program has allocated since it started is what it would have allocated on a chip.
 * Bytecode of modules does not count: on a chip it is frozen in flash. Fragmentation is not modelled.
 */

/** MicroPython's heap on the ESP8266, by the port's build: 38 KB less what the interpreter takes at start. */
export const HEAP_BYTES = 36 * 1024;

/** What is left when the model says that all is used: the program would have had a MemoryError. */
const LEAST_FREE_BYTES = 0;

export class Heap {
  private baseline = 0;
  private readonly allocated: () => number;

  /** `allocated`: bytes in use in the interpreter's own heap. */
  constructor(allocated: () => number) {
    this.allocated = allocated;
  }

  /** What is in use now is the interpreter's, not the program's. */
  startProgram(): void {
    this.baseline = this.allocated();
  }

  /** Bytes that loading a module's code took: they are in flash on a chip. */
  codeLoaded(bytes: number): void {
    this.baseline += bytes;
  }

  used(): number {
    const used = this.allocated() - this.baseline;
    return Math.min(Math.max(used, 0), HEAP_BYTES - LEAST_FREE_BYTES);
  }
}

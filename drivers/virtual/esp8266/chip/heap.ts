/**
 * The board's heap. The interpreter's own is far larger; object sizes are those of a 32-bit target, so what the program
 * has allocated since it started is what it would have allocated on a chip. Garbage is collected when the board's heap is
 * full, as on the chip, and what still does not fit raises MemoryError.
 *
 * What a module takes when it is imported does not count: on a chip its code is frozen in flash,
 * though the objects that it makes are not, so that the figure is somewhat too good. Fragmentation is not modelled.
 * A block that grows where it lies is only counted when the heap is looked at next.
 */

/** MicroPython's heap on the ESP8266, by the port's build: 38 KB less what the interpreter takes at start. */
export const HEAP_BYTES = 36 * 1024;

/** As good as no limit: for what is no allocation of the program's. */
const UNLIMITED = 0x7fff_ffff;

/** What the heap needs of the interpreter. */
export interface Allocator {
  /** Bytes in use in the interpreter's own heap, garbage included. */
  allocated(): number;
  /** Frees what is garbage among them. */
  collect(): void;
  /** Grants so many bytes before `low` is called. */
  grant(bytes: number): void;
}

export class Heap {
  private baseline = 0;
  private beforeLoading: number | undefined;
  private hasProgram = false;
  private leaked = 0;
  private readonly allocator: Allocator;

  constructor(allocator: Allocator) {
    this.allocator = allocator;
  }

  /** What is in use now is the interpreter's, not the program's. */
  startProgram(): void {
    this.allocator.collect();
    this.baseline = this.allocator.allocated();
    this.hasProgram = true;
    this.allocator.grant(HEAP_BYTES);
  }

  /** A module is about to be imported. */
  codeLoading(): void {
    this.allocator.collect();
    this.beforeLoading = this.allocator.allocated();
    this.allocator.grant(UNLIMITED);
  }

  /** It has been: what it took is in flash on a chip. */
  codeLoaded(): void {
    if (this.beforeLoading === undefined) return;
    this.allocator.collect();
    this.baseline += this.allocator.allocated() - this.beforeLoading;
    this.beforeLoading = undefined;
    this.allocator.grant(HEAP_BYTES - this.used());
  }

  /** So many bytes are not there any more: a fault that the board can be told to have. */
  leak(bytes: number): void {
    this.leaked += bytes;
    this.collected();
  }

  /** Garbage was collected: there is room again. */
  collected(): void {
    if (this.isLimited()) this.allocator.grant(HEAP_BYTES - this.used());
  }

  /**
   * What was granted does not suffice for `bytes` more; `grows`: a block is to get that size. Collects, and says whether
   * that is to fail. A block grows into what lies beside it, so that growth fails only where the heap is full already.
   */
  isExhausted(bytes: number, grows: boolean): boolean {
    const { allocator } = this;
    allocator.collect();
    if (!this.isLimited()) {
      allocator.grant(UNLIMITED);
      return false;
    }
    const left = HEAP_BYTES - this.inUse();
    const fails = grows ? left <= 0 : bytes > left;
    allocator.grant(Math.max(left, fails ? 0 : bytes));
    return fails;
  }

  /** Bytes in use. */
  used(): number {
    const { allocator } = this;
    if (this.inUse() > HEAP_BYTES) allocator.collect();
    return Math.min(Math.max(this.inUse(), 0), HEAP_BYTES);
  }

  private inUse(): number {
    return this.allocator.allocated() - this.baseline + this.leaked;
  }

  private isLimited(): boolean {
    return this.hasProgram && this.beforeLoading === undefined;
  }
}

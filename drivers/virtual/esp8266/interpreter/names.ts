/** Names that the instrumented interpreter and its loader agree on. */

/** Imported by the interpreter: called when the fuel has run out, with the address of the next bytecode. */
export const OUT_OF_FUEL_IMPORT = 'board_out_of_fuel';

/** Imported by the interpreter: called again and again once it has locked up. */
export const LOCKED_UP_IMPORT = 'board_locked_up';

/**
 * Imported by the compiler, which itself knows no decorator of `micropython` but `bytecode`: whether there is one of the
 * name that has this number.
 */
export const EMITTER_IMPORT = 'board_emitter';

/** Exported by the interpreter: a mutable i32, the bytecodes left to run before it calls out. */
export const FUEL_EXPORT = 'board_fuel';

/** Imported by the interpreter: called when its loops have made as many turns as it was allowed. */
export const OUT_OF_TURNS_IMPORT = 'board_out_of_turns';

/** Exported by the interpreter: a mutable i32, the turns of its loops left before it calls out; 0 is without a limit. */
export const TURNS_EXPORT = 'board_turns';

/** Imported by the interpreter: garbage is to be collected at once. */
export const COLLECT_IMPORT = 'board_collect';

/**
 * Imported by the interpreter: the allowance does not suffice for an allocation of so many bytes; the second argument
 * is 1 where a block is to get another size. Says 1 when the allocation is to fail.
 */
export const HEAP_LOW_IMPORT = 'board_heap_low';

/** Exported by the interpreter: a mutable i32, the bytes that may be allocated before the board is asked. */
export const HEAP_LEFT_EXPORT = 'board_heap_left';

/** Exported by the interpreter: the two halves of a collection, `gc_collect_start` and `gc_collect_end`. */
export const COLLECT_BEGIN_EXPORT = 'board_collect_begin';
export const COLLECT_END_EXPORT = 'board_collect_end';

/**
 * Memory of the instrumented interpreter, in pages of 64 KB: 8 MB at first, two hundred times a board's heap, so that
 * garbage need not be collected often; 16 MB at most, then the program gets a MemoryError.
 */
export const MEMORY_PAGES = { initial: 128, most: 256 } as const;

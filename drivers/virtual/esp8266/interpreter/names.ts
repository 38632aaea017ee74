/** Names that the instrumented interpreter and its loader agree on. */

/** Imported by the interpreter: called when the fuel has run out, with the address of the next bytecode. */
export const OUT_OF_FUEL_IMPORT = 'board_out_of_fuel';

/** Exported by the interpreter: a mutable i32, the bytecodes left to run before it calls out. */
export const FUEL_EXPORT = 'board_fuel';

/**
 * Prepares the published MicroPython WebAssembly for use as a board's CPU. These are added to it:
 *
 * 1. Fuel. The virtual machine's dispatch loop takes one unit per bytecode and calls out when none is left, with
 *    the address of the next one. Virtual time so passes while Python computes, interrupts strike where they
 *    would on the chip, and `while True: pass` neither escapes the simulation nor hangs it.
 * 2. Spilled pointers. The interpreter as published cannot collect garbage while Python runs, because a
 *    WebAssembly function's locals cannot be scanned for references. Binaryen's `spill-pointers` pass keeps a
 *    copy of them on the stack in linear memory, where the collector finds them (see `collector.ts`).
 *
 * 3. A heap of a board's size, see `instrument-heap.ts`.
 *
 * 4. Lock-ups that can be ended. Where an exception cannot be caught any more, because memory is too full even to
 *    print it, the interpreter loops for ever. That loop calls out too.
 *
 * 5. Turns. Every other loop of the interpreter takes one unit per turn and calls out when none is left. So a single
 *    call that computes for ever, such as `10 ** 10 ** 8`, takes time and can be ended, at the same turn in every run.
 *
 * 6. Decorators of the port. A chip's compiler makes machine code of `@micropython.native` and `@micropython.viper`; this
 *    one has no emitter of native code and refuses them. Before it does, it asks: they then leave the bytecode as it is.
 *
 * And its memory is made smaller: published for browsers, it may take 2 GB, and a program that fills a heap that is
 * hundreds of times a board's spends minutes in searching it.
 *
 * Works on the text format, because that is the one form in which the module can be edited without relying on
 * Binaryen's expression API for a 10,000-line function.
 */
import binaryen from 'binaryen';
import { dataAddress } from './data-address.js';
import { giveHeap, HEAP_IMPORTS } from './instrument-heap.js';
import { clearSpills } from './instrument-spills.js';
import {
  EMITTER_IMPORT,
  FUEL_EXPORT,
  LOCKED_UP_IMPORT,
  MEMORY_PAGES,
  OUT_OF_FUEL_IMPORT,
  OUT_OF_TURNS_IMPORT,
  TURNS_EXPORT,
} from './names.js';

/**
 * `spill-pointers` keeps locals only. So all values are put into locals first (`flatten`), and these made few again: each
 * takes a word of the stack.
 */
const PASSES = [
  'flatten',
  'simplify-locals-nonesting',
  'coalesce-locals',
  'reorder-locals',
  'spill-pointers',
];

/** `instructionPointer`: the local that holds the address of the next bytecode. */
const takeOneUnit = (instructionPointer: string): string =>
  [
    `(global.set $${FUEL_EXPORT} (i32.sub (global.get $${FUEL_EXPORT}) (i32.const 1)))`,
    `(if (i32.lt_s (global.get $${FUEL_EXPORT}) (i32.const 0))`,
    `(then (call $${OUT_OF_FUEL_IMPORT} (local.get ${instructionPointer}))))`,
  ].join(' ');

const TAKE_ONE_TURN = [
  `(global.set $${TURNS_EXPORT} (i32.sub (global.get $${TURNS_EXPORT}) (i32.const 1)))`,
  `(if (i32.eqz (global.get $${TURNS_EXPORT})) (then (call $${OUT_OF_TURNS_IMPORT})))`,
].join(' ');

/** A loop that calls out already does so within so many lines of its beginning. */
const LINES_LOOKED_AT = 12;

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The line of the bytecode switch: the branch table with by far the most targets. */
function dispatchLine(lines: readonly string[]): number {
  let found = -1;
  let targets = 0;
  lines.forEach((line, index) => {
    if (!line.includes('br_table')) return;
    const count = line.split('$').length;
    if (count > targets) {
      targets = count;
      found = index;
    }
  });
  if (targets < 64) throw new Error('No bytecode dispatch found: is this a MicroPython module?');
  return found;
}

/** The innermost loop around a line: one turn of it is one bytecode. */
function enclosingLoop(lines: readonly string[], inner: number): number {
  const innerIndent = indentOf(lines[inner] ?? '');
  for (let index = inner; index >= 0; index -= 1) {
    const line = lines[index] ?? '';
    if (line.includes('(loop ') && indentOf(line) < innerIndent) return index;
  }
  throw new Error('The bytecode dispatch is not inside a loop.');
}

/** The local from which the switch loads the bytecode that it branches on. */
function instructionPointerOf(lines: readonly string[], dispatch: number): string {
  const load = lines.findIndex((line, index) => index > dispatch && line.includes('i32.load8_u'));
  const local = /\(local\.get (\$\d+)\)/.exec(lines[load + 1] ?? '')?.[1];
  if (load < 0 || load > dispatch + 8 || local === undefined) {
    throw new Error('The bytecode dispatch does not load the bytecode as expected.');
  }
  return local;
}

/** The loop of `nlr_jump_fail`: a function of one argument that does nothing else. Returns the line of its jump. */
function lockUpLine(lines: readonly string[]): number {
  const found = lines.findIndex(
    (line, index) =>
      line.startsWith(' (func ') &&
      (lines[index + 1] ?? '').startsWith('  (loop $') &&
      /^ {3}\(br \$/.test(lines[index + 2] ?? ''),
  );
  if (found < 0) throw new Error('The loop of an exception that nothing catches was not found.');
  return found + 2;
}

/**
 * Counts the turns of all loops that do not call out already. To be done after pointers are spilled: what is called
 * then collects no garbage, and spilling for it would slow every loop down.
 */
function countTurns(text: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, index) => {
      if (!line.trimStart().startsWith('(loop ')) return line;
      const beginning = lines.slice(index, index + LINES_LOOKED_AT).join('\n');
      const callsOut = beginning.includes(`$${FUEL_EXPORT}`) || beginning.includes(`$${LOCKED_UP_IMPORT}`);
      return callsOut ? line : `${line}\n${TAKE_ONE_TURN}`;
    })
    .join('\n');
}

function withFeatures(text: string, features: number): binaryen.Module {
  const module = binaryen.parseText(text);
  module.setFeatures(features);
  return module;
}

/** What the compiler says of a decorator that it does not know (py/compile.c). */
const UNKNOWN_DECORATOR = 'invalid micropython decorator';
/** A name in the parse tree: its number above four bits that say what it is. */
const NAME_SHIFT = 4;

/** Lets the compiler ask about a decorator before it refuses it. The refusal: a call with the name and the message. */
function askAboutDecorators(lines: string[]): void {
  const message = lines.indexOf(`        (i32.const ${dataAddress(lines, UNKNOWN_DECORATOR)})`);
  const [call = '', , name = ''] = lines.slice(message - 3, message);
  if (!/^ +\(call \$\d+$/.test(call) || !/^ +\(local\.get \$\d+\)$/.test(name)) {
    throw new Error('The refusal of an unknown decorator was not found.');
  }
  const isKnown = `(call $${EMITTER_IMPORT} (i32.shr_u ${name.trim()} (i32.const ${NAME_SHIFT})))`;
  lines.splice(message + 1, 1, '       )))');
  lines.splice(message - 3, 0, `(if (i32.eqz ${isKnown}) (then`);
}

/** Returns the instrumented module. Throws when `wasm` does not look like the interpreter it was made for. */
export function instrument(wasm: Uint8Array): Uint8Array {
  const original = binaryen.readBinary(wasm);
  const features = original.getFeatures();
  // The linker's convention: the first global is the stack pointer. The pass finds it by name.
  const lines = original
    .emitText()
    .replaceAll(/\$global\$0(?![0-9])/g, '$__stack_pointer')
    .split('\n');

  const dispatch = dispatchLine(lines);
  const instructionPointer = instructionPointerOf(lines, dispatch);
  lines.splice(enclosingLoop(lines, dispatch) + 1, 0, takeOneUnit(instructionPointer));
  giveHeap(lines);
  lines.splice(lockUpLine(lines), 0, `   (call $${LOCKED_UP_IMPORT})`);
  askAboutDecorators(lines);
  const memory = lines.findIndex((line) => line.startsWith(' (memory '));
  if (memory < 0) throw new Error('The module declares no memory.');
  lines[memory] = ` (memory $0 ${MEMORY_PAGES.initial} ${MEMORY_PAGES.most})`;
  const firstImport = lines.findIndex((line) => line.startsWith(' (import '));
  lines.splice(
    firstImport,
    0,
    ` (import "env" "${OUT_OF_FUEL_IMPORT}" (func $${OUT_OF_FUEL_IMPORT} (param i32)))`,
    ` (import "env" "${LOCKED_UP_IMPORT}" (func $${LOCKED_UP_IMPORT}))`,
    ` (import "env" "${OUT_OF_TURNS_IMPORT}" (func $${OUT_OF_TURNS_IMPORT}))`,
    ` (import "env" "${EMITTER_IMPORT}" (func $${EMITTER_IMPORT} (param i32) (result i32)))`,
    ...HEAP_IMPORTS,
  );
  const firstGlobal = lines.findIndex((line) => line.startsWith(' (global '));
  lines.splice(
    firstGlobal + 1,
    0,
    ` (global $${FUEL_EXPORT} (mut i32) (i32.const 0))`,
    ` (export "${FUEL_EXPORT}" (global $${FUEL_EXPORT}))`,
    ` (global $${TURNS_EXPORT} (mut i32) (i32.const 0))`,
    ` (export "${TURNS_EXPORT}" (global $${TURNS_EXPORT}))`,
  );

  const module = withFeatures(lines.join('\n'), features);
  module.runPasses(PASSES);
  const cleared = clearSpills(module.emitText().split('\n'));
  return withFeatures(countTurns(cleared), features).emitBinary();
}

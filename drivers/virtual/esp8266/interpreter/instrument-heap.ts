/**
 * The part of the instrumentation that gives the interpreter a board's heap. As published, `gc_collect` only notes that
 * a collection is wanted, and one is made when the outermost Python call returns, which firmware's never does. Here it
 * calls out, and the board collects at once (`collector.ts`), in the middle of an allocation as on the chip. And every
 * allocation first takes its bytes from an allowance; where that does not suffice, the board is asked, which collects,
 * and either grants a new one or lets the allocation fail.
 *
 * Functions have no names in the published module: they are known by what they do.
 */
import {
  COLLECT_BEGIN_EXPORT,
  COLLECT_END_EXPORT,
  COLLECT_IMPORT,
  HEAP_LEFT_EXPORT,
  HEAP_LOW_IMPORT,
} from './names.js';

/** A function of the text: its name, the line at which it begins, and its lines. */
interface WasmFunction {
  readonly name: string;
  readonly start: number;
  readonly lines: readonly string[];
}

function functionsOf(lines: readonly string[]): WasmFunction[] {
  const found: WasmFunction[] = [];
  lines.forEach((line, start) => {
    const name = /^ \(func (\$\S+?)\)?(?: |$)/.exec(line)?.[1];
    if (name === undefined) return;
    const end = lines.indexOf(' )', start);
    found.push({ name, start, lines: lines.slice(start, end) });
  });
  return found;
}

const text = ({ lines }: WasmFunction): string => lines.map((line) => line.trim()).join(' ');

function only(found: readonly WasmFunction[], what: string): WasmFunction {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) {
    throw new Error(`${found.length} functions look like ${what}: unknown version of the interpreter.`);
  }
  return first;
}

const takes = (func: WasmFunction, parameters: number): boolean => {
  const signature = func.lines[0] ?? '';
  return signature.split('(param ').length - 1 === parameters && signature.includes('(result i32)');
};

const callsOf = (func: WasmFunction, callee: string): number =>
  text(func).split(`(call ${callee} `).length - 1;

/** `if (left < bytes && board_heap_low(bytes, grows)) return NULL; left = max(0, left - bytes rounded up);` */
const takeFromAllowance = (bytes: string, grows: 0 | 1): string =>
  [
    `(if (i32.lt_u (global.get $${HEAP_LEFT_EXPORT}) (local.get ${bytes}))`,
    `(then (if (call $${HEAP_LOW_IMPORT} (local.get ${bytes}) (i32.const ${grows})) (then (return (i32.const 0))))))`,
    `(global.set $${HEAP_LEFT_EXPORT} (i32.sub (global.get $${HEAP_LEFT_EXPORT})`,
    `(i32.and (i32.add (local.get ${bytes}) (i32.const 15)) (i32.const -16))))`,
    `(if (i32.lt_s (global.get $${HEAP_LEFT_EXPORT}) (i32.const 0))`,
    `(then (global.set $${HEAP_LEFT_EXPORT} (i32.const 0))))`,
  ].join(' ');

/** The line after the declarations of a function's locals. */
function bodyStart({ start, lines }: WasmFunction): number {
  const first = lines.findIndex((line, index) => index > 0 && !line.startsWith('  (local '));
  return start + first;
}

/** Edits the lines of the module's text. Throws when they do not look like the interpreter it was made for. */
export function giveHeap(lines: string[]): void {
  const functions = functionsOf(lines);
  // gc_collect: notes in a byte that a collection is wanted, and nothing else.
  const collect = only(
    functions.filter((func) =>
      /^\(func \S+ \(i32\.store8 offset=\d+ \(i32\.const 0\) \(i32\.const 1\) \)$/.test(text(func)),
    ),
    'gc_collect',
  );
  const pending = /offset=(\d+)/.exec(text(collect))?.[1] ?? '';
  // The end of the outermost call: resets that byte, and collects.
  const made = new RegExp(
    `\\(i32\\.store8 offset=${pending} \\(i32\\.const 0\\) \\(i32\\.const 0\\) \\) \\(call (\\S+)\\) \\(call (\\S+)\\) \\)$`,
  );
  const atEnd = only(
    functions.filter((func) => made.test(text(func))),
    'the end of the outermost call',
  );
  const [, begin, end] = made.exec(text(atEnd)) ?? [];
  const allocate = only(
    functions.filter((func) => takes(func, 2) && text(func).includes(`(call ${collect.name})`)),
    'gc_alloc',
  );
  const reallocate = only(
    functions.filter((func) => takes(func, 3) && callsOf(func, allocate.name) > 0),
    'gc_realloc',
  );
  const [size, newSize] = [/\(param (\S+) i32\)/g, /\(param \S+ i32\) \(param (\S+) i32\)/g].map(
    (pattern, index) => pattern.exec((index === 0 ? allocate : reallocate).lines[0] ?? '')?.[1] ?? '',
  );
  const edits: { readonly at: number; readonly remove: number; readonly insert: string }[] = [
    { at: collect.start + 1, remove: collect.lines.length - 1, insert: `  (call $${COLLECT_IMPORT})` },
    { at: bodyStart(allocate), remove: 0, insert: takeFromAllowance(size ?? '', 0) },
    { at: bodyStart(reallocate), remove: 0, insert: takeFromAllowance(newSize ?? '', 1) },
  ];
  // From the end of the text, so that the lines still to be edited stay where they are.
  for (const { at, remove, insert } of edits.sort((a, b) => b.at - a.at)) lines.splice(at, remove, insert);
  const firstGlobal = lines.findIndex((line) => line.startsWith(' (global '));
  lines.splice(
    firstGlobal + 1,
    0,
    ` (global $${HEAP_LEFT_EXPORT} (mut i32) (i32.const 0x7fffffff))`,
    ` (export "${HEAP_LEFT_EXPORT}" (global $${HEAP_LEFT_EXPORT}))`,
    ` (export "${COLLECT_BEGIN_EXPORT}" (func ${begin}))`,
    ` (export "${COLLECT_END_EXPORT}" (func ${end}))`,
  );
}

/** What the edited functions call. Imports come first in a module. */
export const HEAP_IMPORTS: readonly string[] = [
  ` (import "env" "${COLLECT_IMPORT}" (func $${COLLECT_IMPORT}))`,
  ` (import "env" "${HEAP_LOW_IMPORT}" (func $${HEAP_LOW_IMPORT} (param i32 i32) (result i32)))`,
];

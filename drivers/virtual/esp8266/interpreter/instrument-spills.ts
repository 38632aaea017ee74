/**
 * Clears what the `spill-pointers` pass leaves behind. A pointer that was kept on the stack around one call stays there
 * until the same place is used again, and the collector would take it for alive. So every function begins with zeros in
 * the area where it keeps its pointers; and the one with the dispatch loop, which runs for as long as the program does,
 * clears its area before each bytecode, where nothing in it is needed. The cost drowned in the noise of the machine (below 5 %).
 */
import { FUEL_EXPORT, OUT_OF_FUEL_IMPORT } from './names.js';

const WORD_BYTES = 8;
/** The pass begins a function with: stack pointer = area = stack pointer - size of the area. Its lines. */
const PROLOGUE_LINES = 7;
const PROLOGUE =
  /^\(global\.set \$__stack_pointer \(local\.tee (\$\d+) \(i32\.sub \(global\.get \$__stack_pointer\) \(i32\.const (\d+)\) \) \) \)/;

interface Area {
  /** The line after the prologue. */
  readonly after: number;
  readonly zeros: string;
}

/** The area of the function that begins at a line, where it has one. */
function areaOf(lines: readonly string[], start: number): Area | undefined {
  let first = start + 1;
  while (lines[first]?.startsWith('  (local ')) first += 1;
  const text = lines
    .slice(first, first + PROLOGUE_LINES + 1)
    .map((line) => line.trim())
    .join(' ');
  const [, local, bytes] = PROLOGUE.exec(text) ?? [];
  if (local === undefined) return undefined;
  const words = Math.floor(Number(bytes) / WORD_BYTES);
  const zero = (_: unknown, index: number) =>
    `(i64.store offset=${index * WORD_BYTES} (local.get ${local}) (i64.const 0))`;
  return { after: first + PROLOGUE_LINES + 1, zeros: Array.from({ length: words }, zero).join(' ') };
}

/** Returns the text of a module that the pass has been through, with its areas cleared. */
export function clearSpills(lines: readonly string[]): string {
  const call = lines.findIndex((line) => line.includes(`(call $${OUT_OF_FUEL_IMPORT}`));
  const dispatch = lines.findLastIndex((line, index) => index < call && line.startsWith(' (func '));
  const takesFuel = lines.findIndex(
    (line, index) => index > dispatch && line.includes(`(global.get $${FUEL_EXPORT})`),
  );
  const loop = lines.findLastIndex((line, index) => index < takesFuel && line.includes('(loop '));
  const dispatchArea = areaOf(lines, dispatch);
  if (call < 0 || loop < dispatch || dispatchArea === undefined) {
    throw new Error('The dispatch loop does not keep its pointers as expected.');
  }
  const inserts = new Map<number, string>([[loop + 1, dispatchArea.zeros]]);
  lines.forEach((line, start) => {
    const area = line.startsWith(' (func ') ? areaOf(lines, start) : undefined;
    if (area !== undefined) inserts.set(area.after, area.zeros);
  });
  return lines
    .map((line, index) => (inserts.has(index) ? `${inserts.get(index)}\n${line}` : line))
    .join('\n');
}

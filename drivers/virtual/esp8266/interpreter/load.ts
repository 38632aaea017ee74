/**
 * Starts one instance of the instrumented interpreter and hands out what the board needs of it. The published
 * loader is used as it is; only the WebAssembly module that it instantiates is the instrumented one, and the
 * clock and random numbers that it imports are the board's (before they were, one run in three differed).
 */
import {
  loadMicroPython,
  type MicroPython,
} from '@micropython/micropython-webassembly-pyscript/micropython.mjs';
import {
  COLLECT_BEGIN_EXPORT,
  COLLECT_END_EXPORT,
  COLLECT_IMPORT,
  EMITTER_IMPORT,
  FUEL_EXPORT,
  HEAP_LEFT_EXPORT,
  HEAP_LOW_IMPORT,
  LOCKED_UP_IMPORT,
  MEMORY_PAGES,
  OUT_OF_FUEL_IMPORT,
  OUT_OF_TURNS_IMPORT,
  TURNS_EXPORT,
} from './names.js';

export type { MicroPythonFileSystem } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

/** The interpreter's heap to begin with; it grows by itself. Small, because a collection sweeps all of it. */
const INITIAL_HEAP_BYTES = 512 * 1024;

/** Decorators of `micropython` that the port's compiler knows beside `bytecode`. */
const EMITTERS = ['native', 'viper'] as const;

const PAGE_BYTES = 65_536;
const REFUSED = 1;
const GRANTED = 0;
const NO_MEMORY = new ArrayBuffer(0);

/** What the interpreter asks of the board. */
export interface InterpreterHost {
  /** The interpreter wants its garbage collected at once: its memory is full, or the program's threshold reached. */
  collect(): void;
  /**
   * `heapLeft` does not suffice for `bytes` more; `grows`: a block is to get that size. Says whether that is to fail, and if
   * not, has set `heapLeft` to what does suffice.
   */
  heapLow(bytes: number, grows: boolean): boolean;
  /** Called before `bytecode` when the fuel is used up. What it throws unwinds the interpreter for good. */
  outOfFuel(bytecode: number): void;
  /**
   * Nothing caught an exception, and it never will. What this throws unwinds the interpreter; it locks up when this
   * returns.
   */
  lockedUp(): void;
  /** Called within a call of C code when its loops have made as many turns as allowed. May throw as `outOfFuel`. */
  outOfTurns(): void;
  ticksMs(): number;
  randomU32(): number;
  /** One byte of the program's output. */
  print(byte: number): void;
}

export interface Interpreter {
  readonly python: MicroPython;
  readonly memory: WebAssembly.Memory;
  /** Bytecodes left before `outOfFuel`. */
  readonly fuel: WebAssembly.Global;
  /** Turns of the interpreter's own loops left before `outOfTurns`; 0 is without a limit. */
  readonly turns: WebAssembly.Global;
  /** Bytes that may be allocated before `heapLow`; as good as no limit at first. */
  readonly heapLeft: WebAssembly.Global;
  /** Collects garbage; what only the stack refers to must be copied into a block before (`collector.ts`). */
  collect(): void;
  /** The top of the interpreter's stack in linear memory; it grows down from `stackBase`. */
  stackPointer(): number;
  readonly stackBase: number;
  /** The character that interrupts the program, -1 for none. */
  interruptCharacter(): number;
  /** A KeyboardInterrupt is raised at the next jump of the running program. */
  raiseKeyboardInterrupt(): void;
}

/** Exports that the board relies on, checked because the module comes from a build step. */
function boardExports(instance: WebAssembly.Instance) {
  const {
    memory,
    [FUEL_EXPORT]: fuel,
    [TURNS_EXPORT]: turns,
    [HEAP_LEFT_EXPORT]: heapLeft,
  } = instance.exports;
  const { emscripten_stack_get_current: current, emscripten_stack_get_base: base } = instance.exports;
  const { [COLLECT_BEGIN_EXPORT]: begin, [COLLECT_END_EXPORT]: end } = instance.exports;
  const isCounted =
    fuel instanceof WebAssembly.Global &&
    turns instanceof WebAssembly.Global &&
    heapLeft instanceof WebAssembly.Global;
  const collects = typeof begin === 'function' && typeof end === 'function';
  if (!(memory instanceof WebAssembly.Memory) || !isCounted || !collects) {
    throw new Error('The interpreter is not the instrumented one; run "npm run build".');
  }
  if (typeof current !== 'function' || typeof base !== 'function') {
    throw new Error('The interpreter does not export its stack; run "npm run build".');
  }
  const collect = () => {
    // Its loops are not the program's: 0 is without a limit.
    const left = turns.value;
    turns.value = 0;
    begin();
    end();
    turns.value = left;
  };
  return {
    memory,
    fuel,
    turns,
    heapLeft,
    collect,
    stackPointer: () => Number(current()),
    stackBase: () => Number(base()),
  };
}

/**
 * The loader looks a function up in the table at every call that may raise an exception, which is every call of
 * Python code, and a look-up costs a tenth of such a call (measured). The table never changes: remember its entries.
 */
function rememberEntries(table: unknown): void {
  if (!(table instanceof WebAssembly.Table)) return;
  const entries: unknown[] = [];
  const get = table.get.bind(table);
  table.get = (index) => {
    entries[index] ??= get(index);
    return entries[index];
  };
}

/** Starts a fresh interpreter. Only one at a time may be in use in a thread: the loader keeps globals. */
export async function startInterpreter(
  module: WebAssembly.Module,
  host: InterpreterHost,
): Promise<Interpreter> {
  let exports: ReturnType<typeof boardExports> | undefined;
  const instantiate = WebAssembly.instantiate;
  const emitters = new Set<number>();
  /** Refusing makes the interpreter raise MemoryError, as a board does. */
  const resize = (grow: unknown) => (bytes: number) => {
    if (typeof grow !== 'function' || bytes > MEMORY_PAGES.most * PAGE_BYTES) return 0;
    return grow(bytes);
  };
  const instantiateInstrumented = async (_bytes: unknown, imports: WebAssembly.Imports = {}) => {
    const instance = new WebAssembly.Instance(module, {
      ...imports,
      env: {
        ...imports.env,
        [OUT_OF_FUEL_IMPORT]: (address: number) => {
          const bytes = new Uint8Array(exports?.memory.buffer ?? NO_MEMORY);
          host.outOfFuel(bytes[address] ?? 0);
        },
        [LOCKED_UP_IMPORT]: host.lockedUp,
        [OUT_OF_TURNS_IMPORT]: host.outOfTurns,
        [EMITTER_IMPORT]: (name: number) => (emitters.has(name) ? 1 : 0),
        [COLLECT_IMPORT]: host.collect,
        [HEAP_LOW_IMPORT]: (bytes: number, grows: number) =>
          host.heapLow(bytes >>> 0, grows === 1) ? REFUSED : GRANTED,
        emscripten_resize_heap: resize(imports.env?.emscripten_resize_heap),
        mp_js_ticks_ms: host.ticksMs,
        mp_js_time_ms: host.ticksMs,
        mp_js_random_u32: host.randomU32,
      },
    });
    exports = boardExports(instance);
    rememberEntries(instance.exports.__indirect_function_table);
    // The module's own start-up code runs bytecode before the board has set a budget.
    exports.fuel.value = 0x7fff_ffff;
    return { instance, module };
  };
  try {
    Object.assign(WebAssembly, { instantiate: instantiateInstrumented });
    const python = await loadMicroPython({
      heapsize: INITIAL_HEAP_BYTES,
      linebuffer: false,
      stdout: (bytes) => host.print(bytes[0] ?? 0),
    });
    if (exports === undefined) throw new Error('The loader did not instantiate the interpreter.');
    forgetFinalizers();
    for (const name of EMITTERS) emitters.add(numberOfName(python, name));
    const { memory, fuel, turns, heapLeft, collect, stackPointer } = exports;
    return {
      python,
      memory,
      fuel,
      turns,
      heapLeft,
      collect,
      stackPointer,
      stackBase: exports.stackBase(),
      interruptCharacter: () => python._module._mp_hal_get_interrupt_char(),
      raiseKeyboardInterrupt: () => python._module._mp_sched_keyboard_interrupt(),
    };
  } finally {
    Object.assign(WebAssembly, { instantiate });
  }
}

/** A name's number in this interpreter: the object of a name is its number above three bits (object representation A). */
function numberOfName(python: MicroPython, name: string): number {
  python.runPython(`_number = id('${name}') >> 3`);
  const number = Number(python.globals.get('_number'));
  python.runPython('del _number');
  return number;
}

/**
 * The loader frees Python objects when JavaScript's collector finds their proxies dead. That moment depends on
 * the machine, and a proxy of the board's last life would free an object of the present one: never free any.
 * The few that the board makes are made at boot.
 */
function forgetFinalizers(): void {
  Object.assign(globalThis, { pyProxyFinalizationRegistry: { register: () => undefined } });
}

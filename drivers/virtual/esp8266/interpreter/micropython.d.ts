/** Types of the part of the published MicroPython package that the board uses. */
declare module '@micropython/micropython-webassembly-pyscript/micropython.mjs' {
  export interface MicroPythonFileSystem {
    mkdirTree(path: string): void;
    writeFile(path: string, data: Uint8Array): void;
    readFile(path: string): Uint8Array;
    readdir(path: string): string[];
    stat(path: string): { mode: number; size: number };
    isDir(mode: number): boolean;
    isFile(mode: number): boolean;
    /** All of the program's output to files and console comes through here. */
    write(
      stream: { readonly node: { readonly mode: number } },
      buffer: Int8Array,
      offset: number,
      length: number,
      ...rest: unknown[]
    ): number;
    readonly ErrnoError: new (errno: number) => Error;
    chdir(path: string): void;
  }

  /** A Python callable, as JavaScript sees it. */
  export type PythonFunction = (...args: (number | string | null)[]) => unknown;

  export interface MicroPython {
    readonly FS: MicroPythonFileSystem;
    readonly globals: { get(name: string): unknown; set(name: string, value: unknown): void };
    registerJsModule(name: string, module: object): void;
    runPython(source: string): unknown;
    /** Starts the interpreter's own read-eval-print loop, which prints its banner and the first prompt. */
    replInit(): void;
    /** Gives that loop one character. Returns non-zero when it has been left. */
    replProcessChar(character: number): number;
    readonly _module: {
      /** The character that interrupts the program (`micropython.kbd_intr`), -1 for none. */
      _mp_hal_get_interrupt_char(): number;
      /** A KeyboardInterrupt is raised at the next jump of the running program. */
      _mp_sched_keyboard_interrupt(): void;
    };
  }

  export function loadMicroPython(options: {
    heapsize?: number;
    linebuffer?: boolean;
    stdout?: (bytes: Uint8Array) => void;
  }): Promise<MicroPython>;
}

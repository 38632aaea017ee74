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
  }

  export function loadMicroPython(options: {
    heapsize?: number;
    linebuffer?: boolean;
    stdout?: (bytes: Uint8Array) => void;
  }): Promise<MicroPython>;
}

/** The flash as files, the ROM's message, and the heap that the board presents. */
import test from 'ava';
import { resetCause, romMessage, sdkResetReason } from '../../../drivers/virtual/esp8266/chip/rom.js';
import {
  type Files,
  MODULES_DIRECTORY,
  readFlash,
  writeFlash,
  writeModules,
} from '../../../drivers/virtual/esp8266/flash.js';
import { compileInterpreter } from '../../../drivers/virtual/esp8266/interpreter/compile.js';
import { instrument } from '../../../drivers/virtual/esp8266/interpreter/instrument.js';
import { startInterpreter } from '../../../drivers/virtual/esp8266/interpreter/load.js';
import { parseRomMessage } from '../../../rig/run/console-watch.js';

const text = (content: string) => new TextEncoder().encode(content);

const quietHost = {
  outOfFuel: () => undefined,
  collect: () => undefined,
  heapLow: () => false,
  outOfTurns: () => undefined,
  lockedUp: () => undefined,
  ticksMs: () => 0,
  randomU32: () => 4,
  print: () => undefined,
};
const fileSystem = async () => (await startInterpreter(compileInterpreter(), quietHost)).python.FS;

test.serial(
  'what is written to the flash is read back, folders and bytes of any value included',
  async (t) => {
    const fs = await fileSystem();
    const files: Files = new Map([
      ['main.py', text('print(1)')],
      ['lib/deep/er/module.py', text('x = 1')],
      ['home/kept.txt', text('kept')],
      ['tmp/kept.txt', text('kept too')],
      ['data.bin', Uint8Array.from({ length: 256 }, (_, index) => index)],
      ['empty', new Uint8Array(0)],
    ]);
    writeModules(fs, new Map([['machine.py', text('board')]]));
    writeFlash(fs, files);
    t.deepEqual(new Map([...readFlash(fs)].sort()), new Map([...files].sort()));
    t.deepEqual(fs.readFile(`${MODULES_DIRECTORY}/machine.py`), text('board'));
  },
);

test.serial('native and viper functions are taken as bytecode; no other decorator is', async (t) => {
  const host = { ...quietHost, print: (byte: number) => printed.push(byte) };
  const printed: number[] = [];
  const { python } = await startInterpreter(compileInterpreter(), host);
  python.runPython(
    '@micropython.native\ndef f(): return 1\n@micropython.viper\ndef g(x: int) -> int: return x\nprint(f() + g(2))',
  );
  t.is(Buffer.from(printed).toString(), '3\n');
  for (const decorator of ['micropython.asm_xtensa', 'micropython.native.x', 'micropython.names']) {
    t.throws(() => python.runPython(`@${decorator}\ndef f(): pass`), {
      message: /invalid micropython decorator/,
    });
  }
});

test("the ROM's message is one that the console watch knows, for every cause and mode", (t) => {
  for (const cause of Object.values(resetCause)) {
    for (let mode = 0; mode < 8; mode += 1)
      t.deepEqual(parseRomMessage(romMessage(cause, mode)), { cause, mode });
  }
});

test("the SDK's reasons for a reset follow the ROM's causes", (t) => {
  t.deepEqual(Object.values(resetCause).map(sdkResetReason), [0, 6, 4, 1]);
});

test('a module that is no MicroPython is refused by the instrumentation', (t) => {
  // Magic number and version of WebAssembly, and nothing else.
  t.throws(() => instrument(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)), {
    message: /No bytecode dispatch found/,
  });
});

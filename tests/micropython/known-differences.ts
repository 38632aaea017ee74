/** Tests of MicroPython that come out differently on the virtual board, and why. docs/micropython-tests.md tells the same. */

const NO_MACHINE_CODE =
  'native and viper functions run as bytecode here, so a viper function has no machine types';
const NO_TLS = 'for mbedTLS; the port, and so the virtual board, has the TLS of axTLS, as a client';
const NO_BLOCK_DEVICES = 'the flash is kept as files: no file system is made on a block device';
const NO_BTREE = 'the virtual board has no btree';
const NO_EMERGENCY_BUFFER =
  'the interpreter is built without a buffer for exceptions when the heap is locked';
const COMPUTER_ONLY = 'of a computer: upstream runs it on no board';
const PYTHON_FOR_C = 'a module that is Python here and C on a chip';

/** By name; a `*` at the end stands for any rest. The first that fits counts. */
const DIFFERENCES: readonly (readonly [test: string, reason: string])[] = [
  ['basics/builtin_help.py', `help is ${PYTHON_FOR_C}: help(help) shows its name`],
  [
    'basics/builtin_pow3_intbig.py',
    'takes longer than the watchdog waits; the port has no pow() of three numbers',
  ],
  ['basics/exception_chain.py', COMPUTER_ONLY],
  ['basics/module2.py', `sys is ${PYTHON_FOR_C}: it can be written to`],
  ['basics/sys_tracebacklimit.py', `sys is ${PYTHON_FOR_C}: it can be written to; the port has no limit`],
  ['extmod/asyncio_heaplock.py', `asyncio.core is ${PYTHON_FOR_C}: its sleep takes from the heap`],
  // Not in every run: a star, so that nobody is told when it passes.
  ['extmod/asyncio_fair*', 'tasks that poll without end: time is skipped ahead by up to 10 ms'],
  ['extmod/btree*', NO_BTREE],
  [
    'extmod/deflate_compress.py',
    'wants a window of 32 KB, which a heap of 36 KB has not; the port cannot compress',
  ],
  ['extmod/machine_i2s_rate.py', 'neither the port nor the virtual board has I2S'],
  ['extmod/machine_spi_rate.py', 'the virtual board has no SPI'],
  ['extmod/ssl_*', NO_TLS],
  ['extmod/vfs_blockdev*', NO_BLOCK_DEVICES],
  ['extmod/vfs_fat_*', NO_BLOCK_DEVICES],
  ['extmod/vfs_lfs_*', NO_BLOCK_DEVICES],
  ['extmod/websocket_basic.py', 'the virtual board has no websocket'],
  ['import/builtin_ext.py', 'a file in flash does not hide a built-in module'],
  ['import/import_file.py', COMPUTER_ONLY],
  ['io/argv.py', COMPUTER_ONLY],
  ['io/file_stdio*', COMPUTER_ONLY],
  ['stress/recursive_iternext.py', 'the stack of the interpreter is larger than that of a chip'],
  ['micropython/emg_exc.py', NO_EMERGENCY_BUFFER],
  ['micropython/heapalloc_exc_compressed_emg_exc.py', NO_EMERGENCY_BUFFER],
  ['micropython/meminfo.py', COMPUTER_ONLY],
  ['micropython/native_fun_attrs_code.py', NO_MACHINE_CODE],
  ['micropython/viper_*', NO_MACHINE_CODE],
];

/** Why the test may fail; undefined when it must pass. */
export function knownDifference(name: string): string | undefined {
  return DIFFERENCES.find(([test]) => fits(name, test))?.[1];
}

/** True when the list names this very test, and not a group in which some pass. */
export function isNamedDifferent(name: string): boolean {
  return DIFFERENCES.some(([test]) => test === name);
}

function fits(name: string, test: string): boolean {
  return test.endsWith('*') ? name.startsWith(test.slice(0, -1)) : name === test;
}

/**
 * The one module through which the board's Python modules reach the chip. Only integers, strings and None
 * cross; buffers cross as addresses in the interpreter's memory; errors are negative errno.
 */
import { FLASH_BYTES, FLASH_ID } from '../rom/flash-memory.js';
import { aesFunctions } from './aes.js';
import type { Chip } from './chip.js';
import { clockFunctions, rtcFunctions, watchdogFunctions } from './clock-functions.js';
import { HEAP_BYTES } from './heap.js';
import { socketFunctions, wifiFunctions } from './network-functions.js';
import { sha1Functions } from './sha1.js';
import { TICKS_MASK } from './ticks.js';
import { tlsFunctions } from './tls.js';
import { i2cFunctions, i2cTargetFunctions, pinFunctions } from './wire-functions.js';

/** What `gc.collect()` takes. An assumption: a few milliseconds for a heap of this size. */
const COLLECT_US = 3_000;

/** The functions of the `_board` module, for `registerJsModule`. */
export function boardModule(chip: Chip): object {
  return {
    ...clockFunctions(chip),
    ...rtcFunctions(chip),
    ...watchdogFunctions(chip),
    ...pinFunctions(chip),
    ...i2cFunctions(chip),
    ...i2cTargetFunctions(chip),
    ...wifiFunctions(chip),
    ...socketFunctions(chip),
    ...systemFunctions(chip),
    ...aesFunctions(chip),
    ...sha1Functions(chip),
    ...tlsFunctions(chip),
  };
}

function systemFunctions(chip: Chip): object {
  const { cpu, heap, uart, receiver } = chip;
  return {
    on_interrupt: (dispatch: (kind: number, number: number) => void) => {
      chip.onInterrupt(dispatch);
      return 0;
    },
    interrupts: (enabled: number) => (cpu.setInterruptsEnabled(enabled === 1) ? 1 : 0),
    random_u32: () => chip.randomU32() & TICKS_MASK,
    cpu_freq: () => cpu.frequencyHz,
    set_cpu_freq: (hertz: number) => {
      cpu.frequencyHz = hertz;
      return 0;
    },
    unique_id: () => chip.mac.slice(-8),
    gc_collect: () => {
      chip.collectGarbage();
      cpu.spend(COLLECT_US);
      return 0;
    },
    heap_total: () => HEAP_BYTES,
    heap_used: () => heap.used(),
    code_loading: () => {
      heap.codeLoading();
      return 0;
    },
    code_loaded: () => {
      heap.codeLoaded();
      return 0;
    },
    reset: () => {
      chip.reset();
      return 0;
    },
    deep_sleep: (ms: number) => {
      chip.deepSleep(ms);
      return 0;
    },
    reset_cause: () => chip.resetCause,
    heed_keyboard: (heeds: number) => {
      chip.heedKeyboard(heeds === 1);
      return 0;
    },
    main_file: () => chip.mainFile,
    soft_reset: () => {
      chip.softReset();
      return 0;
    },
    uart_any: () => receiver.available(),
    uart_read: (count: number) => String.fromCharCode(...receiver.read(count)),
    uart_readinto: (address: number, length: number) => {
      const bytes = receiver.read(length);
      chip.memory(address, length).set(bytes);
      return bytes.length;
    },
    uart_write: (address: number, length: number) => {
      uart.send(chip.memory(address, length).slice());
      return 0;
    },
    flash_size: () => FLASH_BYTES,
    flash_id: () => FLASH_ID,
  };
}

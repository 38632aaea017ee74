/**
 * The one module through which the board's Python modules reach the chip. Only integers, strings and None
 * cross; buffers cross as addresses in the interpreter's memory; errors are negative errno.
 */
import { FLASH_BYTES, FLASH_ID } from '../rom/flash-memory.js';
import { aesFunctions } from './aes.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import { HEAP_BYTES, type Heap } from './heap.js';
import type { I2cController } from './i2c.js';
import type { I2cTarget } from './i2c-target.js';
import type { Pins } from './pins.js';
import type { Rtc } from './rtc.js';
import { sha1Functions } from './sha1.js';
import type { Sockets } from './sockets.js';
import type { Timers } from './timers.js';
import type { Uart } from './uart.js';
import type { UartReceiver } from './uart-receiver.js';
import type { Watchdog } from './watchdog.js';
import type { WifiStation } from './wifi-station.js';

/** `ticks_ms` and `ticks_us` wrap here: small integers of the port have 31 bits. */
const TICKS_MASK = 0x3fff_ffff;
/** What `gc.collect()` takes on the chip with a heap of this size: a few milliseconds. */
const COLLECT_US = 3_000;
const STATION_INTERFACE = 0;
const ACCESS_POINT_INTERFACE = 1;

export interface Chip {
  readonly cpu: Cpu;
  readonly pins: Pins;
  readonly timers: Timers;
  readonly i2c: I2cController;
  readonly i2cTarget: I2cTarget;
  readonly wifi: WifiStation;
  readonly sockets: Sockets;
  readonly uart: Uart;
  readonly receiver: UartReceiver;
  readonly heap: Heap;
  readonly rtc: Rtc;
  readonly watchdog: Watchdog;
  /** The six bytes of the station's MAC address, as hexadecimal digits. */
  readonly mac: string;
  readonly hostname: string;
  /** As `machine.reset_cause()` gives it. */
  readonly resetCause: number;
  randomU32(): number;
  /** Name resolution on the bench's network; undefined when there is no such name. */
  resolve(host: string): string | undefined;
  collectGarbage(): void;
  /** Resets the chip by its own software. */
  reset(): void;
  /** Stops the chip until its clock wakes it after `ms`, or until a reset when that is 0. */
  deepSleep(ms: number): void;
  /** Whether Ctrl-C interrupts the program. */
  heedKeyboard(heeds: boolean): void;
  /** The file that is run after boot.py; empty for none. */
  readonly mainFile: string;
  /** The program has ended by SystemExit: the interpreter is to start over. */
  softReset(): void;
  onInterrupt(dispatch: (kind: number, number: number) => void): void;
  /** A view of the interpreter's memory, valid until it next runs. */
  memory(address: number, length: number): Uint8Array;
}

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
  };
}

function clockFunctions({ cpu }: Chip): object {
  const ticks = (unitUs: number) => () => {
    cpu.work(costs.ticksUs);
    cpu.observed();
    return Math.floor(cpu.uptimeUs() / unitUs) & TICKS_MASK;
  };
  return {
    ticks_ms: ticks(1_000),
    ticks_us: ticks(1),
    sleep_us: (us: number) => {
      cpu.sleepUntil(cpu.now() + us);
      return 0;
    },
    sleep_ms: (ms: number) => {
      cpu.sleepUntil(cpu.now() + ms * 1_000);
      return 0;
    },
    idle: (timeoutMs: number) => {
      idle(cpu, timeoutMs);
      return 0;
    },
  };
}

function rtcFunctions({ cpu, rtc, memory }: Chip): object {
  let readUs = 0;
  return {
    rtc_seconds: () => {
      readUs = rtc.readUs(cpu.now());
      return Math.floor(readUs / 1_000_000);
    },
    // What `rtc_seconds` left over at its last call: two numbers, because one would not fit in 31 bits.
    rtc_us: () => readUs - Math.floor(readUs / 1_000_000) * 1_000_000,
    rtc_set: (seconds: number, us: number) => {
      rtc.setUs(seconds * 1_000_000 + us, cpu.now());
      return 0;
    },
    rtc_memory_length: () => rtc.userMemory.length,
    rtc_memory_read: (address: number, length: number) => {
      memory(address, length).set(rtc.userMemory);
      return 0;
    },
    rtc_memory_write: (address: number, length: number) => {
      rtc.userMemory = memory(address, length).slice();
      return 0;
    },
  };
}

function watchdogFunctions({ watchdog }: Chip): object {
  return {
    wdt_start: () => {
      watchdog.arm();
      return 0;
    },
    wdt_feed: () => {
      watchdog.feed();
      return 0;
    },
  };
}

/** A pass of an event loop: sleeps until an event or the timeout; with none to sleep, it is polling. */
function idle(cpu: Cpu, timeoutMs: number): void {
  cpu.work(costs.loopPassUs);
  if (timeoutMs === 0) {
    cpu.observed();
    return;
  }
  cpu.progress();
  cpu.waitForEvent(timeoutMs < 0 ? Number.POSITIVE_INFINITY : cpu.now() + timeoutMs * 1_000);
}

function pinFunctions({ pins, timers, watchdog }: Chip): object {
  return {
    pin_mode: (pin: number, mode: number) => {
      pins.configure(pin, mode);
      return 0;
    },
    // `Pin.value()` in one call: a read without a level, else a write.
    pin_value: (pin: number, level?: unknown) => {
      if (level === undefined || level === null) return pins.read(pin);
      pins.write(pin, level === 0 || level === false ? 0 : 1);
      return null;
    },
    pin_write: (pin: number, level: number) => {
      pins.write(pin, level);
      return 0;
    },
    pin_irq: (pin: number, trigger: number, hard?: boolean) => {
      pins.setTrigger(pin, trigger);
      if (hard !== undefined) watchdog.setHard(pin, Boolean(hard));
      return 0;
    },
    timer_start: (timer: number, periodMs: number, periodic: number) => {
      timers.start(timer, periodMs, Boolean(periodic));
      return 0;
    },
    timer_stop: (timer: number) => {
      timers.stop(timer);
      return 0;
    },
  };
}

function i2cFunctions({ i2c, memory }: Chip): object {
  return {
    i2c_init: (scl: number, sda: number, hertz: number, timeoutUs: number) => {
      i2c.configure({ scl, sda, hertz, timeoutUs });
      return 0;
    },
    i2c_read: (address: number, buffer: number, length: number) =>
      i2c.read(address, () => memory(buffer, length)),
    i2c_write: (address: number, buffer: number, length: number) =>
      i2c.write(address, memory(buffer, length).slice()),
    i2c_probe: (address: number) => (i2c.probe(address) ? 1 : 0),
  };
}

function i2cTargetFunctions({ i2cTarget, memory }: Chip): object {
  return {
    // Without memory, its address is that of no object.
    i2c_target_start: (address: number, buffer: number, length: number, addressBytes: number) => {
      const bytes = () => memory(buffer, length);
      i2cTarget.start(address, buffer === 0 ? undefined : { lengthBytes: length, addressBytes, bytes });
      return 0;
    },
    i2c_target_stop: () => {
      i2cTarget.stop();
      return 0;
    },
    i2c_target_irq: (trigger: number) => {
      i2cTarget.setTrigger(trigger);
      return 0;
    },
    i2c_target_write: (buffer: number, length: number) => i2cTarget.write(memory(buffer, length).slice()),
    i2c_target_readinto: (buffer: number, length: number) => i2cTarget.readInto(memory(buffer, length)),
    i2c_target_memaddr: () => i2cTarget.selected,
  };
}

function wifiFunctions({ wifi, mac, hostname }: Chip): object {
  let accessPointActive = 1;
  const configuration: Record<string, () => string | number> = {
    ssid: () => wifi.ssid,
    mac: () => mac,
    rssi: () => -60,
    channel: () => 6,
    dhcp_hostname: () => hostname,
  };
  return {
    wifi_active: (networkInterface: number, value: number) => {
      if (networkInterface === ACCESS_POINT_INTERFACE) {
        if (value >= 0) accessPointActive = value;
        return accessPointActive;
      }
      if (networkInterface === STATION_INTERFACE && value >= 0) wifi.setActive(value === 1);
      return wifi.isActive() ? 1 : 0;
    },
    wifi_connect: (ssid: string | null, passphrase: string | null) => {
      wifi.connect(ssid, passphrase);
      return 0;
    },
    wifi_disconnect: () => {
      wifi.disconnect();
      return 0;
    },
    wifi_scan: () => wifi.scan() ?? '',
    wifi_status: () => wifi.currentStatus(),
    wifi_connected: () => (wifi.isConnected() ? 1 : 0),
    wifi_ifconfig: (index: number) => {
      const address = wifi.ipAddress();
      if (address === '0.0.0.0') return address;
      const gateway = address.replace(/\.\d+$/, '.1');
      return [address, '255.255.255.0', gateway, gateway][index] ?? '0.0.0.0';
    },
    wifi_config: (key: string) => configuration[key]?.() ?? '',
  };
}

function socketFunctions({ sockets, memory, resolve }: Chip): object {
  return {
    sock_new: () => sockets.create(),
    sock_connect: (id: number, address: string, port: number) => sockets.connect(id, address, port),
    sock_bind: (id: number, port: number) => sockets.bind(id, port),
    sock_listen: (id: number, backlog: number) => sockets.listen(id, backlog),
    sock_accept: (id: number) => sockets.acceptCall(id),
    sock_remote: (id: number) => sockets.remoteOf(id),
    sock_poll: (id: number, mask: number) => sockets.poll(id, mask),
    sock_wait: (id: number, mask: number, timeoutMs: number) => sockets.wait(id, mask, timeoutMs),
    sock_error: (id: number) => sockets.takeError(id),
    sock_recv: (id: number, buffer: number, length: number) => sockets.receive(id, memory(buffer, length)),
    sock_send: (id: number, buffer: number, length: number) => sockets.send(id, memory(buffer, length)),
    sock_ram: () => sockets.ramBytes,
    sock_close: (id: number) => {
      sockets.close(id);
      return 0;
    },
    resolve: (host: string) => resolve(host) ?? null,
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

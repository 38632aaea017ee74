/** Functions of the `_board` module: ticks, sleeping, the real-time clock and the watchdog. */
import type { Chip } from './chip.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import { TICKS_MASK } from './ticks.js';

/** Ticks, sleeps, and the passes of an event loop. */
export function clockFunctions({ cpu }: Chip): object {
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

/** The real-time clock, and the memory beside it. */
export function rtcFunctions({ cpu, rtc, memory }: Chip): object {
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

/** `machine.WDT`. */
export function watchdogFunctions({ watchdog }: Chip): object {
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
